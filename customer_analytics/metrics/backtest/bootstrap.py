"""How far a figure hangs on which customers there happen to be: percentile intervals by resampling them.

The same customer counts equally often in a draw for every model, measure and origin. So what is compared is compared on
the same resamplings (a paired bootstrap), and month ends that judge the same customers over again do not pass for
independent ones. What such an interval does not say is how another year would have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from customer_analytics.metrics.backtest.measures import Measure
from customer_analytics.metrics.backtest.outcomes import Keys
from customer_analytics.metrics.value_models.cohort import FloatArray

DRAWS = 200
COVERAGE = 0.95
# More customers than these are not resampled; a sample of so many is, and its spread scaled to all of them.
MOST_CUSTOMERS = 10_000
# Customers are resampled in so many groups, by key: almost one by one, and in ever the same way.
_GROUPS = 4096
_SEED = 1979  # of Efron's "Bootstrap methods: another look at the jackknife"
# Figures keep so many decimals, so that they do not hang on the order in which a processor adds.
_DECIMALS = 6


@dataclass(frozen=True)
class Figure:
    """A measure's value and its resamplings; NaN among these where one had no such measure."""

    value: float
    draws: FloatArray

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which ``COVERAGE`` of the resamplings lie; None where fewer than half have the measure."""
        return interval(self.draws)


@dataclass(frozen=True)
class Resampling:
    """How some customers are resampled: ``rows`` of them, each with its number of times in every draw.

    ``scale`` is what makes the spread among the rows that of all customers: the root of how many of these they are.
    """

    rows: npt.NDArray[np.intp]
    weights: FloatArray
    scale: float


def resample(keys: Keys) -> Resampling:
    """Poisson weights with mean 1 for each customer and draw, which stand for drawing with replacement.

    (Hanley and MacGibbon 2006, "Creating non-parametric bootstrap samples using Poisson frequencies".) Of more than
    ``MOST_CUSTOMERS`` those with the lowest keys are taken, and what comes out is scaled as that of a smaller bootstrap
    (Bickel, Götze and van Zwet 1997, "Resampling fewer than n observations").
    """
    rows = np.sort(np.argsort(keys, kind="stable")[:MOST_CUSTOMERS])
    groups = (keys[rows] % np.uint64(_GROUPS)).astype(np.intp)
    return Resampling(rows, _weights()[groups], float(np.sqrt(len(rows) / max(len(keys), 1))))


def figure(measure: Measure, actual: FloatArray, predicted: FloatArray, resampling: Resampling) -> Figure | None:
    """The measure of all customers, and of each resampling of them; None where it is not defined."""
    if not len(actual):
        return None
    value = measure(actual, predicted, np.ones((len(actual), 1)))[0]
    if np.isnan(value):
        return None
    rows = resampling.rows
    draws = measure(actual[rows], predicted[rows], resampling.weights)
    if len(rows) < len(actual):
        of_rows = measure(actual[rows], predicted[rows], np.ones((len(rows), 1)))[0]
        draws = value + resampling.scale * (draws - of_rows)
    return Figure(rounded(value), np.round(draws, _DECIMALS))


def pooled(figures: Sequence[tuple[float, Figure]]) -> Figure:
    """The mean of figures of several origins, each weighted by its number of customers, and of their draws."""
    weights = np.array([customers for customers, _ in figures])
    weights = weights / weights.sum()
    value = weights @ np.array([figure.value for _, figure in figures])
    return Figure(float(value), weights @ np.array([figure.draws for _, figure in figures]))


def difference(challenger: Figure, incumbent: Figure) -> Figure:
    """By how much the challenger's figure is above the incumbent's, paired: on the same resamplings."""
    return Figure(rounded(challenger.value - incumbent.value), np.round(challenger.draws - incumbent.draws, _DECIMALS))


def interval(draws: FloatArray) -> tuple[float, float] | None:
    """Between which ``COVERAGE`` of the draws lie; None where fewer than half are numbers."""
    defined = draws[~np.isnan(draws)]
    if 2 * len(defined) < max(len(draws), 1):
        return None
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(defined, (tail, 1 - tail))
    return rounded(low), rounded(high)


def rounded(value: float) -> float:
    """As it is stored; never a negative zero."""
    return round(float(value), _DECIMALS) + 0.0


@cache
def _weights() -> FloatArray:
    return np.random.default_rng(_SEED).poisson(1.0, (_GROUPS, DRAWS)).astype(np.float64)
