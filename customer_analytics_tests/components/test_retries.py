"""What may pass by itself is tried again, patiently and not for ever; what is wrong is not."""

import errno
from datetime import date

import dagster as dg
import pytest

from customer_analytics.components.catalog import declared_sources
from customer_analytics.components.declarations import Retries
from customer_analytics.components.partitions import daily_partitions
from customer_analytics.components.resources import build_resources
from customer_analytics.components.runs import load_tag
from customer_analytics.components.source_asset import build_source_asset
from customer_analytics.landing.folder import Delivery, LandingArea
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import ORDERS_HEADER, Company

DAY = "2026-11-01"


def load(company: Company, max_retries: int) -> dg.ExecuteInProcessResult:
    """A run of orders."""
    [source] = [source for source in declared_sources() if source.name == "orders"]
    retries = Retries(max_retries=max_retries).policy()
    asset = build_source_asset(source, dg.AssetSpec("orders"), daily_partitions(Settings()), retries)
    return dg.materialize(
        [asset],
        partition_key=DAY,
        instance=company.instance,
        resources=build_resources(Settings()),
        raise_on_error=False,
    )


@pytest.fixture
def opened(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Storage that does not answer the first two times; the days that it was asked for."""
    company.land_good_orders(DAY)
    asked: list[date] = []
    usual = LandingArea.open

    def open_at_last(area: LandingArea, source: str, day: date) -> Delivery:
        asked.append(day)
        if len(asked) <= 2:
            raise OSError(errno.EIO, "Input/output error", f"landing/{source}/{day}")
        return usual(area, source, day)

    monkeypatch.setattr(LandingArea, "open", open_at_last)
    return asked


def test_storage_that_answers_at_last_is_asked_until_then(company: Company, opened: list[date]) -> None:
    result = load(company, max_retries=3)
    assert result.success
    assert len(opened) == 3
    assert company.query("select count(*) from sources.orders") == [(2,)]
    assert company.query("select count(*) from quality.loads") == [(1,)]


def test_after_so_many_tries_the_run_fails_and_says_what_did_not_answer(company: Company, opened: list[date]) -> None:
    result = load(company, max_retries=1)
    assert not result.success
    assert len(opened) == 2
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "orders 2026-11-01 cannot be read: Input/output error" in str(failure.event_specific_data)
    run = company.instance.get_run_by_id(result.run_id)
    assert run
    assert run.tags[load_tag("orders")] == "started", "nothing was judged: a failed load, not a day held back"


def test_a_delivery_that_is_wrong_is_tried_once(company: Company) -> None:
    company.land_bad_orders(DAY)
    result = load(company, max_retries=3)
    assert not result.success
    assert not [event for event in result.all_events if event.is_step_up_for_retry]


def test_a_fault_of_the_code_is_tried_once(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.land_good_orders(DAY)
    monkeypatch.setattr(LandingArea, "open", lambda *_: 1 / 0)
    result = load(company, max_retries=3)
    assert not result.success
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "ZeroDivisionError" in str(failure.event_specific_data)


def test_waits_grow_and_are_spread() -> None:
    policy = Retries(max_retries=5, delay_seconds=10).policy()
    assert policy.backoff is dg.Backoff.EXPONENTIAL
    assert policy.jitter is dg.Jitter.PLUS_MINUS


def test_a_day_that_another_one_changed_is_recorded_though_the_run_had_to_try_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, tried = LandingArea.open, []

    def open_at_last(area: LandingArea, source: str, day: date) -> Delivery:
        if day == date(2026, 11, 2):
            tried.append(day)
            if len(tried) == 1:
                raise OSError(errno.EIO, "Input/output error", f"landing/{source}/{day}")
        return usual(area, source, day)

    monkeypatch.setattr(LandingArea, "open", open_at_last)
    shared = f"{ORDERS_HEADER}O-1,alice,2026-11-01 09:00:00,10.00,paid\n"
    company.land("orders", "2026-11-03", shared.replace("11-01", "11-03") + "O-2,bob,2026-11-03,1.00,paid\n")
    company.materialize("orders", day="2026-11-03")
    company.land("orders", "2026-11-01", shared)
    company.land_good_orders("2026-11-02")
    assert company.materialize("orders", days=("2026-11-01", "2026-11-02")).success
    assert len(tried) == 2
    recorded = company.instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey("orders"), asset_partitions=["2026-11-03"]), limit=10
    ).records
    metadata = [record.asset_materialization.metadata for record in recorded if record.asset_materialization]
    assert [each["dagster/partition_row_count"].value for each in metadata] == [1, 2]
