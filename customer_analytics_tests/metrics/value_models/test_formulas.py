"""Derivatives, integrals and probabilities: against the papers' formulas, each other and drawn customers."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import gammaln, hyp2f1

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray
from customer_analytics.metrics.value_models.fit import ORDER_MODELS
from customer_analytics.metrics.value_models.gamma_gamma import expected_spend_per_order, gamma_gamma_log_likelihood
from customer_analytics.metrics.value_models.quadrature import beta_nodes, power_integral
from customer_analytics_tests.metrics.value_models.cdnow import cdnow

EVERY_MODEL = pytest.mark.parametrize("model", ORDER_MODELS)
VALUES = {
    "bg_nbd": np.array([0.4, 60.0, 0.7, 3.0]),
    "mbg_nbd": np.array([0.6, 45.0, 0.9, 1.6]),
    "pareto_nbd": np.array([0.6, 80.0, 0.5, 60.0]),
}
# Frequency, age and time to forecast, from a customer of today to one of three orders a week.
CUSTOMERS = [(0, 200, 273), (3, 200, 273), (20, 200, 90), (0, 0, 30), (120, 300, 365)]


def one(number: float) -> FloatArray:
    return np.array([float(number)])


def differences(log_likelihood: Callable[[FloatArray], tuple[float, FloatArray]], at: FloatArray) -> FloatArray:
    def value(values: FloatArray) -> float:
        return log_likelihood(values)[0]

    gradient: FloatArray = approx_fprime(at, value, 1e-6 * at)
    return gradient


@EVERY_MODEL
def test_derivatives_are_those_of_the_log_likelihood(model: str) -> None:
    def log_likelihood(values: FloatArray) -> tuple[float, FloatArray]:
        return ORDER_MODELS[model].log_likelihood(values, cdnow().days)

    gradient = log_likelihood(VALUES[model])[1]
    assert gradient == pytest.approx(differences(log_likelihood, VALUES[model]), rel=1e-3, abs=1e-2)


def test_derivatives_of_the_spend_are_those_of_its_log_likelihood() -> None:
    def log_likelihood(values: FloatArray) -> tuple[float, FloatArray]:
        return gamma_gamma_log_likelihood(values, cdnow().spending)

    values = np.array([5.0, 3.0, 12.0])
    assert log_likelihood(values)[1] == pytest.approx(differences(log_likelihood, values), rel=1e-4)


@pytest.mark.parametrize("alpha", [81.0, 20.0])
def test_pareto_nbd_has_the_likelihood_of_the_note_by_fader_and_hardie(alpha: float) -> None:
    r, s, beta = 0.6, 0.5, 62.0
    x, recency, age = 2.0, 40.0, 200.0
    larger, exponent = max(alpha, beta), s + 1 if alpha >= beta else r + x

    def part(time: float) -> float:
        z = abs(alpha - beta) / (larger + time)
        return float(hyp2f1(r + s + x, exponent, r + s + x + 1, z) / (larger + time) ** (r + s + x))

    alive = 1 / ((alpha + age) ** (r + x) * (beta + age) ** s)
    expected = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    expected += np.log(alive + s / (r + s + x) * (part(recency) - part(age)))
    cohort = Cohort(one(x), one(recency), one(age), one(1))
    found = ORDER_MODELS["pareto_nbd"].log_likelihood(np.array([r, alpha, s, beta]), cohort)[0]
    assert found == pytest.approx(expected, rel=1e-9)


def test_bg_nbd_expects_what_equation_10_of_the_paper_gives() -> None:
    r, alpha, a, b = VALUES["bg_nbd"]
    x, age, time = 2.0, 200.0, 273.0
    hypergeometric = hyp2f1(r + x, b + x, a + b + x - 1, time / (alpha + age + time))
    waning = 1 - ((alpha + age) / (alpha + age + time)) ** (r + x) * hypergeometric
    expected = (a + b + x - 1) / (a - 1) * waning
    found = ORDER_MODELS["bg_nbd"].orders_if_alive(VALUES["bg_nbd"], one(x), one(age), time)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("model", "special"), [("bg_nbd", 2), ("pareto_nbd", 2)])
def test_where_a_published_formula_divides_by_zero_nothing_happens(model: str, special: int) -> None:
    at, beside = VALUES[model].copy(), VALUES[model].copy()
    at[special], beside[special] = 1.0, 1.0 + 1e-6
    found, expected = (ORDER_MODELS[model].orders_if_alive(values, one(2), one(200), 90) for values in (at, beside))
    assert found == pytest.approx(expected, rel=1e-5)


@EVERY_MODEL
@pytest.mark.parametrize(("frequency", "age", "time"), CUSTOMERS)
def test_probabilities_of_at_least_so_many_orders_add_up_to_expected_orders(
    model: str, frequency: int, age: int, time: int
) -> None:
    of, values = ORDER_MODELS[model], VALUES[model]
    orders = np.arange(1.0, 900.0)
    group = np.full_like(orders, frequency), np.full_like(orders, age)
    reached = of.reached_if_alive(values, *group, time, orders).tolist()
    assert sum(reached) == pytest.approx(float(of.orders_if_alive(values, one(frequency), one(age), time)[0]), rel=1e-5)
    assert reached == sorted(reached, reverse=True)


@EVERY_MODEL
@pytest.mark.parametrize(("frequency", "age", "time"), CUSTOMERS)
def test_drawn_customers_order_as_often_as_forecast(model: str, frequency: int, age: int, time: int) -> None:
    first, second, third, fourth = VALUES[model]
    draw, number = np.random.default_rng(7), 200_000
    rate = draw.gamma(first + frequency, 1 / (second + age), number)
    if model == "pareto_nbd":
        lifetime = draw.exponential(1 / draw.gamma(third, 1 / (fourth + age), number))
        orders = draw.poisson(rate * np.minimum(lifetime, time))
    else:
        stops = draw.beta(third, fourth + frequency + (model == "mbg_nbd"), number)
        orders = np.minimum(draw.poisson(rate * time), draw.geometric(np.maximum(stops, 1e-12)))
    of, group = ORDER_MODELS[model], (one(frequency), one(age), float(time))
    error = 4 / np.sqrt(number)
    assert of.orders_if_alive(VALUES[model], *group) == pytest.approx(orders.mean(), abs=error * orders.std())
    for least in (1, 3):
        found = of.reached_if_alive(VALUES[model], *group, one(least))
        assert found == pytest.approx((orders >= least).mean(), abs=error / 2 + 1e-4)


def test_the_power_integral_where_it_is_known_and_where_nothing_is_left_of_it() -> None:
    lower, upper, power = np.array([0.0, 5.0, 9.0, 30.0]), np.array([10.0, 5.0, 9.0 + 1e-6, 700.0]), 500.5
    integral = power_integral((3.0, 3.0), (np.full(4, power), 1.5), lower, upper)
    exact = ((3 + lower) ** -(power + 0.5) - (3 + upper) ** -(power + 0.5)) / (power + 0.5)
    with np.errstate(divide="ignore"):
        assert np.exp(integral.log_value[:3]) == pytest.approx(exact[:3], rel=1e-6)
    assert integral.log_value[1] == -np.inf
    assert integral.log_value[3] == pytest.approx(-(power + 0.5) * np.log(33) - np.log(power + 0.5), abs=1e-6)


@pytest.mark.parametrize(("first", "second"), [(0.8, 2.4), (0.5, 0.5), (0.001, 0.001), (5, 7000), (2900, 0.001)])
def test_nodes_have_the_moments_of_the_beta_distribution(first: float, second: float) -> None:
    nodes, weights = beta_nodes(first, one(second))
    assert weights.sum() == pytest.approx(1)
    assert (weights * nodes).sum() == pytest.approx(first / (first + second))
    square = first * (first + 1) / ((first + second) * (first + second + 1))
    assert (weights * nodes**2).sum() == pytest.approx(square)


def test_the_more_orders_the_closer_expected_spend_is_to_the_customers_own_mean() -> None:
    values = np.array([6.25, 3.74, 15.44])
    spend = expected_spend_per_order(values, np.array([0.0, 1.0, 10.0, 1e6]), np.array([0.0, 100.0, 100.0, 100.0]))
    assert spend[0] == pytest.approx(6.25 * 15.44 / 2.74)
    assert spend[0] < spend[1] < spend[2] < spend[3]
    assert spend[3] == pytest.approx(100, abs=0.01)
