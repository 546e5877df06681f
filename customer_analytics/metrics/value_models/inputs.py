"""Between warehouse and models: customers as of a day from the published orders, and forecasts back to each of them."""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray, Spending
from customer_analytics.metrics.value_models.fit import Fit
from customer_analytics.metrics.value_models.forecast import HORIZONS, ForecastOptions, forecast_orders
from customer_analytics.metrics.value_models.gamma_gamma import expected_spend_per_order


def read_customers(connection: duckdb.DuckDBPyConnection, day: date) -> tuple[Cohort, Spending]:
    """Everybody who had ordered by the end of ``day`` (UTC), by what was delivered by then.

    Leaves the temporary table ``forecast_customers``, one row a customer, for ``forecast_customers``.
    """
    open_inputs(connection, "orders")
    connection.execute(statement("forecast/customers"), {"day": day})
    groups = _columns(connection, "forecast/cohort")
    spend = _columns(connection, "forecast/spending")
    paid_share = float(spend["paid_share"][0]) if len(spend["paid_share"]) else 0.0
    return (
        Cohort(groups["frequency"], groups["recency"], groups["age"], groups["customers"]),
        Spending(spend["occasions"], spend["mean_spend"], spend["mean_log_spend"], spend["customers"], paid_share),
    )


def forecast_customers(
    connection: duckdb.DuckDBPyConnection,
    fits: tuple[Fit, Fit],
    cohort: Cohort,
    spending: Spending,
    annual_discount_rate: float = 0.1,
) -> None:
    """Make the temporary view ``customer_forecasts``, one row a customer of ``read_customers``.

    ``fits`` are one of a model of purchase counts and one of the Gamma-Gamma model. The view can be read until the next
    call on the connection. Its columns are named after ``HORIZONS``.
    """
    orders_fit, spend_fit = fits
    columns = {"frequency": cohort.frequency, "recency": cohort.recency, "age": cohort.age}
    for forecast in forecast_orders(orders_fit, cohort, ForecastOptions(HORIZONS, annual_discount_rate)):
        columns[f"expected_orders_{forecast.days}d"] = forecast.expected_orders
        columns[f"discounted_orders_{forecast.days}d"] = forecast.discounted_orders
        columns[f"probability_of_order_{forecast.days}d"] = forecast.probability_of_order
        columns[f"fewest_orders_{forecast.days}d"] = forecast.fewest_orders.astype(np.int64)
        columns[f"most_orders_{forecast.days}d"] = forecast.most_orders.astype(np.int64)
    spend = _columns(connection, "forecast/spend_of_customers")
    per_order = expected_spend_per_order(spend_fit.values, spend["paid_occasions"], spend["mean_spend"])
    # An order for nothing may be the next one too.
    spend_columns = {"customer_row": spend["customer_row"], "spend_per_order": spending.paid_share * per_order}
    connection.register("scored_groups", pa.table(columns))
    connection.register("scored_spend", pa.table(spend_columns))
    connection.execute(statement("forecast/customer_forecasts"))


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, FloatArray]:
    return {column: np.asarray(values) for column, values in connection.execute(statement(name)).fetchnumpy().items()}
