"""Whoever the customers are, a forecast comes out, every figure in it is a number, and nothing is raised."""

import duckdb
import numpy as np
import pytest

from customer_analytics.metrics.forecasting import plan
from customer_analytics.metrics.forecasting.compute import compute_customer_value_forecast
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.forecasting.shop import day, publish_columns
from customer_analytics_tests.metrics.scenario import NOW, audit

__all__ = ["warehouse"]

KINDS = ("mixed", "one-time", "last order today", "500 orders", "new today", "refunds only", "for nothing", "fortunes")
LAST = 250


def assert_the_forecast_is_sane(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    draw = np.random.default_rng(seed)
    customers, days, amounts = drawn_shop(draw)
    publish_columns(connection, [f"customer {number}" for number in customers], days, amounts)
    connection.execute("delete from marts.learned_forecasts")
    compute_customer_value_forecast(connection, [day(LAST)], "run", NOW)
    by_check = {one.check: one for one in audit(connection, "customer_value_forecast", [day(LAST)])[day(LAST)]}
    for check in ("one_row_per_customer", "forecast_sane"):
        assert by_check[check].outcome == "passed", (seed, by_check[check])
    rows = connection.execute("select count(*) from marts.customer_value_forecast where as_of_date = $1", [day(LAST)])
    assert rows.fetchone() == (len(np.unique(customers[amounts >= 0])),), seed


def drawn_shop(
    draw: np.random.Generator,
) -> tuple[np.typing.NDArray[np.int64], np.typing.NDArray[np.int64], np.typing.NDArray[np.float64]]:
    """Customers, days and amounts of 0 to 50 customers' orders."""
    number, kind = int(draw.integers(0, 51)), str(draw.choice(KINDS))
    orders = np.minimum(draw.negative_binomial(0.5, 0.1, number) + 1, 60)
    if kind == "one-time":
        orders = np.ones(number, dtype=np.int64)
    elif kind == "500 orders":
        orders = np.where(draw.random(number) < 0.3, 500, orders)
    customers = np.repeat(np.arange(number), orders)
    days = draw.integers(0, LAST + 1, len(customers))
    if kind == "last order today":
        days[draw.random(len(days)) < 0.5] = LAST
    elif kind == "new today":
        days[:] = LAST
    amounts = np.round(draw.gamma(2, 20, len(customers)), 2)
    if kind == "refunds only":
        amounts = -amounts - 0.01
    elif kind == "for nothing":
        amounts *= draw.random(len(amounts)) < 0.5
    elif kind == "fortunes":
        amounts *= 10.0 ** draw.integers(-4, 13, len(amounts))
    else:
        amounts *= np.where(draw.random(len(amounts)) < 0.1, -1, 1)
    return customers, days, amounts


@pytest.mark.parametrize("tenth", range(10))
def test_thirty_shops_of_any_kind(warehouse: duckdb.DuckDBPyConnection, tenth: int) -> None:
    for seed in range(3 * tenth, 3 * (tenth + 1)):
        assert_the_forecast_is_sane(warehouse, seed)


@pytest.mark.long
@pytest.mark.parametrize("learns", [False, True])
def test_a_thousand_shops_of_any_kind(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, learns: bool
) -> None:
    if learns:
        monkeypatch.setattr(plan, "champion", lambda *asked: "spend_regression" if "spend" in asked else "logistic")
    for seed in range(1000, 2000):
        assert_the_forecast_is_sane(warehouse, seed)
