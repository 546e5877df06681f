"""What candidates say at an origin: of everybody, in their order, from what was known by then."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pytest

from customer_analytics.metrics.backtest.outcomes import read_outcomes
from customer_analytics.metrics.forecasting.candidates import score_origin
from customer_analytics.metrics.value_models.fit import ORDER_MODELS
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.forecasting.shop import LAST_DAY, publish_shop
from customer_analytics_tests.metrics.scenario import Order, at, day, publish_orders

__all__ = ["warehouse"]

ORIGIN = date(2024, 6, 30)


def test_every_candidate_speaks_of_everybody_who_had_ordered(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    customers = len(read_outcomes(warehouse, ORIGIN, 30).key)
    scores = score_origin(warehouse, ORIGIN, 30)
    assert list(scores) == ["baseline", "recency", *ORDER_MODELS, "logistic", "spend_regression"]
    for one in scores.values():
        assert {len(column) for column in (one.spend, one.no_order) if column is not None} == {customers}


def test_what_came_after_the_origin_changes_nothing(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse, through=ORIGIN)
    by_then = score_origin(warehouse, ORIGIN, 30)
    publish_shop(warehouse)
    late = Order("customer 000", datetime(2024, 1, 1), Decimal(9))
    publish_orders(warehouse, ORIGIN + timedelta(days=1), [late])
    warehouse.execute("delete from marts.learned_forecasts")
    again = score_origin(warehouse, ORIGIN, 30)
    assert list(again) == list(by_then)
    for name, scores in by_then.items():
        for column in ("spend", "no_order"):
            np.testing.assert_array_equal(getattr(scores, column), getattr(again[name], column), err_msg=name)


def test_the_baseline_is_spend_times_years_between_orders_times_two(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10)), Order("bob", at(1), Decimal(500))])
    publish_orders(
        warehouse, day(74), [Order("ann", at(74), Decimal(90)), Order("ann", at(74), Decimal(-50), "refunded")]
    )
    for horizon in (30, 365):
        spend = score_origin(warehouse, day(80), horizon)["baseline"].spend
        assert spend == pytest.approx([100 * 73 / 365 * 2, 0])


def test_recency_is_the_days_since_the_last_order(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10)), Order("bob", at(1), Decimal(5))])
    publish_orders(warehouse, day(9), [Order("ann", at(9), Decimal(10))])
    recency = score_origin(warehouse, day(10), 30)["recency"]
    assert (recency.spend, recency.is_probability) == (None, False)
    assert recency.no_order is not None
    assert recency.no_order.tolist() == [1, 9]


def test_without_two_origins_of_before_nothing_is_learned(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    assert "logistic" in score_origin(warehouse, date(2024, 3, 31), 30)
    assert "logistic" not in score_origin(warehouse, date(2024, 3, 29), 30)


def test_before_the_first_order_nobody_is_scored(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert score_origin(warehouse, ORIGIN, 30) == {}


def test_the_calibrated_probability_is_closer_to_what_happened_than_the_models(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_shop(warehouse, customers=600)
    origin = LAST_DAY - timedelta(days=30)
    happened = read_outcomes(warehouse, origin, 30).no_order
    scores = score_origin(warehouse, origin, 30)

    def brier(name: str) -> float:
        probability = scores[name].no_order
        assert probability is not None
        return float(np.mean((probability - happened) ** 2))

    assert brier("logistic") < brier("mbg_nbd")
