"""What is forecast of a customer, and that it makes sense."""

import numpy as np
import pytest

from customer_analytics.metrics.value_models.cohort import Cohort
from customer_analytics.metrics.value_models.fit import ORDER_MODELS, Fit, fit_orders
from customer_analytics.metrics.value_models.forecast import ForecastOptions, forecast_orders
from customer_analytics_tests.metrics.value_models.cdnow import cdnow

EVERY_MODEL = pytest.mark.parametrize("model", ORDER_MODELS)


def fitted(model: str) -> Fit:
    return fit_orders(ORDER_MODELS[model], cdnow().days)


def customers(*rows: tuple[float, float, float]) -> Cohort:
    frequency, recency, age = np.array(rows, dtype=np.float64).T
    return Cohort(frequency, recency, age, np.ones(len(rows)))


@EVERY_MODEL
def test_the_further_ahead_the_more_orders_and_none_counts_for_more_than_one(model: str) -> None:
    month, quarter, year = forecast_orders(fitted(model), cdnow().days)
    assert [forecast.days for forecast in (month, quarter, year)] == [30, 90, 365]
    for nearer, further in ((month, quarter), (quarter, year)):
        for figure in ("expected_orders", "discounted_orders", "probability_of_order", "fewest_orders", "most_orders"):
            assert np.all(getattr(nearer, figure) <= getattr(further, figure))
    for forecast in (month, quarter, year):
        assert np.all(forecast.probability_of_order <= np.minimum(forecast.expected_orders, 1))
        assert np.all(forecast.discounted_orders < forecast.expected_orders)
        assert np.all(forecast.discounted_orders > forecast.expected_orders * 1.1 ** (-forecast.days / 365))
        assert np.all(forecast.fewest_orders <= forecast.most_orders)


@EVERY_MODEL
def test_of_two_who_ordered_as_often_the_one_seen_lately_is_likelier_to_come(model: str) -> None:
    (forecast,) = forecast_orders(fitted(model), customers((4, 80, 272), (4, 260, 272)), ForecastOptions((90,)))
    gone, here = forecast.probability_of_order
    assert gone < here / 3


def test_a_customer_with_one_order_long_ago_is_not_likely_to_come_also_in_bg_nbd() -> None:
    fit, long_ago = fitted("bg_nbd"), customers((0, 0, 10), (0, 0, 1000))
    assert ORDER_MODELS["bg_nbd"].probability_alive(fit.values, long_ago) == pytest.approx([1, 1])
    (forecast,) = forecast_orders(fit, long_ago, ForecastOptions((90,)))
    assert forecast.probability_of_order[1] < forecast.probability_of_order[0] / 5


@EVERY_MODEL
def test_without_a_discount_rate_nothing_is_taken_off(model: str) -> None:
    for forecast in forecast_orders(fitted(model), cdnow().days, ForecastOptions(annual_discount_rate=0)):
        assert np.array_equal(forecast.discounted_orders, forecast.expected_orders)


@EVERY_MODEL
def test_orders_are_discounted_day_by_day(model: str) -> None:
    fit, one = fitted(model), customers((4, 200, 272))
    (year,) = forecast_orders(fit, one, ForecastOptions((365,), annual_discount_rate=0.5))
    of = ORDER_MODELS[model]
    by_day = [of.orders_if_alive(fit.values, one.frequency, one.age, float(day))[0] for day in range(366)]
    middles = np.arange(365) + 0.5
    expected = of.probability_alive(fit.values, one)[0] * np.sum(np.diff(by_day) * 1.5 ** (-middles / 365))
    assert year.discounted_orders[0] == pytest.approx(expected, rel=1e-4)


@EVERY_MODEL
@pytest.mark.parametrize("days", [30, 90, 365])
def test_the_interval_leaves_out_no_more_than_a_tail_on_either_side(model: str, days: int) -> None:
    fit, some = fitted(model), customers((4, 200, 272), (25, 260, 272), (0, 0, 100), (60, 271, 272), (250, 272, 272))
    (forecast,) = forecast_orders(fit, some, ForecastOptions((days,)))
    of, alive = ORDER_MODELS[model], ORDER_MODELS[model].probability_alive(fit.values, some)
    for place in range(5):
        orders = np.arange(1.0, days + 2)
        group = np.full_like(orders, some.frequency[place]), np.full_like(orders, some.age[place])
        at_least = [1.0, *(alive[place] * of.reached_if_alive(fit.values, *group, days, orders))]
        fewest, most = int(forecast.fewest_orders[place]), int(forecast.most_orders[place])
        assert at_least[most + 1] <= 0.05 or most == days
        assert most == 0 or at_least[most] > 0.05 - 1e-9
        assert at_least[fewest] >= 0.95 - 1e-9
        assert at_least[fewest + 1] <= 0.95


@EVERY_MODEL
def test_no_customer_is_expected_more_often_than_daily(model: str) -> None:
    hectic = Fit(model, ("", "", "", ""), (100.0, 0.1, 0.01, 50.0), 0.0, "ok", 1, 0)
    for forecast in forecast_orders(hectic, customers((0, 0, 0))):
        assert forecast.expected_orders[0] <= forecast.days
        assert forecast.most_orders[0] <= forecast.days
