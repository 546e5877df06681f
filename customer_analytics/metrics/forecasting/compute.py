"""The asset customer_value_forecast: what is expected of every customer in the days after a day."""

from collections.abc import Sequence
from datetime import date, datetime

import duckdb
import pyarrow as pa

from customer_analytics.metrics.as_of import ask, record_days
from customer_analytics.metrics.derived import CUSTOMER_VALUE_FORECAST
from customer_analytics.metrics.forecasting.customers import customers_of
from customer_analytics.metrics.forecasting.fits import Fits, earlier_fits, fit_customers
from customer_analytics.metrics.forecasting.learning import Learner
from customer_analytics.metrics.forecasting.plan import plan_for
from customer_analytics.metrics.forecasting.scored import scored
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.threads import one_thread


def compute_customer_value_forecast(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    """Replace ``days`` in ``marts.customer_value_forecast`` by what is expected as of the end of each.

    Runs in the caller's transaction. ``computed_at`` is UTC, without a time zone.
    """
    ask(connection, days)
    connection.execute(statement("forecast/delete"))
    learner = Learner(connection)
    for day in sorted(set(days)):
        with one_thread():
            fits = _forecast(connection, learner, day)
        connection.execute(statement("forecast/store"))
        connection.execute(statement("forecast/store_totals"), {"day": day})
        for fit in (fits.orders, fits.spending):
            connection.execute(
                statement("forecast/store_fit"),
                {
                    "day": day,
                    "model": fit.model,
                    "label": fit.label,
                    "customers": fit.customers,
                    "log_likelihood": fit.log_likelihood,
                    "was_tried": fit.evaluations > 0,
                    "names": list(fit.names),
                    "parameters": list(fit.parameters),
                },
            )
    record_days(connection, CUSTOMER_VALUE_FORECAST, days, run_id, computed_at)


def forecast_for(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    """Make the temporary table ``asked_forecast``: the rows of ``marts.customer_value_forecast`` for ``day``.

    They are the stored ones, or made anew where there are none or their inputs have changed since; then the temporary
    tables ``asked_features`` and ``forecast_customers`` are replaced.
    """
    parameters = {
        "asset": CUSTOMER_VALUE_FORECAST.name,
        "sources": list(CUSTOMER_VALUE_FORECAST.sources),
        "day": day,
    }
    if connection.execute(statement("forecast/is_stored"), parameters).fetchone() == (True,):
        connection.execute(statement("forecast/stored_forecast"), {"day": day})
    else:
        with one_thread():
            _forecast(connection, Learner(connection), day)
        connection.execute(statement("forecast/asked_forecast"))


def _forecast(connection: duckdb.DuckDBPyConnection, learner: Learner, day: date) -> Fits:
    """Make the temporary view ``day_forecast``, to be read before the connection reads other customers."""
    plan = plan_for(connection, learner, day)
    customers = customers_of(connection, day)
    fits = fit_customers(customers, plan.model, earlier_fits(connection, plan.model, day))
    groups, own = scored(connection, customers, fits, plan, learner.first_day)
    connection.register("scored_groups", groups)
    connection.register("scored_customers", own)
    connection.register("scored_day", pa.table({"as_of_date": [day], "model": [plan.named], "label": [fits.label]}))
    connection.execute(statement("forecast/day_forecast"))
    return fits
