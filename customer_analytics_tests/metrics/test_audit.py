"""Every check of derived days passes on good days, and fires when the tables are tampered with."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from customer_analytics.contracts.schedule import WithoutDelivery
from customer_analytics.metrics.checks import DERIVED_CHECKS
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.warehouse.timeline import record_days_without_delivery
from customer_analytics_tests.metrics.scenario import (
    Order,
    Ticket,
    at,
    audit,
    day,
    publish_orders,
    publish_tickets,
    refresh,
    withdraw,
)

DAYS = [day(1), day(2), day(3)]

CLV, AT_RISK = "customer_lifetime_value", "at_risk_customers"

# Somebody who is said to meet the ticket rule on day 2.
A_ROW = """insert into marts.at_risk_customers by name
    select date '2024-03-02' as as_of_date, '{customer}' as customer_id, false as is_listed, true as meets_ticket_rule,
      3 as tickets_30d, 0 as high_priority_tickets_30d, false as is_disengaged, ['3 tickets'] as reasons,
      'proactive_outreach' as recommended_action, false as call_today, false as is_held_out"""


@pytest.fixture
def good(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Ann orders on days 1 and 3, bob on day 2; ann is at risk from day 2 on."""
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal("10.25"))])
    publish_orders(warehouse, day(2), [Order("bob", at(2), Decimal(20))])
    publish_orders(warehouse, day(3), [Order("ann", at(3), Decimal(-1), "refunded")])
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1), "high"), Ticket("bob", at(1))])
    publish_tickets(warehouse, day(2), [Ticket("ann", at(2), "urgent")])
    publish_tickets(warehouse, day(3), [Ticket("bob", at(3))])
    refresh(warehouse, *DAYS)
    return warehouse


def found(connection: duckdb.DuckDBPyConnection, asset: str, check: str) -> dict[date, CheckOutcome]:
    audits = audit(connection, asset, DAYS)
    return {as_of: next(each for each in checks if each.check == check) for as_of, checks in audits.items()}


def outcomes(connection: duckdb.DuckDBPyConnection, asset: str, check: str) -> list[str]:
    return [outcome.outcome for outcome in found(connection, asset, check).values()]


def test_good_days_pass_every_check(good: duckdb.DuckDBPyConnection) -> None:
    for asset in (CLV, AT_RISK):
        for outcome in audit(good, asset, DAYS).values():
            assert [check.check for check in outcome] == [check.name for check in DERIVED_CHECKS[asset]]
            assert {check.outcome for check in outcome} == {"passed"}


def test_before_anything_was_published_only_freshness_warns(warehouse: duckdb.DuckDBPyConnection) -> None:
    for asset in (CLV, AT_RISK):
        (checks,) = audit(warehouse, asset, [day(1)]).values()
        assert {check.check: check.outcome for check in checks if check.outcome != "passed"} == {
            "inputs_fresh": "warned"
        }


def test_two_rows_of_one_customer_on_a_day(good: duckdb.DuckDBPyConnection) -> None:
    good.execute("update marts.customer_value_closed set valid_to = '2024-03-04' where customer_id = 'ann'")
    assert outcomes(good, CLV, "one_row_per_customer") == ["passed", "passed", "failed"]
    third = found(good, CLV, "one_row_per_customer")[day(3)]
    assert (third.found, third.sample) == ("customers with several rows: 1", ("ann",))


def test_the_same_change_row_twice(good: duckdb.DuckDBPyConnection) -> None:
    good.execute("insert into marts.customer_value_open from marts.customer_value_open where customer_id = 'bob'")
    assert outcomes(good, CLV, "one_row_per_customer") == ["passed", "failed", "failed"]


def test_a_customer_without_orders(good: duckdb.DuckDBPyConnection) -> None:
    good.execute("update marts.customer_value_open set customer_id = 'eve' where customer_id = 'bob'")
    assert outcomes(good, CLV, "no_orphans") == ["passed", "failed", "failed"]
    assert found(good, CLV, "no_orphans")[day(2)].sample == ("eve",)
    (second,) = audit(good, CLV, [day(2)]).values()
    assert [check.check for check in second if check.outcome == "failed"] == ["no_orphans"]


def test_a_customer_known_before_the_first_order_was_delivered(good: duckdb.DuckDBPyConnection) -> None:
    good.execute("update marts.customer_value_open set valid_from = '2024-03-01' where customer_id = 'bob'")
    assert outcomes(good, CLV, "no_orphans") == ["failed", "passed", "passed"]


@pytest.mark.parametrize(
    ("tampering", "outcome"),
    [
        (
            "update marts.customer_value_open set gross_revenue = gross_revenue + 0.01 where customer_id = 'bob'",
            "failed",
        ),
        ("update marts.customer_value_open set order_count = 2 where customer_id = 'bob'", "failed"),
        ("delete from marts.customer_value_open where customer_id = 'bob'", "failed"),
        ("update marts.customer_value_open set last_order_second = null", "passed"),
    ],
)
def test_revenue_and_orders_reconcile_to_the_cent(
    good: duckdb.DuckDBPyConnection, tampering: str, outcome: str
) -> None:
    good.execute(tampering)
    assert outcomes(good, CLV, "revenue_reconciles") == ["passed", outcome, outcome]


def test_reconciliation_says_what_was_expected_and_found(good: duckdb.DuckDBPyConnection) -> None:
    good.execute("update marts.customer_value_open set gross_revenue = 21, order_count = 3 where customer_id = 'bob'")
    check = found(good, CLV, "revenue_reconciles")[day(3)]
    assert (check.expected, check.found) == ("29.25 from 2 orders", "30.25 from 4 orders")


def test_missing_orders_of_the_last_week_warn(warehouse: duckdb.DuckDBPyConnection) -> None:
    for number in (1, 2, 10):
        publish_orders(warehouse, day(number), [])
    asked = [day(number) for number in (1, 2, 8, 9, 10, 11)]
    checks = {as_of: checks[-1] for as_of, checks in audit(warehouse, CLV, asked).items()}
    missing = {as_of: check.found for as_of, check in checks.items()}
    assert missing == {
        day(1): "days missing: 0",
        day(2): "days missing: 0",
        day(8): "days missing: 6",
        day(9): "days missing: 7",
        day(10): "days missing: 6",
        day(11): "days missing: 6",
    }
    assert [check.outcome for check in checks.values()] == ["passed", "passed", "warned", "warned", "warned", "warned"]
    assert checks[day(8)].sample[0] == "2024-03-08"


def test_nobody_misses_a_day_of_which_nothing_is_expected(warehouse: duckdb.DuckDBPyConnection) -> None:
    for number in (1, 2, 4, 5):
        publish_orders(warehouse, day(number), [])
    assert [days_missed(warehouse, number) for number in (3, 5, 10)] == [1, 1, 5]
    record_days_without_delivery(warehouse, "support_tickets", WithoutDelivery(weekdays=frozenset({"sunday"})))
    assert [days_missed(warehouse, number) for number in (3, 5, 10)] == [1, 1, 5]
    quiet = WithoutDelivery(weekdays=frozenset({"sunday"}), days=frozenset({day(8)}))
    assert day(3).strftime("%A") == "Sunday"
    record_days_without_delivery(warehouse, "orders", quiet)
    assert [days_missed(warehouse, number) for number in (3, 5, 10)] == [0, 0, 3]


def days_missed(warehouse: duckdb.DuckDBPyConnection, number: int) -> int:
    """How many days of orders are missed in the week that ends with a day."""
    (checks,) = audit(warehouse, CLV, [day(number)]).values()
    return int(checks[-1].found.removeprefix("days missing: "))


def test_what_is_missing_in_the_window_warns_with_a_bounded_sample(good: duckdb.DuckDBPyConnection) -> None:
    (checks,) = audit(good, AT_RISK, [day(20)]).values()
    assert checks[-1].found == "days missing: 34"
    assert len(checks[-1].sample) == 10
    withdraw(good, "support_tickets", day(2))
    assert outcomes(good, AT_RISK, "inputs_fresh") == ["passed", "warned", "warned"]


def test_a_customer_listed_twice(good: duckdb.DuckDBPyConnection) -> None:
    good.execute("insert into marts.at_risk_customers from marts.at_risk_customers where as_of_date = '2024-03-03'")
    assert outcomes(good, AT_RISK, "one_row_per_customer") == ["passed", "passed", "failed"]
    assert found(good, AT_RISK, "one_row_per_customer")[day(3)].sample == ("ann",)


def test_a_customer_of_whom_nothing_was_delivered(good: duckdb.DuckDBPyConnection) -> None:
    good.execute(A_ROW.format(customer="eve"))
    assert outcomes(good, AT_RISK, "no_orphans") == ["passed", "failed", "passed"]
    assert found(good, AT_RISK, "no_orphans")[day(2)].sample == ("eve",)


@pytest.mark.parametrize(
    ("tampering", "words", "sample"),
    [
        ("delete from marts.at_risk_customers", "marked: 0, rows with wrong marks or numbers: 0, missing: 1", ("ann",)),
        (
            A_ROW.format(customer="bob"),
            "marked: 2, rows with wrong marks or numbers: 1, missing: 0",
            ("bob",),
        ),
        (
            "update marts.at_risk_customers set high_priority_tickets_30d = 3",
            "marked: 1, rows with wrong marks or numbers: 1, missing: 0",
            ("ann",),
        ),
    ],
)
def test_the_marks_are_held_to_the_rule(
    good: duckdb.DuckDBPyConnection, tampering: str, words: str, sample: tuple[str, ...]
) -> None:
    good.execute(tampering)
    check = found(good, AT_RISK, "rule_holds")[day(2)]
    assert (check.outcome, check.expected) == ("failed", "customers who meet the rule: 1")
    assert (check.found, check.sample) == (words, sample)


def test_samples_are_bounded(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(warehouse, day(1), [Ticket(f"customer {number}", at(1), "high") for number in range(20)] * 2)
    refresh(warehouse, day(1))
    warehouse.execute("delete from marts.at_risk_customers")
    check = found(warehouse, AT_RISK, "rule_holds")[day(1)]
    assert check.found == "marked: 0, rows with wrong marks or numbers: 0, missing: 20"
    assert len(check.sample) == 10
