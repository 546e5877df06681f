"""What a fit says of itself, where it starts, and what it does with customers who say little."""

from dataclasses import replace

import numpy as np
import pytest

from customer_analytics.metrics.value_models.beta_geometric import BG_NBD, MBG_NBD
from customer_analytics.metrics.value_models.cohort import Cohort, Spending
from customer_analytics.metrics.value_models.fit import ORDER_MODELS, WEAK_PRIOR, fit_orders, fit_spending
from customer_analytics_tests.metrics.value_models.cdnow import cdnow
from customer_analytics_tests.metrics.value_models.test_any_cohort import drawn_cohort

EVERY_MODEL = pytest.mark.parametrize("model", ORDER_MODELS)


def cohort(*customers: tuple[float, float, float], times: int = 1) -> Cohort:
    """Customers by frequency, recency and age, each of them ``times`` times."""
    frequency, recency, age = np.array(customers, dtype=np.float64).reshape(-1, 3).T
    return Cohort(frequency, recency, age, np.full(len(customers), float(times)))


def first_customers(number: int) -> Cohort:
    days = cdnow().days
    return Cohort(*(column[:number] for column in (days.frequency, days.recency, days.age, days.customers)))


@EVERY_MODEL
def test_nobody_is_a_fallback_to_what_is_typical(model: str) -> None:
    fit = fit_orders(ORDER_MODELS[model], cohort())
    assert (fit.label, fit.customers) == ("fallback", 0)
    assert fit.parameters == tuple(parameter.typical for parameter in ORDER_MODELS[model].parameters)


@EVERY_MODEL
def test_customers_who_all_came_today_are_a_fallback_whatever_was_fitted_earlier(model: str) -> None:
    today = cohort((0, 0, 0), times=50)
    fit = fit_orders(ORDER_MODELS[model], today, earlier=fit_orders(ORDER_MODELS[model], cdnow().days))
    assert fit.label == "fallback"
    assert fit == fit_orders(ORDER_MODELS[model], today)


@EVERY_MODEL
@pytest.mark.parametrize(
    "customers",
    [
        cohort((0, 0, 100)),
        cohort((0, 0, 100), times=10_000),
        cohort((1, 200, 200), (3, 300, 300), times=1000),
        cohort((500, 600, 600)),
    ],
    ids=["one", "nobody came again", "everybody came today", "five hundred orders"],
)
def test_where_the_data_leave_something_open_the_prior_says_it_and_the_label_says_so(
    model: str, customers: Cohort
) -> None:
    fit = fit_orders(ORDER_MODELS[model], customers)
    assert fit.label == "prior-dominated"
    assert np.all(np.isfinite(fit.parameters))
    assert np.isfinite(fit.log_likelihood)


@EVERY_MODEL
def test_fifty_customers_are_too_few_and_two_thousand_are_enough(model: str) -> None:
    assert fit_orders(ORDER_MODELS[model], first_customers(50)).label == "prior-dominated"
    assert fit_orders(ORDER_MODELS[model], first_customers(2000)).label == "ok"


@EVERY_MODEL
def test_from_an_earlier_fit_the_same_is_found_with_fewer_evaluations(model: str) -> None:
    earlier = fit_orders(ORDER_MODELS[model], first_customers(2200))
    cold = fit_orders(ORDER_MODELS[model], cdnow().days)
    warm = fit_orders(ORDER_MODELS[model], cdnow().days, earlier=earlier)
    assert replace(warm, evaluations=0) == replace(cold, evaluations=0)
    assert warm.evaluations < cold.evaluations


@pytest.mark.parametrize("seed", range(40))
def test_wherever_a_fit_starts_it_is_the_same_to_the_last_digit(seed: int) -> None:
    draw = np.random.default_rng(seed)
    model, customers = ORDER_MODELS[str(draw.choice(list(ORDER_MODELS)))], drawn_cohort(draw)
    cold = fit_orders(model, customers)
    start = np.array(cold.parameters) * np.exp(draw.normal(0, 0.3, len(cold.parameters)))
    warm = fit_orders(model, customers, earlier=replace(cold, parameters=tuple(start.tolist())))
    assert replace(warm, evaluations=0) == replace(cold, evaluations=0)


def test_an_earlier_fit_of_another_shop_does_no_harm() -> None:
    earlier = fit_orders(BG_NBD, cohort((30, 31, 31), (25, 29, 31), times=500))
    warm, cold = fit_orders(BG_NBD, cdnow().days, earlier=earlier), fit_orders(BG_NBD, cdnow().days)
    assert warm.parameters == cold.parameters


def test_an_earlier_fit_of_another_model_is_an_error() -> None:
    with pytest.raises(ValueError, match="a fit of bg_nbd cannot start from one of mbg_nbd"):
        fit_orders(BG_NBD, cdnow().days, earlier=fit_orders(MBG_NBD, cdnow().days))


def test_amounts_that_are_all_the_same_do_not_run_off_to_infinity() -> None:
    fit = fit_spending(Spending(np.array([3.0]), np.array([20.0]), np.log([20.0]), np.array([400.0])))
    assert np.all(np.isfinite(fit.parameters))
    assert fit.label == "prior-dominated"


def test_in_another_currency_spend_is_the_same() -> None:
    dollars = cdnow().spending
    yen = Spending(dollars.occasions, 150 * dollars.mean_spend, np.log(150 * dollars.mean_spend), dollars.customers)
    p, q, gamma = fit_spending(dollars).parameters
    assert fit_spending(yen).parameters == pytest.approx((p, q, 150 * gamma), rel=1e-3)


@pytest.mark.parametrize("customer", [(1, 3, 2), (-1, 0, 2), (1, np.nan, 2), (1, 2, np.inf)])
def test_customers_who_cannot_be_are_an_error(customer: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"recency exceeds age in 1 groups|are finite and not negative"):
        cohort(customer)


def test_the_prior_is_within_a_factor_of_fifty_in_ninety_five_of_a_hundred_cases() -> None:
    assert np.exp(1.96 * WEAK_PRIOR.deviation) == pytest.approx(50, abs=1)
