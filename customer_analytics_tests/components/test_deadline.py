"""The deadline: yesterday is published by then, or a run says why not."""

from datetime import UTC, date, datetime

import dagster as dg

from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.partitions import daily_partitions
from customer_analytics.components.resources import build_resources
from customer_analytics.components.runs import requested
from customer_analytics.components.source_automation import build_deadline_schedule
from customer_analytics.contracts.contract import load_contract
from customer_analytics.contracts.policy import SourcePolicy
from customer_analytics.contracts.schedule import DeliverySchedule, WithoutDelivery
from customer_analytics.contracts.source import Source
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company, failure_of


def morning(company: Company, day: int) -> dg.ScheduleEvaluationContext:
    """The tick at the deadline, 06:00 on the day."""
    return dg.build_schedule_context(
        instance=company.instance,
        scheduled_execution_time=datetime(2026, 11, day, 6, tzinfo=UTC),
        resources=build_resources(Settings()),
    )


def at_deadline(company: Company, day: int = 4) -> dg.RunRequest | dg.SkipReason:
    with morning(company, day) as context:
        result = company.definitions.get_schedule_def("orders_deadline")(context)
    assert isinstance(result, dg.RunRequest | dg.SkipReason)
    return result


def test_a_published_day_needs_nothing(lasting: Company) -> None:
    lasting.land_good_orders("2026-11-03")
    lasting.materialize("orders", day="2026-11-03")
    assert isinstance(at_deadline(lasting), dg.SkipReason)


def test_a_missing_day_is_asked_for_and_its_run_says_that_it_has_not_landed(lasting: Company) -> None:
    request = at_deadline(lasting)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-11-03"
    assert "has not landed" in failure_of(lasting.materialize("orders", day="2026-11-03"))


def test_after_the_last_partition_nothing_is_asked_for(lasting: Company) -> None:
    assert isinstance(at_deadline(lasting, day=20), dg.SkipReason)


def test_every_source_has_a_deadline_and_a_flag_sensor_that_run_from_the_start(lasting: Company) -> None:
    repository = lasting.definitions.get_repository_def()
    for source in ("orders", "support_tickets", "marketing_events"):
        assert repository.get_schedule_def(f"{source}_deadline").default_status is dg.DefaultScheduleStatus.RUNNING
        assert repository.get_sensor_def(f"{source}_flag").default_status is dg.DefaultSensorStatus.RUNNING


def test_a_day_that_is_being_loaded_is_not_asked_for_again(lasting: Company) -> None:
    run = dg.DagsterRun(
        job_name="__ASSET_JOB",
        status=dg.DagsterRunStatus.STARTED,
        tags={**requested("orders"), "dagster/partition": "2026-11-03"},
    )
    lasting.instance.add_run(run)
    result = at_deadline(lasting)
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "orders 2026-11-03 is being loaded."


def test_a_day_without_delivery_is_not_asked_for(lasting: Company) -> None:
    times = DeliverySchedule(without_delivery=WithoutDelivery(days=frozenset({date(2026, 11, 3)})))
    source = Source("orders", load_contract("customer_analytics.contracts.orders.Orders"), SourcePolicy(), times)
    asset = lasting.definitions.get_assets_def(dg.AssetKey("orders"))
    schedule = build_deadline_schedule(source, asset, daily_partitions(Settings()), BreakerPolicy())
    with morning(lasting, day=4) as context:
        result = schedule(context)
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "No delivery of orders is expected for 2026-11-03."
    with morning(lasting, day=5) as context:
        assert isinstance(schedule(context), dg.RunRequest)
