"""Learning from what came of forecasts: origins whose outcome is known by a day, and what follows from them for it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import duckdb
import numpy as np

from customer_analytics.metrics.backtest.outcomes import BoolArray, read_outcomes
from customer_analytics.metrics.features import features_for
from customer_analytics.metrics.forecasting.customers import Customers, customers_of
from customer_analytics.metrics.forecasting.figures import (
    NO_ORDER_LOG_ODDS,
    Figures,
    of_no_order,
    of_spend,
    read_figures,
)
from customer_analytics.metrics.forecasting.fits import fit_customers
from customer_analytics.metrics.forecasting.logistic import LogisticScorer, learn_logistic
from customer_analytics.metrics.forecasting.model_forecast import forecast_with
from customer_analytics.metrics.forecasting.spend_regression import FactorScorer, learn_spend_factor
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.month_ends import latest_month_ends
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.cohort import FloatArray

# Half a year of month ends. From one alone chance is learned: one good month would be taken for the rule.
MOST_ORIGINS = 6
FEWEST_ORIGINS = 2
# Before the first origin there are so many days of history: of less, features and models know next to nothing.
LEAST_HISTORY = 30
# What happened two months earlier weighs half: businesses change.
HALF_LIFE = 60.0
# Of each origin no more customers are learned from than make the result any better.
MOST_CUSTOMERS = 50_000
# The model's log-odds may be believed as they are, to a coefficient of 1; other figures only correct them.
PRIOR_DEVIATION, PRIOR_DEVIATION_OF_MODEL = 0.1, 1.0


@dataclass(frozen=True)
class Learned:
    """What is used from ``known_on`` on, when the last origin's outcome is over; None where there is too little."""

    known_on: date
    origins: tuple[date, ...]
    no_order: LogisticScorer | None
    spend: FactorScorer | None


@dataclass(frozen=True)
class _Lesson:
    """An origin and what came of it; arrays have an entry a customer."""

    no_order_figures: Figures
    spend_figures: Figures
    expected_spend: FloatArray
    has_no_order: BoolArray
    spend: FloatArray


def origins_known(first_day: date, day: date, horizon: int) -> list[date]:
    """The latest ``MOST_ORIGINS`` month ends whose ``horizon`` days were over by the end of ``day``, ascending.

    ``first_day`` is that of the data. The list is empty where there are fewer than ``FEWEST_ORIGINS``.
    """
    earliest = first_day + timedelta(days=LEAST_HISTORY - 1)
    origins = latest_month_ends(earliest, day - timedelta(days=horizon), MOST_ORIGINS)
    return origins if len(origins) >= FEWEST_ORIGINS else []


def past_spend(customers: Customers, first_day: date, horizon: int) -> FloatArray:
    """What customers spent in ``horizon`` days on the average of all days since ``first_day``, in currency units."""
    days = (customers.day - first_day).days + 1
    return customers.paid_occasions * customers.mean_spend * horizon / days


class Learner:
    """Learns from origins; keeps those it learned from last, because most of them serve again the next month.

    It lasts for one transaction: what is published must not change.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lessons: dict[int, dict[date, _Lesson]] = {}

    @cached_property
    def first_day(self) -> date:
        """The first delivery day of orders; without any, a day that is never reached."""
        open_inputs(self._connection, "orders")
        row = self._connection.execute(statement("forecast/first_day")).fetchone()
        return row[0] if row and row[0] else date.max - timedelta(days=366)

    def learn(self, day: date, horizon: int) -> Learned | None:
        """What is known by the end of ``day`` of the ``horizon`` days after one; None where there are too few origins.

        The result hangs on what was delivered by its ``known_on`` and on nothing else. Replaces the temporary tables
        ``asked_features`` and ``forecast_customers``.
        """
        origins = origins_known(self.first_day, day, horizon)
        if not origins:
            return None
        kept = self._lessons.get(horizon, {})
        lessons = {
            origin: kept.get(origin) or _lesson(self._connection, self.first_day, origin, horizon) for origin in origins
        }
        self._lessons[horizon] = lessons
        weights = np.concatenate(
            [
                np.full(len(lesson.spend), 0.5 ** ((origins[-1] - origin).days / HALF_LIFE))
                for origin, lesson in lessons.items()
            ]
        )
        taught = list(lessons.values())
        return Learned(
            origins[-1] + timedelta(days=horizon),
            tuple(origins),
            _learn_no_order(taught, weights),
            _learn_spend(taught, weights),
        )


def _lesson(connection: duckdb.DuckDBPyConnection, first_day: date, origin: date, horizon: int) -> _Lesson:
    customers = customers_of(connection, origin)
    fits = fit_customers(customers)
    features_for(connection, [origin])
    known = read_figures(connection, origin)
    every = slice(None, None, max(-(-len(customers.group) // MOST_CUSTOMERS), 1))
    customers = customers.some(every)
    known = replace(known, columns=known.columns[every])
    forecast = forecast_with(customers, fits, horizon)
    outcomes = read_outcomes(connection, origin, horizon)
    return _Lesson(
        of_no_order(known, forecast),
        of_spend(known, forecast, past_spend(customers, first_day, horizon)),
        forecast.spend,
        outcomes.no_order[every],
        outcomes.spend[every],
    )


def _learn_no_order(lessons: list[_Lesson], weights: FloatArray) -> LogisticScorer | None:
    names = lessons[0].no_order_figures.names
    priors = [PRIOR_DEVIATION_OF_MODEL if name == NO_ORDER_LOG_ODDS else PRIOR_DEVIATION for name in names]
    figures = np.concatenate([lesson.no_order_figures.columns for lesson in lessons])
    happened = np.concatenate([lesson.has_no_order for lesson in lessons])
    return learn_logistic(names, figures, happened, priors, weights)


def _learn_spend(lessons: list[_Lesson], weights: FloatArray) -> FactorScorer | None:
    figures = np.concatenate([lesson.spend_figures.columns for lesson in lessons])
    forecast = np.concatenate([lesson.expected_spend for lesson in lessons])
    spend = np.concatenate([lesson.spend for lesson in lessons])
    has_forecast = forecast > 0
    return learn_spend_factor(
        lessons[0].spend_figures.names,
        figures[has_forecast],
        forecast[has_forecast],
        spend[has_forecast],
        weights[has_forecast],
    )
