"""The figures of a whole warehouse: they are those of its tables, and an empty one has none."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from customer_analytics.reporting.summary import SourceSummary, summarize
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.components.conftest import Company

ACTION = "proactive_outreach"
EVERYTHING = ("orders", "support_tickets", "customer_lifetime_value", "at_risk_customers")


def test_an_empty_warehouse_has_no_figures() -> None:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        summary = summarize(connection)
    assert summary.as_of_date is None
    assert (summary.sources, summary.failed_checks, summary.most_at_risk) == ((), (), ())
    assert (summary.customers, summary.total_clv, summary.at_risk) == (0, Decimal(0), 0)


@pytest.fixture
def two_days(company: Company) -> Company:
    """Alice and Bob order on both days, Zoe only writes tickets, and one order has no customer."""
    company.land_good_orders("2026-11-01")
    company.land_orders(
        "2026-11-02", "alice,2026-11-02,30.00,paid", "bob,2026-11-02,1.00,paid", ",2026-11-02,5.00,paid"
    )
    company.land_tickets("2026-11-01", "zoe")
    company.land_tickets("2026-11-02", "zoe", "alice", "alice", "alice", "bob", "bob")
    assert company.materialize(*EVERYTHING, days=("2026-11-01", "2026-11-02")).success
    return company


def test_records_are_counted_by_source_over_all_published_days(two_days: Company) -> None:
    with duckdb.connect(str(two_days.data / "warehouse.duckdb"), read_only=True) as connection:
        summary = summarize(connection)
    assert summary.sources == (
        SourceSummary("orders", days=2, records=5, accepted=4, quarantined=1, ignored=0),
        SourceSummary("support_tickets", days=2, records=7, accepted=7, quarantined=0, ignored=0),
    )
    assert summary.quarantined_by_reason == (("orders", "customer_id", "not_null", 1),)
    assert set(summary.failed_checks) == {
        ("orders", check, "warned", 1) for check in ("nulls", "quarantine_rate", "quality_score")
    }


def test_reasons_are_counted_over_all_days_until_their_records_are_released(two_days: Company) -> None:
    with duckdb.connect(str(two_days.data / "warehouse.duckdb")) as connection:
        connection.execute(
            """insert into quality.quarantine
               select * replace (delivery_day - 1 as delivery_day) from quality.quarantine"""
        )
        assert summarize(connection).quarantined_by_reason == (("orders", "customer_id", "not_null", 2),)
        connection.execute("update quality.quarantine set released_at = now()::timestamp")
        assert summarize(connection).quarantined_by_reason == ()


def test_customers_are_valued_as_of_the_last_day_and_who_is_called_first_comes_first(two_days: Company) -> None:
    with duckdb.connect(str(two_days.data / "warehouse.duckdb"), read_only=True) as connection:
        summary = summarize(connection)
    assert summary.as_of_date == date(2026, 11, 2)
    assert summary.customers == 2
    # 2 days of lifetime: 40.00 * 2 / 365 * 2 = 0.44 and 21.50 * 2 / 365 * 2 = 0.24.
    assert summary.total_clv == Decimal("0.68")
    assert summary.at_risk == 3
    called = {each.customer_id: (each.reasons, each.recommended_action) for each in summary.most_at_risk}
    assert [each.call_rank for each in summary.most_at_risk] == list(range(1, len(called) + 1))
    both = ("3 tickets in the last 30 days", "3 high-priority tickets in the last 30 days")
    expected = dict.fromkeys(("bob", "zoe"), (("2 high-priority tickets in the last 30 days",), ACTION))
    # One in ten is left alone, by lot.
    assert called.items() <= (expected | {"alice": (both, ACTION)}).items()
    assert len(called) >= 2


def test_the_summary_says_nothing_of_customers_of_earlier_days(two_days: Company) -> None:
    assert two_days.materialize("customer_lifetime_value", "at_risk_customers", day="2026-11-10").success
    with duckdb.connect(str(two_days.data / "warehouse.duckdb"), read_only=True) as connection:
        summary = summarize(connection)
    assert summary.as_of_date == date(2026, 11, 10)
    assert (summary.customers, summary.at_risk) == (2, 3)
