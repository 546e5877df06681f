"""From published orders to customers as of a day."""

from decimal import Decimal
from typing import Any

import duckdb
import pytest

from customer_analytics.metrics.value_models.beta_geometric import BG_NBD
from customer_analytics.metrics.value_models.fit import fit_orders, fit_spending
from customer_analytics.metrics.value_models.inputs import read_customers
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.scenario import Order, at, day, publish_orders

__all__ = ["warehouse"]


def known(connection: duckdb.DuckDBPyConnection, number: int) -> list[tuple[Any, ...]]:
    read_customers(connection, day(number))
    return connection.execute("from forecast_customers order by customer_id").fetchall()


def test_days_with_an_order_count_from_the_first_of_them(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10)), Order("bob", at(1), Decimal(7))])
    publish_orders(warehouse, day(11), [Order("ann", at(11), Decimal(20))])
    publish_orders(warehouse, day(15), [Order("ann", at(15), Decimal(60))])
    assert known(warehouse, 20) == [("ann", 2, 14, 19, 3, 30.0), ("bob", 0, 0, 19, 1, 7.0)]


def test_several_orders_a_day_are_one_occasion(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1, hour), Decimal(10)) for hour in (0, 12, 23)])
    assert known(warehouse, 1) == [("ann", 0, 0, 0, 1, 30.0)]


def test_refunds_and_cancelled_orders_are_no_orders(warehouse: duckdb.DuckDBPyConnection) -> None:
    refunds = [Order("ann", at(3), Decimal(-10), "refunded"), Order("eve", at(3), Decimal(5), "refunded")]
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10))])
    publish_orders(warehouse, day(3), [*refunds, Order("bob", at(3), Decimal(5), "cancelled")])
    assert known(warehouse, 4) == [("ann", 0, 0, 3, 1, 10.0)]


def test_an_order_for_nothing_counts_for_timing_and_not_for_spend(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10)), Order("bob", at(1), Decimal(0))])
    publish_orders(warehouse, day(5), [Order("ann", at(5), Decimal(0))])
    assert known(warehouse, 5) == [("ann", 1, 4, 4, 1, 10.0), ("bob", 0, 0, 4, 0, 0.0)]
    assert read_customers(warehouse, day(5))[1].paid_share == pytest.approx(1 / 3)


def test_what_was_delivered_or_ordered_later_is_not_known(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10))])
    before = known(warehouse, 4)
    publish_orders(warehouse, day(5), [Order("ann", at(3), Decimal(10)), Order("bob", at(2), Decimal(10))])
    assert known(warehouse, 4) == before
    assert known(warehouse, 5) == [("ann", 1, 2, 4, 2, 10.0), ("bob", 0, 0, 3, 1, 10.0)]


def test_customers_who_look_the_same_are_one_group(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order(name, at(1), Decimal(10)) for name in ("ann", "bob", "eve")])
    publish_orders(warehouse, day(2), [Order("eve", at(2), Decimal(10))])
    cohort, spending = read_customers(warehouse, day(9))
    groups = (cohort.frequency, cohort.recency, cohort.age, cohort.customers)
    assert [column.tolist() for column in groups] == [[0, 1], [0, 1], [8, 8], [2, 1]]
    assert (spending.occasions.tolist(), spending.customers.tolist()) == ([1, 2], [2, 1])
    assert spending.mean_spend == pytest.approx([10, 10])


@pytest.mark.parametrize("status", ["none", "refunded", "cancelled"])
def test_without_an_order_there_is_nobody_to_forecast(warehouse: duckdb.DuckDBPyConnection, status: str) -> None:
    if status != "none":
        publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(-5), status)])
    cohort, spending = read_customers(warehouse, day(1))
    assert [fit.label for fit in (fit_orders(BG_NBD, cohort), fit_spending(spending))] == ["fallback", "fallback"]
    assert known(warehouse, 1) == []
