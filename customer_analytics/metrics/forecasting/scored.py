"""A day's forecast as columns for the database: of groups of customers who look the same, and of each customer."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from customer_analytics.metrics.features import features_for
from customer_analytics.metrics.forecasting.customers import Customers
from customer_analytics.metrics.forecasting.figures import of_no_order, of_spend, read_figures
from customer_analytics.metrics.forecasting.fits import Fits, with_default_model
from customer_analytics.metrics.forecasting.learning import past_spend
from customer_analytics.metrics.forecasting.model_forecast import forecast_with, spend_per_order
from customer_analytics.metrics.forecasting.plan import Plan
from customer_analytics.metrics.value_models.forecast import OrderForecast, forecast_orders

Columns = dict[str, npt.NDArray[Any]]


def scored(
    connection: duckdb.DuckDBPyConnection, customers: Customers, fits: Fits, plan: Plan, first_day: date
) -> tuple[pa.Table, pa.Table]:
    """The forecast of each group of the cohort, and what is each customer's own. Columns are named after ``HORIZONS``.

    The probability of an order, and the factor on the expected spend, lie with the customers where something was
    learned for each of them, and with the groups where not.
    """
    forecasts = forecast_orders(fits.orders, customers.cohort)
    groups: Columns = {"group_place": np.arange(len(forecasts[0].expected_orders))}
    for forecast in forecasts:
        groups[f"expected_orders_{forecast.days}d"] = forecast.expected_orders
        groups[f"discounted_orders_{forecast.days}d"] = forecast.discounted_orders
        groups[f"fewest_orders_{forecast.days}d"] = forecast.fewest_orders
        groups[f"most_orders_{forecast.days}d"] = forecast.most_orders
    own: Columns = {
        "customer_row": customers.row,
        "group_place": customers.group,
        "spend_per_order": spend_per_order(customers, fits),
    }
    if plan.no_order or plan.spend:
        own |= _learned(connection, customers, fits, plan, first_day, forecasts)
    else:
        groups |= _unlearned(forecasts)
    return pa.table(groups), pa.table(own)


def _unlearned(forecasts: tuple[OrderForecast, ...]) -> Columns:
    columns: Columns = {}
    for forecast in forecasts:
        columns[f"probability_of_order_{forecast.days}d"] = forecast.probability_of_order
        columns[f"spend_factor_{forecast.days}d"] = np.ones_like(forecast.probability_of_order)
    return columns


def _learned(
    connection: duckdb.DuckDBPyConnection,
    customers: Customers,
    fits: Fits,
    plan: Plan,
    first_day: date,
    forecasts: tuple[OrderForecast, ...],
) -> Columns:
    """What was learned was learned beside the default model's forecasts, and is applied to those of this day.

    The probability and the spend never fall with the horizon, though each horizon was learned by itself.
    """
    beside = with_default_model(connection, customers, fits)
    features_for(connection, [customers.day])
    known = read_figures(connection, customers.day)
    probability, spend = np.zeros(len(customers.group)), np.zeros(len(customers.group))
    columns: Columns = {}
    for forecast in forecasts:
        days, orders = forecast.days, forecast.expected_orders[customers.group]
        own, factor = forecast.probability_of_order[customers.group], np.ones(len(orders))
        model = forecast_with(customers, beside, days)
        if days in plan.no_order:
            own = 1 - plan.no_order[days].probability(of_no_order(known, model).columns)
        if days in plan.spend:
            past = past_spend(customers, first_day, days)
            factor = plan.spend[days].factor(of_spend(known, model, past).columns)
        probability, spend = np.maximum(probability, own), np.maximum(spend, orders * factor)
        columns[f"probability_of_order_{days}d"] = probability
        columns[f"spend_factor_{days}d"] = np.divide(spend, orders, out=factor, where=orders > 0)
    return columns
