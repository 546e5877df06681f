"""The ticket rule as of a day: whoever meets it has a row with its numbers, whether the customer is listed or not."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from customer_analytics.metrics.as_of import as_of_figures
from customer_analytics.metrics.at_risk.compute import compute_at_risk_customers
from customer_analytics.warehouse.transaction import transaction
from customer_analytics_tests.metrics.scenario import Order, Ticket, at, day, publish_orders, publish_tickets, refresh


def by_rule(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[tuple[Any, ...]]:
    return connection.execute(
        """select customer_id, tickets_30d, high_priority_tickets_30d, reasons, recommended_action
           from marts.at_risk_customers where meets_ticket_rule and as_of_date = ? order by all""",
        [as_of],
    ).fetchall()


def test_three_tickets_of_any_priority(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1))] * 3 + [Ticket("bob", at(1))] * 2)
    refresh(warehouse, day(1))
    assert by_rule(warehouse, day(1)) == [
        ("ann", 3, 0, ["3 tickets in the last 30 days"], "proactive_outreach"),
    ]


@pytest.mark.parametrize("priority", ["high", "urgent"])
def test_two_tickets_of_high_priority(warehouse: duckdb.DuckDBPyConnection, priority: str) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1), priority)] * 2 + [Ticket("bob", at(1), "medium")] * 2)
    refresh(warehouse, day(1))
    assert by_rule(warehouse, day(1)) == [
        ("ann", 2, 2, ["2 high-priority tickets in the last 30 days"], "proactive_outreach"),
    ]


def test_both_rules_give_both_reasons(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1), "high")] * 2 + [Ticket("ann", at(1))] * 2)
    refresh(warehouse, day(1))
    reasons = ["4 tickets in the last 30 days", "2 high-priority tickets in the last 30 days"]
    assert by_rule(warehouse, day(1)) == [("ann", 4, 2, reasons, "proactive_outreach")]


def test_the_window_is_the_thirty_days_that_end_with_the_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    tickets = [Ticket("ann", at(1, 0)), Ticket("ann", at(1, 23)), Ticket("ann", at(1, 23))]
    publish_tickets(warehouse, day(1), tickets)
    refresh(warehouse, day(30), day(31))
    assert len(by_rule(warehouse, day(30))) == 1
    assert by_rule(warehouse, day(31)) == []


def test_a_ticket_delivered_later_is_not_known_yet(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1))] * 2)
    publish_tickets(warehouse, day(2), [Ticket("ann", at(1))])
    refresh(warehouse, day(1), day(2))
    assert by_rule(warehouse, day(1)) == []
    assert len(by_rule(warehouse, day(2))) == 1


def test_tickets_without_orders_and_orders_without_tickets(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("bob", at(1), Decimal(10))])
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1))] * 3)
    refresh(warehouse, day(1))
    assert [row[0] for row in by_rule(warehouse, day(1))] == ["ann"]
    valued = warehouse.execute("select customer_id from marts.customer_lifetime_value").fetchall()
    assert valued == [("bob",)]


def test_before_anything_was_published_nobody_has_a_row(warehouse: duckdb.DuckDBPyConnection) -> None:
    refresh(warehouse, day(1))
    assert by_rule(warehouse, day(1)) == []


def test_a_past_day_computed_again_has_the_same_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1))] * 3)
    refresh(warehouse, day(1))
    rows = by_rule(warehouse, day(1))
    publish_tickets(warehouse, day(2), [Ticket("ann", at(2), "urgent")] * 3)
    refresh(warehouse, day(2))
    refresh(warehouse, day(1))
    assert by_rule(warehouse, day(1)) == rows
    assert len(rows) == 1


def test_on_a_corrected_day_a_customer_no_longer_meets_the_rule(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1))] * 3)
    refresh(warehouse, day(1), day(2))
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1))] * 2)
    refresh(warehouse, day(1))
    assert by_rule(warehouse, day(1)) == []
    assert len(by_rule(warehouse, day(2))) == 1, "days that were not asked for stay as they were"


def test_customers_with_tickets_whom_no_order_mentions_by_then_are_counted(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_tickets(warehouse, day(1), [Ticket(name, at(1)) for name in ("ann", "bob", "bob", "eve")])
    of_the_next_day = Order("bob", at(3), Decimal(10))
    publish_orders(warehouse, day(2), [Order("ann", at(2), Decimal(10)), of_the_next_day])
    days = [day(number) for number in (1, 2, 3, 30, 31)]
    refresh(warehouse, *days)
    figures = as_of_figures(warehouse, "at_risk_customers", days)
    # eve never orders; her ticket was delivered less than 30 days ago on day 30
    assert [figures[each].plotted["customers_without_orders"] for each in days] == [3, 2, 1, 1, 0]


def test_a_day_in_figures(warehouse: duckdb.DuckDBPyConnection) -> None:
    slowly = {number: [Ticket("bob", at(number))] for number in (1, 9, 17)}
    for number, tickets in slowly.items():
        publish_tickets(warehouse, day(number), [*tickets, Ticket("ann", at(number), "high")])
    refresh(warehouse, *(day(number) for number in range(1, 18)))
    figures = as_of_figures(warehouse, "at_risk_customers", [day(9), day(17)])
    assert [each.row_count for each in figures.values()] == [1, 2]
    shown = ("listed", "entered", "meet_ticket_rule")
    assert [[each.plotted[name] for name in shown] for each in figures.values()] == [[1, 1, 1], [1, 0, 2]]


def test_a_day_without_anyone_hides_none_of_a_large_day_after_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    many = 130_000  # More than DuckDB keeps in memory until they are committed.
    for number in (1, 2):
        publish_tickets(warehouse, day(number), [])
    warehouse.execute(
        """insert into sources.support_tickets by name
           select $day as delivery_day, range as ticket_id, range // 2 as customer_id, $at as created_date,
             'other' as category, 'high' as priority from range(2 * $many)""",
        {"day": day(2), "at": at(2), "many": many},
    )
    with transaction(warehouse):
        compute_at_risk_customers(warehouse, [day(1), day(2)], "run", at(3))
        assert len(by_rule(warehouse, day(2))) == many
