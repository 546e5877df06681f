"""What customers will do in the next days, by a fitted model: expected, discounted, how likely, from where to where.

Whoever wants to know who is leaving looks at ``probability_of_order``. The probability to be alive is no score: BG/NBD
takes every customer with one order to be alive for ever.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray
from customer_analytics.metrics.value_models.fit import ORDER_MODELS, Fit
from customer_analytics.metrics.value_models.quadrature import legendre

# Places in the distinct pairs of frequency and age.
Pairs = npt.NDArray[np.intp]

HORIZONS = (30, 90, 365)
DAYS_A_YEAR = 365.0
# Between two horizons expected orders are this smooth.
DISCOUNTING_NODES = 4


@dataclass(frozen=True)
class ForecastOptions:
    """Horizons in days; what a year of waiting takes off an amount, as a rate; how many outcomes an interval holds."""

    horizons: tuple[int, ...] = HORIZONS
    annual_discount_rate: float = 0.1
    coverage: float = 0.9


@dataclass(frozen=True)
class OrderForecast:
    """The purchase occasions of the next ``days`` days; arrays have one entry a group of the cohort.

    ``expected_orders`` is their mean number, ``discounted_orders`` the same with each worth less the later it comes,
    ``probability_of_order`` that of at least one. The number lies between ``fewest_orders`` and ``most_orders``, ends
    included, with at least the probability asked for: these are quantiles of what one customer will do under the fitted
    model, and do not say how far its parameters may be off.
    """

    days: int
    expected_orders: FloatArray
    discounted_orders: FloatArray
    probability_of_order: FloatArray
    fewest_orders: FloatArray
    most_orders: FloatArray


def forecast_orders(fit: Fit, cohort: Cohort, options: ForecastOptions | None = None) -> tuple[OrderForecast, ...]:
    """One forecast a horizon, ascending. There is no more than one occasion a day, whatever a model says.

    All but the probability to be alive depends on frequency and age alone; there are far fewer such pairs than groups.

    Raises:
        KeyError: the fit is not one of a model of purchase counts.
    """
    options = options or ForecastOptions()
    model, values = ORDER_MODELS[fit.model], fit.values
    frequency, age, pair = _pairs(cohort)
    alive = np.concatenate([model.probability_alive(values, block) for block in cohort.blocks])
    horizons = sorted(options.horizons)

    def expected(days: float) -> FloatArray:
        return np.minimum(model.orders_if_alive(values, frequency, age, days), days)

    forecasts = []
    for days, (orders, discounted) in zip(
        horizons, _discount(expected, horizons, options.annual_discount_rate), strict=True
    ):

        def reached(some: Pairs, orders: FloatArray, days: int = days) -> FloatArray:
            return model.reached_if_alive(values, frequency[some], age[some], days, orders)

        tail = (1 - options.coverage) / 2
        at_least_one = alive * reached(np.arange(len(age)), np.ones(len(age)))[pair]
        fewest, most = (_quantile(at_least_one > each, reached, alive, pair, each, days) for each in (1 - tail, tail))
        forecasts.append(
            OrderForecast(days, alive * orders[pair], alive * discounted[pair], at_least_one, fewest, most)
        )
    return tuple(forecasts)


def _pairs(cohort: Cohort) -> tuple[FloatArray, FloatArray, Pairs]:
    """The distinct pairs of frequency and age, and which of them each group has."""
    frequencies, frequency_place, _ = cohort.distinct_frequencies
    ages, age_place = np.unique(cohort.age, return_inverse=True)
    pairs, place = np.unique(frequency_place * len(ages) + age_place, return_inverse=True)
    return frequencies[pairs // max(len(ages), 1)], ages[pairs % max(len(ages), 1)], place


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


def _quantile(
    is_one_reached: npt.NDArray[np.bool_],
    reached: Callable[[Pairs, FloatArray], FloatArray],
    alive: FloatArray,
    pair: Pairs,
    tail: float,
    most: int,
) -> FloatArray:
    """The number of orders that is exceeded with no more than the probability ``tail``, for each group.

    The number is doubled until it is not reached any more, and the range halved from there.
    """
    low, high, is_bounded = is_one_reached.astype(float), np.where(is_one_reached, most + 1.0, 1.0), ~is_one_reached
    while len(groups := np.flatnonzero(high - low > 1)):
        doubled, halved = np.minimum(2 * low[groups], most), np.floor((low[groups] + high[groups]) / 2)
        orders = np.where(is_bounded[groups], halved, doubled)
        # Many groups have the same pair, and are at the same number.
        asked, place = np.unique(pair[groups] * (most + 1) + orders.astype(np.intp), return_inverse=True)
        probability = alive[groups] * reached(asked // (most + 1), (asked % (most + 1)).astype(float))[place]
        is_reached = probability > tail
        low[groups] = np.where(is_reached, orders, low[groups])
        high[groups] = np.where(is_reached, high[groups], orders)
        is_bounded[groups] |= ~is_reached
    return low
