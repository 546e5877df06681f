"""What customers did after an origin, by what was delivered by its end."""

from datetime import date, datetime

import duckdb
import pytest

from customer_analytics.metrics.backtest.outcomes import Outcomes, read_outcomes
from customer_analytics_tests.metrics.backtest.shop import Sale, publish

ORIGIN, KNOWN_ON = date(2024, 3, 31), date(2024, 4, 30)


def sale(
    day: date, customer: str = "ann", amount: float = 10, status: str = "paid", delivered: date | None = None
) -> Sale:
    return Sale(delivered or day, customer, datetime.combine(day, datetime.min.time()), amount, status)


def outcomes_of(connection: duckdb.DuckDBPyConnection, *sales: Sale) -> Outcomes:
    publish(connection, sales, sorted({one.delivery_day for one in sales}))
    return read_outcomes(connection, ORIGIN, 30)


def test_spend_and_order_days_of_everybody_who_had_ordered(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = outcomes_of(
        warehouse,
        sale(date(2024, 3, 31), "ann"),
        sale(date(2024, 4, 1), "ann", 20),
        sale(date(2024, 4, 1), "ann", 5),
        sale(KNOWN_ON, "ann", 0),
        sale(date(2024, 2, 10), "bob"),
        sale(date(2024, 4, 2), "cid"),
    )
    assert found.spend.tolist() == [25, 0]
    assert found.order_days.tolist() == [2, 0], "one order for nothing and two of a day"
    assert found.no_order.tolist() == [False, True]
    assert found.days_since_last_order.tolist() == [0, 50]
    assert found.recently_active.tolist() == [True, False]


def test_refunds_and_cancelled_orders_are_no_outcome(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = outcomes_of(
        warehouse,
        sale(ORIGIN),
        sale(date(2024, 4, 3), amount=-10, status="refunded"),
        sale(date(2024, 4, 4), amount=99, status="cancelled"),
    )
    assert (found.spend.tolist(), found.no_order.tolist()) == ([0], [True])


@pytest.mark.parametrize(
    "late",
    [
        sale(date(2024, 4, 30), amount=99, delivered=date(2024, 5, 1)),
        sale(date(2024, 5, 1), amount=99),
        sale(date(2024, 3, 30), amount=99, delivered=date(2024, 4, 1)),
        sale(date(2024, 3, 30), "bob", delivered=date(2024, 4, 1)),
    ],
    ids=["delivered too late", "ordered too late", "ordered before, delivered after", "not known yet"],
)
def test_what_was_not_known_in_time_is_on_neither_side(warehouse: duckdb.DuckDBPyConnection, late: Sale) -> None:
    found = outcomes_of(warehouse, sale(date(2024, 3, 20)), sale(date(2024, 4, 10), amount=7), late)
    assert (found.spend.tolist(), found.order_days.tolist()) == ([7], [1])
    assert found.days_since_last_order.tolist() == [11]


def test_customers_are_in_the_order_of_their_ids(warehouse: duckdb.DuckDBPyConnection) -> None:
    names = ["Zoe", "bob", "Äda", "10", "9", "ann"]
    amounts = {name: float(number) for number, name in enumerate(names, start=1)}
    found = outcomes_of(
        warehouse,
        *(sale(ORIGIN, name) for name in names),
        *(sale(KNOWN_ON, name, amount) for name, amount in amounts.items()),
    )
    assert found.spend.tolist() == [amounts[name] for name in sorted(names)]


def test_before_anything_was_published_there_is_nobody(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert len(read_outcomes(warehouse, ORIGIN, 30).key) == 0
