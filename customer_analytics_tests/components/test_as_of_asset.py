"""Derived days: computed from whatever is published, audited before they are seen, and copied for readers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import dagster as dg
import duckdb
import pytest

from customer_analytics.components.as_of_asset import Places, build_as_of_asset
from customer_analytics.components.declarations import DeclaredOutput, Retries
from customer_analytics.components.derived_assets import derived_assets
from customer_analytics.components.partitions import daily_partitions
from customer_analytics.components.resources import build_resources
from customer_analytics.metrics.at_risk.policy import AtRiskPolicy
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company, failure_of, outcomes
from customer_analytics_tests.end_to_end.project import held_open

VALUE = derived_assets(AtRiskPolicy())[0]

VALUE_CHECKS = {"one_row_per_customer", "no_orphans", "revenue_reconciles", "inputs_fresh", "on_time"}
RISK_CHECKS = {"one_row_per_customer", "no_orphans", "rule_holds", "inputs_fresh"}


def revenue(company: Company, database: str = "warehouse.duckdb") -> list[tuple[str, str, Decimal, int]]:
    """Day, customer, revenue and number of orders, as published."""
    with duckdb.connect(str(company.data / database), read_only=True) as connection:
        return connection.execute(
            """select as_of_date::varchar, customer_id, total_revenue, order_count
               from marts.customer_lifetime_value order by all"""
        ).fetchall()


def at_risk(company: Company) -> list[tuple[str, str, int, int]]:
    return company.query(
        """select as_of_date::varchar, customer_id, tickets_30d, high_priority_tickets_30d
           from marts.at_risk_customers order by all"""
    )


def warning(result: dg.ExecuteInProcessResult, day: str, check: str) -> tuple[str, list[str]]:
    """What a check that did not pass found on a day, and its sample."""
    [evaluation] = [
        each for each in result.get_asset_check_evaluations() if (each.partition, each.check_name) == (day, check)
    ]
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.WARN
    sample: Any = evaluation.metadata["sample"].value
    return str(evaluation.metadata["found"].value), sample


def test_a_day_is_computed_from_all_orders_delivered_by_then(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    result = company.materialize("orders", "customer_lifetime_value", days=("2026-11-01", "2026-11-02"))
    assert result.success
    assert company.materialize("customer_lifetime_value", day="2026-11-02").success
    assert revenue(company) == [
        ("2026-11-01", "alice", Decimal("10.00"), 1),
        ("2026-11-01", "bob", Decimal("20.50"), 1),
        ("2026-11-02", "alice", Decimal("20.00"), 2),
        ("2026-11-02", "bob", Decimal("41.00"), 2),
    ]


def test_a_single_day_has_its_checks_and_numbers_recorded_under_the_day(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    result = company.materialize("customer_lifetime_value", day="2026-11-01")
    assert outcomes(result) == {("2026-11-01", check): True for check in VALUE_CHECKS}
    [event] = result.asset_materializations_for_node("customer_lifetime_value")
    assert event.partition == "2026-11-01"
    assert (event.metadata["dagster/partition_row_count"].value, event.metadata["customers"].value) == (2, 2)


def test_each_day_of_a_range_has_its_own_checks_and_numbers(company: Company) -> None:
    company.land_tickets("2026-11-01", "alice", "alice")
    company.land_tickets("2026-11-02", "bob")
    company.land_tickets("2026-11-03", "bob")
    result = company.materialize("support_tickets", "at_risk_customers", days=("2026-11-01", "2026-11-03"))
    recorded = {(day, check): passed for (day, check), passed in outcomes(result).items() if check in RISK_CHECKS}
    assert recorded == {(f"2026-11-0{day}", check): True for day in (1, 2, 3) for check in RISK_CHECKS}
    counts = {
        event.partition: event.metadata["meet_ticket_rule"].value
        for event in result.asset_materializations_for_node("at_risk_customers")
    }
    assert counts == {"2026-11-01": 1, "2026-11-02": 1, "2026-11-03": 2}


def test_a_day_on_which_nothing_landed_is_computed_and_says_what_is_missing(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    result = company.materialize("customer_lifetime_value", days=("2026-11-02", "2026-11-03"))
    assert result.success
    assert [row for row in revenue(company) if row[1] == "alice"] == [
        ("2026-11-02", "alice", Decimal("10.00"), 1),
        ("2026-11-03", "alice", Decimal("10.00"), 1),
    ]
    assert warning(result, "2026-11-02", "inputs_fresh") == ("days missing: 1", ["2026-11-02"])
    found, sample = warning(result, "2026-11-03", "inputs_fresh")
    assert found == "days missing: 2"
    assert sorted(sample) == ["2026-11-02", "2026-11-03"]


def test_before_anything_was_published_a_day_is_computed_without_customers(company: Company) -> None:
    result = company.materialize("customer_lifetime_value", "at_risk_customers", day="2026-11-01")
    assert result.success
    assert (revenue(company), at_risk(company)) == ([], [])
    assert company.materialized("at_risk_customers") == ["2026-11-01"]


def test_refunds_lower_revenue_and_are_no_orders(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.land_orders("2026-11-02", "alice,2026-11-02 09:00:00,-4.00,refunded", "carol,2026-11-02,-1.00,refunded")
    assert company.materialize("orders", "customer_lifetime_value", days=("2026-11-01", "2026-11-02")).success
    assert revenue(company)[2:] == [
        ("2026-11-02", "alice", Decimal("6.00"), 1),
        ("2026-11-02", "bob", Decimal("20.50"), 1),
        ("2026-11-02", "carol", Decimal("-1.00"), 0),
    ]


def test_a_customer_who_only_ever_wrote_tickets_can_be_at_risk(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.land_tickets("2026-11-01", "zoe", "zoe", "zoe", priority="low")
    everything = ("orders", "support_tickets", "customer_lifetime_value", "at_risk_customers")
    assert company.materialize(*everything, day="2026-11-01").success
    assert at_risk(company) == [("2026-11-01", "zoe", 3, 0)]
    assert "zoe" not in {customer for _, customer, *_ in revenue(company)}


def doubling(connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime) -> None:
    """Computes as it should, and then gives every customer a second row."""
    VALUE.compute(connection, days, run_id, computed_at)
    connection.execute("insert into marts.customer_value_open from marts.customer_value_open")


def test_where_a_check_blocks_nothing_is_published_and_the_tables_keep_what_they_had(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    company.materialize("orders", "customer_lifetime_value", day="2026-11-01")
    company.materialize("orders", day="2026-11-02")
    before = revenue(company)
    right = company.definitions
    places = Places(Settings().serving_path, Settings().exports_dir, keep_days=92)
    tampered = build_as_of_asset(
        replace(VALUE, compute=doubling), DeclaredOutput(), daily_partitions(Settings()), places
    )
    company.definitions = dg.Definitions(assets=[tampered], resources=build_resources(Settings()))

    result = company.materialize("customer_lifetime_value", days=("2026-11-01", "2026-11-02"))
    assert not result.success
    assert "customer_lifetime_value keeps what it had" in failure_of(result)
    assert "2026-11-02: one_row_per_customer: customers with several rows: 2" in failure_of(result)
    assert outcomes(result)["2026-11-02", "one_row_per_customer"] is False
    assert revenue(company) == before
    assert revenue(company, "serving.duckdb") == before
    assert company.materialized("customer_lifetime_value") == ["2026-11-01"]
    assert company.query("select count(*) from marts.customer_value_open") == [(2,)]

    company.definitions = right
    assert company.materialize("customer_lifetime_value", days=("2026-11-01", "2026-11-02")).success
    assert [day for day, *_ in revenue(company)] == ["2026-11-01"] * 2 + ["2026-11-02"] * 2


def test_with_bad_days_in_a_range_nothing_is_derived_until_they_are_mended(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-03", "2026-11-05")
    company.land_bad_orders("2026-11-02", "2026-11-04")
    both, days = ("orders", "customer_lifetime_value"), ("2026-11-01", "2026-11-05")
    result = company.materialize(*both, days=days)
    assert not result.success
    assert "Held back: 2026-11-02, 2026-11-04" in failure_of(result)
    assert company.materialized("orders") == ["2026-11-01", "2026-11-03", "2026-11-05"]
    assert company.materialized("customer_lifetime_value") == []
    assert company.query("select count(*) from marts.as_of_days") == [(0,)]

    company.land_good_orders("2026-11-02", "2026-11-04")
    assert company.materialize(*both, days=days).success
    assert [row[2:] for row in revenue(company) if row[1] == "alice"] == [(Decimal(10 * n), n) for n in range(1, 6)]


@pytest.mark.parametrize("asset", ["customer_lifetime_value", "at_risk_customers"])
def test_readers_get_a_snapshot_of_the_published_tables_without_the_quarantine(company: Company, asset: str) -> None:
    company.land_orders("2026-11-01", "alice,2026-11-01,10.00,paid", ",2026-11-01,1.00,paid")
    for each in ("orders", asset):
        assert company.materialize(each, day="2026-11-01").success
    assert company.query("select count(*) from quality.quarantine") == [(1,)]
    with duckdb.connect(str(company.data / "serving.duckdb"), read_only=True) as snapshot:
        tables = {name for (name,) in snapshot.execute("select table_name from duckdb_tables()").fetchall()}
        assert snapshot.execute("select customer_id from sources.orders").fetchall() == [("alice",)]
        assert snapshot.execute("select asset, as_of_date from marts.as_of_days").fetchall() == [
            (asset, date(2026, 11, 1))
        ]
    assert "quarantine" not in tables
    assert {"orders", "deliveries", "audits", "at_risk_customers", "customer_value_open"} <= tables


def test_the_snapshot_is_read_while_another_process_writes_the_warehouse_and_follows_the_next_run(
    company: Company,
) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    company.materialize("orders", "customer_lifetime_value", day="2026-11-01")
    with duckdb.connect(str(company.data / "serving.duckdb"), read_only=True) as reader:
        with held_open(company.data / "warehouse.duckdb"):
            assert [day for day, *_ in revenue(company, "serving.duckdb")] == ["2026-11-01"] * 2
        assert company.materialize("orders", "customer_lifetime_value", day="2026-11-02").success
        # Whoever has the old snapshot open keeps it; who opens it now sees the new one.
        assert reader.execute("select count(*) from marts.customer_lifetime_value").fetchall() == [(2,)]
    assert revenue(company, "serving.duckdb") == revenue(company)
    assert len(revenue(company)) == 4


def declare_features(company: Company, keep_days: int) -> None:
    """Features alone, without retries."""
    features = next(asset for asset in derived_assets(AtRiskPolicy()) if asset.name == "customer_features")
    output = DeclaredOutput(retries=Retries(max_retries=0))
    places = Places(Settings().serving_path, Settings().exports_dir, keep_days)
    asset = build_as_of_asset(features, output, daily_partitions(Settings()), places)
    company.definitions = dg.Definitions(assets=[asset], resources=build_resources(Settings()))


def test_a_day_that_cannot_be_exported_is_not_taken_for_computed(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    assert company.materialize("orders", day="2026-11-01").success
    declare_features(company, keep_days=2)
    file = company.data / "exports/customer_features/as_of_date=2026-11-01/customer_features.parquet"
    (file / "in the way").mkdir(parents=True)
    computed = "select count(*) from marts.as_of_days where asset = 'customer_features'"
    assert not company.materialize("customer_features", day="2026-11-01").success
    assert company.query(computed) == [(0,)]
    file.rename(company.data / "moved away")
    assert company.materialize("customer_features", day="2026-11-01").success
    assert company.query(computed) == [(1,)]
    assert file.is_file()


def test_what_is_stored_by_day_is_exported_and_kept_for_a_while_only(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02", "2026-11-03")
    assert company.materialize("orders", days=("2026-11-01", "2026-11-03")).success
    declare_features(company, keep_days=2)
    result = company.materialize("customer_features", days=("2026-11-01", "2026-11-03"))
    assert result.success
    stored = company.query("select distinct as_of_date::varchar from marts.customer_features order by 1")
    assert stored == [("2026-11-02",), ("2026-11-03",)]
    exported = company.data / "exports" / "customer_features"
    rows = company.query(
        f"select as_of_date::varchar, count(*) from read_parquet('{exported}/*/*.parquet', hive_partitioning = true) "
        "group by 1 order by 1"
    )
    assert rows == [("2026-11-01", 2), ("2026-11-02", 2), ("2026-11-03", 2)]
    counts = {
        event.partition: event.metadata["dagster/partition_row_count"].value
        for event in result.asset_materializations_for_node("customer_features")
    }
    assert counts == {"2026-11-01": 2, "2026-11-02": 2, "2026-11-03": 2}
