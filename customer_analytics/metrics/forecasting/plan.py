"""What a day's forecast is made with: what the gate chose, and the default where it chose nothing that can be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.metrics.backtest.champions import champion
from customer_analytics.metrics.backtest.gate import SPEND_HORIZON
from customer_analytics.metrics.forecasting.candidates import LOGISTIC, SPEND_REGRESSION
from customer_analytics.metrics.forecasting.fits import DEFAULT_MODEL
from customer_analytics.metrics.forecasting.learned import learned_by
from customer_analytics.metrics.forecasting.learning import Learner
from customer_analytics.metrics.forecasting.logistic import LogisticScorer
from customer_analytics.metrics.forecasting.naming import named
from customer_analytics.metrics.forecasting.spend_regression import FactorScorer
from customer_analytics.metrics.value_models.fit import ORDER_MODELS
from customer_analytics.metrics.value_models.forecast import HORIZONS


@dataclass(frozen=True)
class Plan:
    """``model`` is the model of purchase counts, ``named`` what the forecast's column model says.

    By horizon, ``no_order`` has what calibrates the probability, and ``spend`` what corrects the expected spend, where
    they won and could be learned.
    """

    model: str
    named: str
    no_order: Mapping[int, LogisticScorer]
    spend: Mapping[int, FactorScorer]


def plan_for(connection: duckdb.DuckDBPyConnection, learner: Learner, day: date) -> Plan:
    """The plan as of the end of ``day``.

    Where no candidate has beaten the baseline on spend, its numbers are not used instead: a formula that gives one-time
    customers nothing, and every horizon the same, is no forecast of orders and probabilities. The default model is, and
    its name says that it is unproven. May replace the temporary tables that ``Learner.learn`` replaces.
    """
    winner = champion(connection, day, SPEND_HORIZON, "spend")
    calibrated = [horizon for horizon in HORIZONS if champion(connection, day, horizon, "no_order") == LOGISTIC]
    corrected = HORIZONS if winner == SPEND_REGRESSION else ()
    no_order, spend = {}, {}
    for horizon in sorted({*calibrated, *corrected}):
        learned = learned_by(connection, learner, day, horizon)
        if learned and learned.no_order and horizon in calibrated:
            no_order[horizon] = learned.no_order
        if learned and learned.spend and horizon in corrected:
            spend[horizon] = learned.spend
    if winner in ORDER_MODELS:
        return Plan(winner, winner, no_order, spend)
    return Plan(DEFAULT_MODEL, named(winner, spend), no_order, spend)
