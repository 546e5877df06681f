"""When readers get a new snapshot: once in a run, by its last asset, or by its end where that does not come."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_analytics.components import as_of_asset, resources
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.connection import current_holder, open_warehouse
from customer_analytics.warehouse.retention import keep_latest_days
from customer_analytics_tests.components.conftest import Company
from customer_analytics_tests.scenario import open_at

DAYS = ("2026-11-01", "2026-11-02")
EVERYTHING_OF_ORDERS = (
    "customer_aliases",
    "orders",
    "customer_lifetime_value",
    "customer_features",
    "forecast_backtest",
    "customer_value_forecast",
    "at_risk_customers",
)


@pytest.fixture
def snapshots(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was there when readers got a snapshot: the assets that had computed days, by name."""
    found: list[list[str]] = []

    def noted(connection: duckdb.DuckDBPyConnection, serving: Path) -> None:
        rows = connection.execute("select distinct asset from marts.as_of_days order by asset").fetchall()
        found.append([asset for (asset,) in rows])
        refresh_serving(connection, serving)

    monkeypatch.setattr(resources, "refresh_serving", noted)
    company.land_good_orders(*DAYS)
    return found


def readers_see(company: Company, table: str) -> int:
    with duckdb.connect(str(company.data / "serving.duckdb"), read_only=True) as snapshot:
        [(rows,)] = snapshot.execute(f"select count(*) from {table}").fetchall()
    return int(rows)


def test_a_run_of_everything_gives_readers_one_snapshot(company: Company, snapshots: list[list[str]]) -> None:
    assert company.materialize(*EVERYTHING_OF_ORDERS, "customer_health_report", days=DAYS).success
    assert snapshots == [sorted(EVERYTHING_OF_ORDERS[2:])]


def test_a_run_of_one_asset_gives_readers_a_snapshot_with_it(company: Company, snapshots: list[list[str]]) -> None:
    assert company.materialize("orders", days=DAYS).success
    assert company.materialize("customer_lifetime_value", days=DAYS).success
    assert snapshots == [[], ["customer_lifetime_value"]]


def test_readers_see_what_a_run_published_before_it_failed(
    company: Company, snapshots: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("customer_analytics.metrics.forecasting.compute.record_days", failing)
    assert not company.materialize(*EVERYTHING_OF_ORDERS, days=DAYS).success
    assert "customer_features" in snapshots[-1]
    assert readers_see(company, "sources.orders") == 4
    assert readers_see(company, "marts.customer_features") == 4


@pytest.fixture
def held(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the warehouse was opened for."""
    found: list[str] = []

    def noted(path: Path, purpose: str, **others: Any) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        found.append(purpose)
        return open_warehouse(path, purpose, **others)

    monkeypatch.setattr(resources, "open_warehouse", noted)
    company.land_good_orders(*DAYS)
    return found


def assert_closed(company: Company) -> None:
    with open_at(company.data / "warehouse.duckdb", timeout_seconds=0.1) as connection:
        connection.execute("begin transaction")


def test_a_run_opens_the_warehouse_once_and_says_what_it_is_at(company: Company, held: list[str]) -> None:
    assert company.materialize(*EVERYTHING_OF_ORDERS, "customer_health_report", days=DAYS).success
    assert [purpose.split(",")[0] for purpose in held] == ["customer_aliases"]
    holder = current_holder(company.data / "warehouse.duckdb")
    assert holder
    assert holder.purpose == "the snapshot for readers"
    assert_closed(company)


def test_an_asset_that_fails_or_is_held_back_leaves_the_warehouse_closed(
    company: Company, held: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    company.land_bad_orders(DAYS[1])
    assert not company.materialize("orders", "customer_lifetime_value", day=DAYS[1]).success
    assert_closed(company)
    monkeypatch.setattr("customer_analytics.metrics.as_of.record_days", None)
    assert not company.materialize(*EVERYTHING_OF_ORDERS, days=(DAYS[0], DAYS[0])).success
    assert_closed(company)
    assert len(held) > 2


def test_files_that_others_make_between_the_assets_of_a_run_are_not_only_for_their_owner(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []

    def noted(*_: object) -> None:
        found.append(os.umask(0o022))

    monkeypatch.setattr("customer_analytics.components.source_asset.note_outcome", noted)
    before = os.umask(0o022)
    company.land_good_orders(*DAYS)
    assert company.materialize("orders", "customer_lifetime_value", days=DAYS).success
    assert os.umask(before) == 0o022
    assert found == [0o022]


@pytest.mark.parametrize("left_out", ["", "forecast_backtest"])
def test_rows_of_days_stay_until_nothing_in_the_run_reads_them_any_more(
    company: Company, monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    company.land_good_orders(*DAYS)
    kept: list[tuple[str, int]] = []

    def noted(connection: duckdb.DuckDBPyConnection, table: str, days: int) -> None:
        listed = connection.execute("select count(*) from marts.at_risk_policies").fetchone()
        kept.append((table, listed[0] if listed else 0))
        keep_latest_days(connection, table, days)

    monkeypatch.setattr(as_of_asset, "keep_latest_days", noted)
    assert company.materialize(*(asset for asset in EVERYTHING_OF_ORDERS if asset != left_out), days=DAYS).success
    assert kept == [("marts.customer_features", 2), ("marts.customer_value_forecast", 2)]
