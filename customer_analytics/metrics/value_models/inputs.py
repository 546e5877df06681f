"""From warehouse to models: customers as of a day, from the published orders, in groups that look the same."""

from datetime import date

import duckdb
import numpy as np

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray, Spending


def read_customers(connection: duckdb.DuckDBPyConnection, day: date) -> tuple[Cohort, Spending]:
    """Everybody who had ordered by the end of ``day`` (UTC), by what was delivered by then.

    Leaves the temporary table ``forecast_customers``, one row a customer in the order of customer_id.
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


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, FloatArray]:
    return {column: np.asarray(values) for column, values in connection.execute(statement(name)).fetchnumpy().items()}
