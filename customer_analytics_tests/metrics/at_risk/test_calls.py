"""Whom to call today: the most value at risk first, as many as can be called, and never who is held out."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from customer_analytics.metrics.at_risk.policy import AtRiskPolicy
from customer_analytics.metrics.forecasting.logistic import LogisticScorer
from customer_analytics.metrics.month_ends import last_month_end
from customer_analytics.metrics.statements import statement
from customer_analytics_tests.metrics.at_risk.stories import Forecasts, list_days, row
from customer_analytics_tests.metrics.scenario import Order, Ticket, at, day, publish_orders, publish_tickets

Warehouse = duckdb.DuckDBPyConnection

SPENT = {"ann": 10, "bob": 500, "eve": 50}


@pytest.fixture
def desk(warehouse: Warehouse, forecast: Callable[[Forecasts], None]) -> Warehouse:
    """Ann, bob and eve are listed for their tickets and spent 10, 500 and 50; dan and zoe never ordered."""
    publish_orders(warehouse, day(1), [Order(name, at(1), Decimal(spent)) for name, spent in SPENT.items()])
    few = [Ticket(name, at(1), "high") for name in ("ann", "bob", "eve", "dan", "zoe")] * 2
    publish_tickets(warehouse, day(1), [*few, Ticket("zoe", at(1), "low")])

    def given(_: date) -> dict[str, float]:
        return {"ann": 0.9, "bob": 0.1, "eve": 0.5}

    forecast(given)
    return warehouse


def calls(connection: Warehouse) -> list[tuple[str, int, bool]]:
    """Who is called on day 1, by rank."""
    return connection.execute(
        """select customer_id, call_rank, call_today from marts.at_risk_customers
           where call_rank is not null order by call_rank"""
    ).fetchall()


def test_by_value_at_risk_then_by_how_serious_it_is(desk: Warehouse) -> None:
    list_days(desk, [1], AtRiskPolicy(holdout_share=0.0))
    assert calls(desk) == [("bob", 1, True), ("eve", 2, True), ("ann", 3, True), ("zoe", 4, True), ("dan", 5, True)]
    values = [row(desk, name, 1)["value_at_risk"] for name in ("bob", "eve", "ann", "zoe")]
    assert values == [Decimal("50.00"), Decimal("25.00"), Decimal("9.00"), None]


def test_value_at_risk_comes_before_the_service_risk(desk: Warehouse) -> None:
    opened = {"ann": 4, "eve": 3, "bob": 2}
    publish_tickets(desk, day(1), [Ticket(name, at(1), "high") for name, count in opened.items() for _ in range(count)])
    by_tickets_30d = LogisticScorer(tuple("abcdefgh"), (0.0,) * 8, (1.0,) * 8, (0.0, 1.0, *[0.0] * 6), -3.0)
    desk.execute(statement("at_risk/store_scorer"), asdict(by_tickets_30d) | {"learned_on": last_month_end(day(1))})
    list_days(desk, [1], AtRiskPolicy(holdout_share=0.0))
    assert [name for name, *_ in calls(desk)] == ["bob", "eve", "ann"]
    bob, eve, ann = (row(desk, name, 1)["service_risk_score"] for name in ("bob", "eve", "ann"))
    assert bob < eve < ann


@pytest.mark.parametrize(("capacity", "called"), [(0, 0), (2, 2), (5, 5), (9, 5)])
def test_no_more_are_called_than_can_be(desk: Warehouse, capacity: int, called: int) -> None:
    list_days(desk, [1], AtRiskPolicy(holdout_share=0.0, capacity=capacity))
    assert [today for _, _, today in calls(desk)] == [True] * called + [False] * (5 - called)


def test_who_is_held_out_is_listed_and_never_called(desk: Warehouse) -> None:
    list_days(desk, [1], AtRiskPolicy(holdout_share=1.0, capacity=3))
    assert calls(desk) == []
    found = row(desk, "bob", 1)
    assert (found["is_listed"], found["is_held_out"], found["call_today"]) == (True, True, False)


def test_lots_are_drawn_once_a_listing_and_come_out_at_the_share(warehouse: Warehouse) -> None:
    publish_tickets(warehouse, day(1), [Ticket(f"customer {n}", at(1), "high") for n in range(1000)] * 2)
    list_days(warehouse, [1, 2], AtRiskPolicy(holdout_share=0.1))

    def held_out() -> list[list[str]]:
        return [
            [
                name
                for (name,) in warehouse.execute(
                    "select customer_id from marts.at_risk_customers where is_held_out and as_of_date = ? order by 1",
                    [day(number)],
                ).fetchall()
            ]
            for number in (1, 2)
        ]

    first, second = held_out()
    assert first == second
    assert 70 <= len(first) <= 130, "1,000 lots at a tenth: 100, give or take 10"
    # Entered a day later, so other lots; and a larger share holds out the same and more.
    list_days(warehouse, [2], AtRiskPolicy(holdout_share=0.3))
    assert set(first) < set(held_out()[1])
    warehouse.execute("delete from marts.at_risk_customers")
    list_days(warehouse, [2], AtRiskPolicy(holdout_share=0.1))
    assert len(set(first) & set(held_out()[1])) < len(first) / 2
