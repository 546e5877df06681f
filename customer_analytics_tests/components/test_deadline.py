"""The deadline: yesterday is published by then, or a run says why not."""

from datetime import UTC, datetime

import dagster as dg

from customer_analytics.components.resources import build_resources
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company, failure_of


def at_deadline(company: Company, day: int = 4) -> dg.RunRequest | dg.SkipReason:
    schedule = company.definitions.get_schedule_def("orders_deadline")
    context = dg.build_schedule_context(
        instance=company.instance,
        scheduled_execution_time=datetime(2026, 11, day, 6, tzinfo=UTC),
        resources=build_resources(Settings()),
    )
    result = schedule(context)
    assert isinstance(result, dg.RunRequest | dg.SkipReason)
    return result


def test_a_published_day_needs_nothing(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    company.materialize("orders", day="2026-11-03")
    assert isinstance(at_deadline(company), dg.SkipReason)


def test_a_missing_day_is_asked_for_and_its_run_says_that_it_has_not_landed(company: Company) -> None:
    request = at_deadline(company)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-11-03"
    assert "has not landed" in failure_of(company.materialize("orders", day="2026-11-03"))


def test_after_the_last_partition_nothing_is_asked_for(company: Company) -> None:
    assert isinstance(at_deadline(company, day=20), dg.SkipReason)


def test_every_source_has_a_deadline_and_a_flag_sensor_that_run_from_the_start(company: Company) -> None:
    repository = company.definitions.get_repository_def()
    for source in ("orders", "support_tickets", "marketing_events"):
        assert repository.get_schedule_def(f"{source}_deadline").default_status is dg.DefaultScheduleStatus.RUNNING
        assert repository.get_sensor_def(f"{source}_flag").default_status is dg.DefaultSensorStatus.RUNNING
