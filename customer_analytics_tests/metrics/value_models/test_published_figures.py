"""The models give what their papers give: CDNOW, 2,357 customers, 39 weeks to fit and 39 to hold forecasts against."""

import numpy as np
import pytest

from customer_analytics.metrics.value_models.beta_geometric import BG_NBD
from customer_analytics.metrics.value_models.fit import ORDER_MODELS, fit_orders, fit_spending
from customer_analytics.metrics.value_models.forecast import ForecastOptions, forecast_orders
from customer_analytics.metrics.value_models.pareto_nbd import PARETO_NBD
from customer_analytics_tests.metrics.value_models.cdnow import HOLDOUT_WEEKS, NO_PRIOR, cdnow, grouped

EVERY_MODEL = pytest.mark.parametrize("model", ORDER_MODELS)


def test_bg_nbd() -> None:
    fit = fit_orders(BG_NBD, cdnow().weeks, NO_PRIOR)
    assert fit.names == ("r", "alpha", "a", "b")
    assert fit.parameters == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert fit.log_likelihood == pytest.approx(-9582.43, abs=0.02)
    assert (fit.label, fit.customers) == ("ok", 2357)


def test_pareto_nbd() -> None:
    fit = fit_orders(PARETO_NBD, cdnow().weeks, NO_PRIOR)
    assert fit.names == ("r", "alpha", "s", "beta")
    assert fit.parameters == pytest.approx((0.553, 10.578, 0.606, 11.669), abs=1e-3)
    assert fit.log_likelihood == pytest.approx(-9594.97, abs=0.02)


def test_gamma_gamma() -> None:
    fit = fit_spending(cdnow().spending, NO_PRIOR)
    assert fit.names == ("p", "q", "gamma")
    assert fit.parameters == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert fit.log_likelihood == pytest.approx(-4055.92, abs=0.02)
    assert (fit.label, fit.customers) == ("ok", 946)


@pytest.mark.parametrize(("model", "correlation"), [("bg_nbd", 0.626), ("pareto_nbd", 0.630)])
def test_forecasts_of_the_holdout_weeks_correlate_with_what_came(model: str, correlation: float) -> None:
    fit = fit_orders(ORDER_MODELS[model], cdnow().weeks, NO_PRIOR)
    (forecast,) = forecast_orders(fit, cdnow().weeks, ForecastOptions((HOLDOUT_WEEKS,)))
    found = np.corrcoef(forecast.expected_orders, cdnow().holdout)[0, 1]
    assert found == pytest.approx(correlation, abs=5e-4)


@EVERY_MODEL
def test_the_prior_costs_less_than_a_hundredth_of_log_likelihood(model: str) -> None:
    likeliest = fit_orders(ORDER_MODELS[model], cdnow().days, NO_PRIOR)
    fit = fit_orders(ORDER_MODELS[model], cdnow().days)
    assert 0 <= likeliest.log_likelihood - fit.log_likelihood < 0.01
    assert fit.label == "ok"


def test_the_prior_of_spend_costs_less_than_a_hundredth_of_log_likelihood() -> None:
    likeliest, fit = fit_spending(cdnow().spending, NO_PRIOR), fit_spending(cdnow().spending)
    assert 0 <= likeliest.log_likelihood - fit.log_likelihood < 0.01


@EVERY_MODEL
def test_in_groups_customers_are_as_one_by_one(model: str) -> None:
    alone, together = cdnow().days, grouped(cdnow().days)
    assert len(together.age) < len(alone.age)
    fit = fit_orders(ORDER_MODELS[model], together)
    one_by_one = fit_orders(ORDER_MODELS[model], alone)
    assert fit.parameters == pytest.approx(one_by_one.parameters, rel=1e-5)
    assert fit.log_likelihood == pytest.approx(one_by_one.log_likelihood, abs=1e-6)


@EVERY_MODEL
def test_nine_of_ten_customers_order_as_often_as_the_interval_says(model: str) -> None:
    fit = fit_orders(ORDER_MODELS[model], cdnow().weeks)
    (forecast,) = forecast_orders(fit, cdnow().weeks, ForecastOptions((HOLDOUT_WEEKS,)))
    inside = (forecast.fewest_orders <= cdnow().holdout) & (cdnow().holdout <= forecast.most_orders)
    # Most intervals begin at 0, which nobody falls below.
    assert 0.9 <= inside.mean() < 0.97
    assert forecast.most_orders.mean() < 4
