"""A source's days: published and recorded, held back and named, or left missing."""

import dagster as dg

from customer_analytics.quality.audit import CHECKS
from customer_analytics.quality.timeliness import ON_TIME
from customer_analytics_tests.components.conftest import ORDERS_HEADER, Company, failure_of, outcomes


def test_a_day_is_published_with_all_its_checks_recorded_under_the_day(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    result = company.materialize("orders", day="2026-11-01")
    assert result.success
    assert outcomes(result) == {("2026-11-01", check): True for check in CHECKS | ON_TIME}
    assert company.query("select order_id, customer_id, total_amount::varchar from sources.orders order by 1") == [
        ("2026-11-01-0", "alice", "10.00"),
        ("2026-11-01-1", "bob", "20.50"),
    ]


def test_a_check_says_what_was_expected_and_what_was_found(company: Company) -> None:
    company.land_bad_orders("2026-11-01")
    result = company.materialize("orders", day="2026-11-01")
    rate = next(e for e in result.get_asset_check_evaluations() if e.check_name == "quarantine_rate")
    assert rate.metadata["expected"].value == "≤ 5.00%, never above 60.00%"
    assert str(rate.metadata["found"].value).startswith("90.00% (9 records")
    assert rate.metadata["sample"].value == [f"delivery.csv:{line}" for line in range(3, 12)]


def test_a_day_that_is_held_back_keeps_what_it_had(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    company.land_bad_orders("2026-11-01")
    result = company.materialize("orders", day="2026-11-01")
    assert not result.success
    assert "Held back: 2026-11-01" in failure_of(result)
    assert company.query("select count(*) from sources.orders") == [(2,)]


def test_a_day_that_has_not_landed_fails_alone_and_says_what_is_expected(company: Company) -> None:
    result = company.materialize("orders", day="2026-11-02")
    assert not result.success
    assert "orders 2026-11-02 has not landed: the landing area expects" in failure_of(result)
    assert company.materialized("orders") == []


def test_a_range_leaves_out_what_has_not_landed_and_goes_on(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-04")
    result = company.materialize("orders", days=("2026-11-01", "2026-11-05"))
    assert result.success
    assert company.materialized("orders") == ["2026-11-01", "2026-11-04"]
    assert {day: passed for (day, check), passed in outcomes(result).items() if check in CHECKS} == {
        "2026-11-01": True,
        "2026-11-02": False,
        "2026-11-03": False,
        "2026-11-04": True,
        "2026-11-05": False,
    }


def test_a_range_publishes_the_good_days_names_the_bad_ones_and_fails(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-03", "2026-11-05")
    company.land_bad_orders("2026-11-02", "2026-11-04")
    result = company.materialize("orders", days=("2026-11-01", "2026-11-05"))
    assert not result.success
    assert "Held back: 2026-11-02, 2026-11-04" in failure_of(result)
    assert company.materialized("orders") == ["2026-11-01", "2026-11-03", "2026-11-05"]
    assert outcomes(result)["2026-11-02", "quarantine_rate"] is False
    assert outcomes(result)["2026-11-03", "quarantine_rate"] is True
    assert company.query("select distinct delivery_day::varchar from sources.orders order by 1") == [
        ("2026-11-01",),
        ("2026-11-03",),
        ("2026-11-05",),
    ]


def test_a_file_that_cannot_be_read_holds_its_day_back_and_is_named(company: Company) -> None:
    company.land("orders", "2026-11-01", ORDERS_HEADER.replace("customer_id", "client"))
    result = company.materialize("orders", day="2026-11-01")
    assert not result.success
    assert "delivery.csv: the header lacks customer_id" in failure_of(result)
    assert not any(passed for (_, check), passed in outcomes(result).items() if check in CHECKS)
    [schema] = [e for e in result.get_asset_check_evaluations() if e.check_name == "schema"]
    assert "the header lacks customer_id" in str(schema.description)


def test_each_day_of_a_range_has_its_own_numbers(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.land_orders("2026-11-02", "carol,2026-11-02,1.00,paid", ",2026-11-02,2.00,paid")
    result = company.materialize("orders", days=("2026-11-01", "2026-11-02"))
    numbers = {
        event.partition: (
            event.materialization.metadata["accepted"].value,
            event.materialization.metadata["accepted_share"].value,
        )
        for event in result.get_asset_materialization_events()
    }
    assert numbers == {"2026-11-01": (2, 1.0), "2026-11-02": (1, 0.5)}


def test_the_state_of_a_days_checks_is_that_of_its_latest_materialization(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    company.land_bad_orders("2026-11-03")
    company.materialize("orders", days=("2026-11-01", "2026-11-03"))
    key = dg.AssetCheckKey(dg.AssetKey("orders"), "quarantine_rate")
    states = company.instance.event_log_storage.get_asset_check_partition_info([key])
    assert {state.partition_key: (state.is_current, state.latest_execution_status.value) for state in states} == {
        "2026-11-01": (True, "SUCCEEDED"),
        "2026-11-02": (True, "SUCCEEDED"),
        "2026-11-03": (True, "FAILED"),
    }


def test_the_quality_score_stands_among_the_days_figures_to_be_plotted(company: Company) -> None:
    company.land_orders("2026-11-01", "alice,2026-11-01,1.00,paid", ",2026-11-01,1.00,paid")
    result = company.materialize("orders", day="2026-11-01")
    [event] = result.get_asset_materialization_events()
    assert event.materialization.metadata["quality_score"].value == 0.5
