"""What customers will do in the next days, by a fitted model: expected, discounted, how likely, from where to where.

Whoever wants to know who is leaving looks at ``probability_of_order``. The probability to be alive is no score: BG/NBD
takes every customer with one order to be alive for ever.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray
from customer_analytics.metrics.value_models.fit import ORDER_MODELS, Fit
from customer_analytics.metrics.value_models.model import OrderModel
from customer_analytics.metrics.value_models.quadrature import legendre

HORIZONS = (30, 90, 365)
DAYS_A_YEAR = 365.0
# So likely an outcome lies in its interval.
COVERAGE = 0.9
# Between two horizons expected orders are this smooth.
DISCOUNTING_NODES = 4


@dataclass(frozen=True)
class ForecastOptions:
    """Horizons in days; what a year of waiting takes off an amount, as a rate."""

    horizons: tuple[int, ...] = HORIZONS
    annual_discount_rate: float = 0.1


@dataclass(frozen=True)
class OrderForecast:
    """The purchase occasions of the next ``days`` days; arrays have one entry a group of the cohort.

    ``expected_orders`` is their mean number, ``discounted_orders`` the same with each worth less the later it comes,
    ``probability_of_order`` that of at least one. The number lies between ``fewest_orders`` and ``most_orders``, ends
    included, with the probability ``COVERAGE`` at least: these are quantiles of what one customer will do under the
    fitted model, and do not say how far its parameters may be off. They take longest, and are computed when asked for.
    """

    days: int
    expected_orders: FloatArray
    discounted_orders: FloatArray
    probability_of_order: FloatArray
    interval: Callable[[], tuple[FloatArray, FloatArray]] = field(repr=False, compare=False)

    @property
    def fewest_orders(self) -> FloatArray:
        """The lower end of the interval."""
        return self._ends[0]

    @property
    def most_orders(self) -> FloatArray:
        """The upper end of the interval."""
        return self._ends[1]

    @cached_property
    def _ends(self) -> tuple[FloatArray, FloatArray]:
        return self.interval()


def forecast_orders(fit: Fit, cohort: Cohort, options: ForecastOptions | None = None) -> tuple[OrderForecast, ...]:
    """One forecast a horizon, ascending. There is no more than one occasion a day, whatever a model says.

    All but the probability to be alive depends on frequency and age alone; there are far fewer such pairs than groups.

    Raises:
        KeyError: the fit is not one of a model of purchase counts.
    """
    options = options or ForecastOptions()
    groups, horizons = _Groups.of(fit, cohort), sorted(options.horizons)
    forecasts = []
    for days, (orders, discounted) in zip(
        horizons, _discount(groups.expected, horizons, options.annual_discount_rate), strict=True
    ):
        expected, at_least_one = groups.alive * orders[groups.pair], groups.at_least_one(days)
        interval = partial(groups.interval, days, expected, at_least_one)
        forecasts.append(OrderForecast(days, expected, groups.alive * discounted[groups.pair], at_least_one, interval))
    return tuple(forecasts)


@dataclass(frozen=True)
class _Groups:
    """A cohort's groups under a fitted model: how likely each is alive, and which pair of frequency and age it has."""

    model: OrderModel
    values: FloatArray
    alive: FloatArray
    pair: npt.NDArray[np.intp]
    frequency: FloatArray
    age: FloatArray

    @classmethod
    def of(cls, fit: Fit, cohort: Cohort) -> Self:
        model, values = ORDER_MODELS[fit.model], fit.values
        alive = np.concatenate([model.probability_alive(values, block) for block in cohort.blocks])
        frequencies, frequency_place, _ = cohort.distinct_frequencies
        ages, age_place = np.unique(cohort.age, return_inverse=True)
        pairs, pair = np.unique(frequency_place * len(ages) + age_place, return_inverse=True)
        frequency, age = frequencies[pairs // max(len(ages), 1)], ages[pairs % max(len(ages), 1)]
        return cls(model, values, alive, pair, frequency, age)

    def expected(self, days: float) -> FloatArray:
        """Of each pair's customers who are alive."""
        return np.minimum(self.model.orders_if_alive(self.values, self.frequency, self.age, days), days)

    def at_least_one(self, days: float) -> FloatArray:
        reached = self.model.reached_if_alive(self.values, self.frequency, self.age, days, np.ones(len(self.age)))
        return self.alive * reached[self.pair]

    def interval(self, days: int, expected: FloatArray, at_least_one: FloatArray) -> tuple[FloatArray, FloatArray]:
        tail = (1 - COVERAGE) / 2
        return (
            self._quantile(days, expected, at_least_one, 1 - tail),
            self._quantile(days, expected, at_least_one, tail),
        )

    def _quantile(self, days: int, expected: FloatArray, at_least_one: FloatArray, tail: float) -> FloatArray:
        """The number of orders that is exceeded with no more than the probability ``tail``.

        From a guess it is looked for in steps that double, until it lies between two numbers; then by halves.
        """
        is_one_reached = at_least_one > tail
        low, high = is_one_reached.astype(float), np.where(is_one_reached, days + 1.0, 1.0)
        tried, step = np.clip(self._guess(expected, tail), 2, days), 1.0
        is_above, is_below = np.zeros_like(is_one_reached), np.zeros_like(is_one_reached)
        while len(groups := np.flatnonzero(high - low > 1)):
            at = tried[groups]
            is_reached = self._reached(groups, at, days) > tail
            low[groups] = np.where(is_reached, at, low[groups])
            high[groups] = np.where(is_reached, high[groups], at)
            is_above[groups] |= is_reached
            is_below[groups] |= ~is_reached
            further = np.clip(at + np.where(is_reached, step, -step), low[groups] + 1, high[groups] - 1)
            between = np.floor((low[groups] + high[groups]) / 2)
            tried[groups] = np.where(is_above[groups] & is_below[groups], between, further)
            step *= 2
        return low

    def _guess(self, expected: FloatArray, tail: float) -> FloatArray:
        """That number, if those who are alive ordered at rates that are gamma, and their orders were normal."""
        alive = np.maximum(self.alive, tail)
        mean = expected / alive
        deviation = np.sqrt(mean + mean**2 / (1 + self.frequency[self.pair]))
        guess: FloatArray = np.rint(mean + ndtri(np.maximum(1 - tail / alive, 1e-3)) * deviation)
        return guess

    def _reached(self, groups: npt.NDArray[np.intp], orders: FloatArray, days: int) -> FloatArray:
        """The probability of at least so many orders; many groups have the same pair, and ask for the same number."""
        asked, place = np.unique(self.pair[groups] * (days + 1) + orders.astype(np.intp), return_inverse=True)
        pairs, number = np.divmod(asked, days + 1)
        reached = self.model.reached_if_alive(
            self.values, self.frequency[pairs], self.age[pairs], days, number.astype(float)
        )
        return self.alive[groups] * reached[place]


def _discount(
    expected: Callable[[float], FloatArray], horizons: Sequence[int], annual_rate: float
) -> list[tuple[FloatArray, FloatArray]]:
    """Expected and discounted orders by each horizon.

    By parts: discounted orders are the horizon's expected ones, discounted from its end, plus the interest on those
    that come earlier. Only this small second part is summed numerically.
    """
    force = np.log1p(annual_rate) / DAYS_A_YEAR
    nodes, weights = legendre(DISCOUNTING_NODES)
    found, interest, start = [], 0.0 * expected(0.0), 0.0
    for days in horizons:
        if force:
            for node, weight in zip(start + nodes * (days - start), weights * (days - start), strict=True):
                interest = interest + force * weight * np.exp(-force * node) * expected(node)
        orders = expected(days)
        found.append((orders, np.exp(-force * days) * orders + interest))
        start = days
    return found
