"""The page of the day: written from the snapshot for whatever day is asked for, and by itself for the newest one."""

import re

import dagster as dg
import pytest

from customer_analytics.components.resources import build_resources
from customer_analytics.components.runs import load_tag
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company, failure_of, outcomes
from customer_analytics_tests.run_events import dies_at_work

REPORT = "customer_health_report"


def look(company: Company) -> dg.RunRequest | str:
    """One tick of the sensor."""
    with dg.build_sensor_context(
        instance=company.instance, resources=build_resources(Settings()), definitions=company.definitions
    ) as context:
        result = company.definitions.get_sensor_def(f"{REPORT}_due")(context)
    if isinstance(result, dg.SkipReason):
        return str(result.skip_message)
    assert isinstance(result, dg.RunRequest)
    return result


@pytest.fixture
def two_days(company: Company) -> Company:
    """Orders and tickets of two days, and all that is derived from them."""
    company.land_good_orders("2026-11-01", "2026-11-02")
    company.land_tickets("2026-11-01", "alice", "alice")
    company.land_tickets("2026-11-02", "alice")
    sources = ("orders", "support_tickets")
    assert company.materialize(*sources, *DERIVED_ASSETS, days=("2026-11-01", "2026-11-02")).success
    return company


def test_a_day_has_a_page_a_call_list_checks_and_pictures(two_days: Company) -> None:
    result = two_days.materialize(REPORT, days=("2026-11-01", "2026-11-02"))
    assert result.success
    page = (two_days.data / "reports" / "customer_health_2026-11-02.html").read_text(encoding="utf-8")
    assert "alice" in page
    assert re.search(r"(?i)</html>\s*$", page)
    listed = (two_days.data / "exports" / "at_risk_2026-11-02.csv").read_text(encoding="utf-8-sig")
    assert listed.startswith('"call_rank","customer_id","outreach",')
    events = {event.partition: event.metadata for event in result.asset_materializations_for_node(REPORT)}
    assert events["2026-11-02"]["page"].value == str(two_days.data / "reports" / "customer_health_2026-11-02.html")
    pictures = {day: sum("data:image/png" in str(each.value) for each in said.values()) for day, said in events.items()}
    assert pictures["2026-11-01"] == 0
    assert pictures["2026-11-02"] >= 1
    assert outcomes(result)["2026-11-02", "fits_a_mail"] is True


def test_what_must_not_be_used_warns(two_days: Company) -> None:
    two_days.materialize(*DERIVED_ASSETS, day="2026-11-03")
    result = two_days.materialize(REPORT, day="2026-11-03")
    assert outcomes(result)["2026-11-03", "numbers_can_be_used"] is False


def test_before_anything_is_computed_it_says_so(company: Company) -> None:
    result = company.materialize(REPORT, day="2026-11-01")
    assert not result.success
    assert "materialize what it tells of first" in failure_of(result)


def test_the_newest_day_is_asked_for_once_and_again_when_it_was_computed_anew(two_days: Company) -> None:
    first = look(two_days)
    assert isinstance(first, dg.RunRequest)
    assert first.partition_key == "2026-11-02"
    assert look(two_days) == first
    two_days.materialize("at_risk_customers", day="2026-11-02")
    again = look(two_days)
    assert isinstance(again, dg.RunRequest)
    assert again.run_key != first.run_key


def test_a_report_that_failed_is_asked_for_again_until_it_is_paused(two_days: Company) -> None:
    keys = set()
    for _ in range(3):
        asked = look(two_days)
        assert isinstance(asked, dg.RunRequest)
        keys.add(asked.run_key)
        run = two_days.instance.add_run(dg.DagsterRun(job_name="job", tags={load_tag(REPORT): "started"}))
        dies_at_work(two_days.instance, run)
    assert len(keys) == 3
    assert re.fullmatch(r"Paused until .*: 3 loads failed in a row", str(look(two_days)))


def test_nothing_is_asked_for_before_a_day_is_whole(company: Company) -> None:
    words = "There is no day yet of which everything is computed."
    assert look(company) == words
    company.land_good_orders("2026-11-01")
    company.materialize("orders", "customer_lifetime_value", day="2026-11-01")
    assert look(company) == words
