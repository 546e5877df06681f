"""The asset customer_value_forecast: what is stored of which day, and that it is the same however it was come by."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from customer_analytics.metrics.forecasting import plan
from customer_analytics.metrics.forecasting.compute import compute_customer_value_forecast, forecast_for
from customer_analytics.metrics.forecasting.customers import customers_of
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.forecasting.shop import day, publish_shop
from customer_analytics_tests.metrics.scenario import NOW, Order, at, publish_orders
from customer_analytics_tests.metrics.scenario import day as company_day

__all__ = ["warehouse"]

DAYS = [day(180), day(181), day(182)]


def forecast(connection: duckdb.DuckDBPyConnection, *days: date) -> list[tuple[Any, ...]]:
    compute_customer_value_forecast(connection, days, "run", NOW)
    return stored(connection)


def stored(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    rows = connection.execute("from marts.customer_value_forecast order by all").fetchall()
    fits = connection.execute("from marts.model_fits order by all").fetchall()
    return rows + fits + connection.execute("from marts.forecast_totals order by all").fetchall()


def choose(monkeypatch: pytest.MonkeyPatch, spend: str, no_order: str) -> None:
    monkeypatch.setattr(plan, "champion", lambda _1, _2, _3, target: spend if target == "spend" else no_order)


def named(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {
        model for (model,) in connection.execute("select distinct model from marts.customer_value_forecast").fetchall()
    }


def test_everybody_who_had_ordered_by_the_day_has_a_row(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(
        warehouse, company_day(1), [Order("ann", at(1), Decimal(10)), Order("eve", at(1), Decimal(-5), "refunded")]
    )
    publish_orders(warehouse, company_day(3), [Order("bob", at(3), Decimal(10))])
    compute_customer_value_forecast(warehouse, [company_day(2), company_day(3)], "run", NOW)
    rows = warehouse.execute(
        "select as_of_date, customer_id from marts.customer_value_forecast order by all"
    ).fetchall()
    assert rows == [(company_day(2), "ann"), (company_day(3), "ann"), (company_day(3), "bob")]


def test_in_a_transaction_as_it_runs_everybody_has_one_row_too(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    outside = forecast(warehouse, DAYS[0])
    warehouse.begin()
    assert forecast(warehouse, DAYS[0]) == outside
    warehouse.rollback()
    assert len({row[1] for row in outside if len(row) > 20}) == len(customers_of(warehouse, DAYS[0]).row)


@pytest.mark.parametrize(("spend", "no_order"), [("baseline", "pareto_nbd"), ("spend_regression", "logistic")])
def test_days_at_once_or_one_by_one_in_any_order_are_the_same_to_the_last_digit(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, spend: str, no_order: str
) -> None:
    choose(monkeypatch, spend, no_order)
    publish_shop(warehouse)
    at_once = forecast(warehouse, *DAYS)
    for table in ("customer_value_forecast", "model_fits", "forecast_totals", "learned_forecasts"):
        warehouse.execute(f"delete from marts.{table}")
    for one in (DAYS[1], DAYS[0], DAYS[2], DAYS[1]):
        forecast(warehouse, one)
    assert stored(warehouse) == at_once


def test_a_forecast_that_is_not_stored_is_made_anew_the_same(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    forecast(warehouse, *DAYS)
    forecast_for(warehouse, DAYS[1])
    as_stored = warehouse.execute("from asked_forecast order by customer_id").fetchall()
    warehouse.execute("delete from marts.customer_value_forecast")
    forecast_for(warehouse, DAYS[1])
    assert warehouse.execute("from asked_forecast order by customer_id").fetchall() == as_stored
    assert len(as_stored) > 100


def test_a_forecast_whose_orders_were_corrected_is_made_anew(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    forecast(warehouse, DAYS[0])
    publish_orders(warehouse, day(1), [Order("newly known", at(1).replace(month=1), Decimal(5))])
    forecast_for(warehouse, DAYS[0])
    assert warehouse.execute("select count(*) from asked_forecast where customer_id = 'newly known'").fetchone() == (1,)


def test_where_nothing_beat_the_baseline_the_models_name_says_that_it_is_unproven(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_shop(warehouse)
    forecast(warehouse, DAYS[0])
    assert named(warehouse) == {"mbg_nbd (unproven)"}


@pytest.mark.parametrize("champion", ["bg_nbd", "pareto_nbd", "spend_regression"])
def test_the_champion_is_used_and_named(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, champion: str
) -> None:
    publish_shop(warehouse)
    unproven = forecast(warehouse, DAYS[0])
    choose(monkeypatch, champion, "pareto_nbd")
    assert forecast(warehouse, DAYS[0]) != unproven
    stand_in = " (365 days: mbg_nbd, unproven)" if champion == "spend_regression" else ""  # Nothing is a year old.
    assert named(warehouse) == {champion + stand_in}


def test_the_calibrated_probability_is_used_where_it_won(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_shop(warehouse)
    columns = (
        "select probability_of_order_30d, expected_spend_30d from marts.customer_value_forecast order by customer_id"
    )
    choose(monkeypatch, "mbg_nbd", "mbg_nbd")
    forecast(warehouse, DAYS[0])
    of_model = warehouse.execute(columns).fetchall()
    choose(monkeypatch, "mbg_nbd", "logistic")
    forecast(warehouse, DAYS[0])
    calibrated = warehouse.execute(columns).fetchall()
    assert [spend for _, spend in calibrated] == [spend for _, spend in of_model]
    assert [probability for probability, _ in calibrated] != [probability for probability, _ in of_model]


def test_spend_is_orders_times_spend_per_order_and_discounted_it_is_less(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    forecast(warehouse, DAYS[0])
    rows = warehouse.execute(
        """select
             expected_orders_365d * spend_per_order::double,
             expected_spend_365d::double,
             discounted_spend_365d::double
           from marts.customer_value_forecast where expected_spend_365d > 50"""
    ).fetchall()
    assert len(rows) > 30
    for product, expected, discounted in rows:
        assert product == pytest.approx(expected, rel=1e-3)
        assert 0.9 * expected < discounted < expected


def test_the_totals_are_those_of_the_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    forecast(warehouse, *DAYS)
    sums = """select as_of_date, count(*), sum(expected_spend_90d) from marts.customer_value_forecast
              group by as_of_date order by as_of_date"""
    totals = "select as_of_date, customers, expected_spend_90d from marts.forecast_totals order by as_of_date"
    assert warehouse.execute(totals).fetchall() == warehouse.execute(sums).fetchall()


def test_before_the_first_order_there_is_nothing_to_forecast(warehouse: duckdb.DuckDBPyConnection) -> None:
    compute_customer_value_forecast(warehouse, [day(0)], "run", NOW)
    forecast_for(warehouse, day(0))
    assert warehouse.execute("select count(*) from asked_forecast").fetchone() == (0,)
