"""Figures of every customer as of a day that is learned from: features, and what a model of purchase counts says."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from customer_analytics.metrics.forecasting.model_forecast import ModelForecast
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.cohort import FloatArray

# So close to 0 and 1 odds are told apart.
LEAST_PROBABILITY = 1e-6
# The share of the mean forecast that is added to amounts before they are compared, so that none is 0.
LEAST_SHARE = 0.01

NO_ORDER_LOG_ODDS = "no_order_log_odds"


@dataclass(frozen=True)
class Figures:
    """Columns by name: arrays with an entry a customer, in the order of customer_id."""

    names: tuple[str, ...]
    columns: FloatArray

    def beside(self, **columns: FloatArray) -> "Figures":
        """These, and more of them."""
        return Figures((*self.names, *columns), np.column_stack([self.columns, *columns.values()]))


def read_figures(connection: duckdb.DuckDBPyConnection, day: date) -> Figures:
    """What features say of everybody in the temporary table ``forecast_customers``.

    ``asked_features`` must have the day.
    """
    found = connection.execute(statement("forecast/figures"), {"day": day}).fetchnumpy()
    columns = {name: np.asarray(column) for name, column in found.items() if name != "customer_id"}
    return Figures(tuple(columns), np.column_stack(list(columns.values())))


def of_no_order(known: Figures, model: ModelForecast) -> Figures:
    """What the probability of no order is learned from: what is known, and the log-odds of it that a model gives."""
    probability = np.clip(model.no_order, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return known.beside(**{NO_ORDER_LOG_ODDS: np.log(probability) - np.log1p(-probability)})


def of_spend(known: Figures, model: ModelForecast, past_spend: FloatArray) -> Figures:
    """What the factor on a model's expected spend is learned from: what is known, and that spend, beside the past's.

    ``past_spend`` is what a customer spent in as many days on the average of all days since the data begin.
    """
    least = LEAST_SHARE * float(np.sum(model.spend)) / max(len(model.spend), 1) or 1.0
    return known.beside(
        log_expected_spend=np.log(model.spend + least),
        log_past_over_expected_spend=np.log((past_spend + least) / (model.spend + least)),
    )
