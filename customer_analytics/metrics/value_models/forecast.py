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

        def reached(orders: int, some: npt.NDArray[np.intp], days: int = days) -> FloatArray:
            return model.reached_if_alive(values, frequency[some], age[some], days, orders)

        tail = (1 - options.coverage) / 2
        at_least_one = alive * reached(1, np.arange(len(age)))[pair]
        fewest, most = _quantiles(reached, alive, pair, (1 - tail, tail), days)
        forecasts.append(
            OrderForecast(days, alive * orders[pair], alive * discounted[pair], at_least_one, fewest, most)
        )
    return tuple(forecasts)


def _pairs(cohort: Cohort) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp]]:
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


def _quantiles(
    reached: Callable[[int, npt.NDArray[np.intp]], FloatArray],
    alive: FloatArray,
    pair: npt.NDArray[np.intp],
    tails: Sequence[float],
    most: int,
) -> list[FloatArray]:
    """For each tail the number of orders that is exceeded with no more than that probability, for each group.

    Counts up, each time only for the pairs in which some group has not got there.
    """
    found = [np.zeros(len(alive)) for _ in tails]
    groups = np.arange(len(alive))
    reached_by_pair = np.zeros(pair.max(initial=-1) + 1)
    for orders in range(1, most + 1):
        pairs = np.flatnonzero(np.bincount(pair[groups]))
        reached_by_pair[pairs] = reached(orders, pairs)
        probability = alive[groups] * reached_by_pair[pair[groups]]
        for numbers, tail in zip(found, tails, strict=True):
            numbers[groups[probability > tail]] = orders
        groups = groups[probability > min(tails)]
        if not len(groups):
            break
    return found
