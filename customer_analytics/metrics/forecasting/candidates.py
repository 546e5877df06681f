"""What every candidate says of the days after an origin, from what was known by the end of it and nothing else."""

from collections.abc import Mapping
from datetime import date

import duckdb

from customer_analytics.metrics.backtest.scores import Scores
from customer_analytics.metrics.features import features_for
from customer_analytics.metrics.forecasting.customers import Customers, customers_of
from customer_analytics.metrics.forecasting.figures import of_no_order, of_spend, read_figures
from customer_analytics.metrics.forecasting.fits import DEFAULT_MODEL, fit_customers
from customer_analytics.metrics.forecasting.learned import learned_by
from customer_analytics.metrics.forecasting.learning import Learned, Learner, past_spend
from customer_analytics.metrics.forecasting.model_forecast import ModelForecast, forecast_with
from customer_analytics.metrics.value_models.cohort import FloatArray
from customer_analytics.metrics.value_models.fit import ORDER_MODELS
from customer_analytics.metrics.value_models.forecast import DAYS_A_YEAR
from customer_analytics.metrics.value_models.threads import one_thread

BASELINE, RECENCY, LOGISTIC, SPEND_REGRESSION = "baseline", "recency", "logistic", "spend_regression"


def score_origin(
    connection: duckdb.DuckDBPyConnection, origin: date, horizon: int, learner: Learner | None = None
) -> Mapping[str, Scores]:
    """Every candidate's scores for the ``horizon`` days after ``origin``, by the candidate's name.

    Customers are all who had ordered by the end of the origin, by what was delivered by then, in the order of
    customer_id. ``baseline`` is the plain formula of ``baseline_spend``, whatever the horizon; ``recency`` ranks by
    the days since the last order and says nothing else. The learned candidates are missing where by the origin there
    was too little to learn from; a ``learner`` keeps what serves for the next origin too. Replaces the temporary view
    ``asked_features`` and the table ``forecast_customers``.
    """
    with one_thread():
        return _scores(connection, origin, horizon, learner or Learner(connection))


def _scores(
    connection: duckdb.DuckDBPyConnection, origin: date, horizon: int, learner: Learner
) -> Mapping[str, Scores]:
    learned = learned_by(connection, learner, origin, horizon)
    customers = customers_of(connection, origin)
    if not len(customers.group):
        return {}
    past = past_spend(customers, learner.first_day, horizon)
    forecasts = {name: forecast_with(customers, fit_customers(customers, name), horizon) for name in ORDER_MODELS}
    return {
        BASELINE: Scores(baseline_spend(customers), None, is_probability=False),
        RECENCY: Scores(None, customers.age - customers.recency, is_probability=False),
        **{name: Scores(each.spend, each.no_order, is_probability=True) for name, each in forecasts.items()},
        **(_learned_scores(connection, customers, forecasts[DEFAULT_MODEL], learned, past) if learned else {}),
    }


def baseline_spend(customers: Customers) -> FloatArray:
    """Total spend, times the years from first to last order, times 2, in currency units.

    That is estimated_clv but for two things: the spend is gross of refunds, as the spend that is forecast, and the day
    of the last order does not count to the years, so who ordered on one day only is expected to spend nothing.
    """
    return customers.paid_occasions * customers.mean_spend * customers.recency / DAYS_A_YEAR * 2


def _learned_scores(
    connection: duckdb.DuckDBPyConnection,
    customers: Customers,
    model: ModelForecast,
    learned: Learned,
    past: FloatArray,
) -> dict[str, Scores]:
    features_for(connection, [customers.day])
    known = read_figures(connection, customers.day)
    scores = {}
    if learned.no_order:
        no_order = learned.no_order.probability(of_no_order(known, model).columns)
        scores[LOGISTIC] = Scores(None, no_order, is_probability=True)
    if learned.spend:
        spend = model.spend * learned.spend.factor(of_spend(known, model, past).columns)
        scores[SPEND_REGRESSION] = Scores(spend, None, is_probability=False)
    return scores
