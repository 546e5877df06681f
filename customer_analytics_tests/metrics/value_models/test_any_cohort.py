"""Whoever the customers are, the forecast is a number, and nothing is raised."""

import numpy as np
import pytest

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray, Spending
from customer_analytics.metrics.value_models.fit import ORDER_MODELS, fit_orders, fit_spending
from customer_analytics.metrics.value_models.forecast import forecast_orders
from customer_analytics.metrics.value_models.gamma_gamma import expected_spend_per_order

KINDS = ("mixed", "one-time", "last order today", "500 orders", "new today", "all the same")


def drawn_cohort(draw: np.random.Generator) -> Cohort:
    number, kind = int(draw.integers(0, 51)), draw.choice(KINDS)
    age = draw.integers(0, draw.choice([2, 40, 400, 4000]), number).astype(np.float64)
    frequency = np.minimum(draw.negative_binomial(0.5, draw.choice([0.02, 0.2, 0.6]), number), age)
    if kind == "one-time":
        frequency = np.zeros(number)
    elif kind == "500 orders":
        age = age + 500
        frequency = np.where(draw.random(number) < 0.3, 500.0, frequency)
    elif kind == "new today":
        age, frequency = np.zeros(number), np.zeros(number)
    elif kind == "all the same":
        age, frequency = np.full(number, 90.0), np.full(number, float(draw.integers(0, 90)))
    recency = np.where(frequency > 0, np.floor(frequency + draw.random(number) * (age - frequency)), 0.0)
    if kind == "last order today":
        recency = np.where(frequency > 0, age, 0.0)
    return Cohort(frequency, recency, age, draw.integers(1, 3, number).astype(np.float64))


def drawn_spending(draw: np.random.Generator, occasions: FloatArray) -> Spending:
    occasions = occasions[draw.random(len(occasions)) < 0.9]
    scale, spread = 10.0 ** draw.integers(-2, 7), draw.choice([0.0, 0.1, 1.0, 3.0])
    spend = np.maximum(np.round(scale * np.exp(draw.normal(0, spread, len(occasions))), 2), 0.01)
    return Spending(occasions, spend, np.log(spend), np.ones(len(occasions)))


def assert_forecasts_are_numbers(seed: int) -> None:
    draw = np.random.default_rng(seed)
    cohort = drawn_cohort(draw)
    spending = drawn_spending(draw, cohort.frequency + 1)
    with np.errstate(invalid="raise"):
        spend_fit = fit_spending(spending)
        spend = expected_spend_per_order(spend_fit.values, spending.occasions, spending.mean_spend)
        assert np.all(np.isfinite(spend)), (seed, spend_fit)
        assert np.all(spend > 0), (seed, spend_fit)
        for name, model in ORDER_MODELS.items():
            fit = fit_orders(model, cohort)
            assert np.all(np.isfinite(fit.parameters)), (seed, fit)
            assert np.isfinite(fit.log_likelihood), (seed, fit)
            assert (fit.label == "fallback") == (not cohort.age.any()), (seed, fit)
            for forecast in forecast_orders(fit, cohort):
                for figure in (forecast.expected_orders, forecast.discounted_orders, forecast.most_orders):
                    assert np.all(np.isfinite(figure)), (seed, name, forecast)
                    assert np.all((figure >= 0) & (figure <= forecast.days)), (seed, name, forecast)
                probability = forecast.probability_of_order
                assert np.all((probability >= 0) & (probability <= 1)), (seed, name, forecast)
                assert np.all(forecast.fewest_orders <= forecast.most_orders), (seed, name, forecast)


@pytest.mark.parametrize("tenth", range(10))
def test_a_hundred_and_fifty_cohorts_of_any_kind(tenth: int) -> None:
    for seed in range(15 * tenth, 15 * (tenth + 1)):
        assert_forecasts_are_numbers(seed)


@pytest.mark.long
def test_a_thousand_cohorts_of_any_kind() -> None:
    for seed in range(1000, 2000):
        assert_forecasts_are_numbers(seed)
