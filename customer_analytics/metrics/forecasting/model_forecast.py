"""What a model of purchase counts and the Gamma-Gamma model say of every customer."""

from dataclasses import dataclass

import numpy as np

from customer_analytics.metrics.forecasting.customers import Customers
from customer_analytics.metrics.forecasting.fits import Fits
from customer_analytics.metrics.value_models.cohort import FloatArray
from customer_analytics.metrics.value_models.forecast import ForecastOptions, forecast_orders
from customer_analytics.metrics.value_models.gamma_gamma import expected_spend_per_order

# No order is expected to be worth more, whatever somebody typed: what is made of it must fit into its columns.
LARGEST_SPEND = 1e12


@dataclass(frozen=True)
class ModelForecast:
    """The days after a day; arrays in the order of customer_id, one entry a customer.

    ``spend`` is expected in currency units, gross of refunds, ``no_order`` is the probability that no order comes.
    """

    spend: FloatArray
    no_order: FloatArray


def forecast_with(customers: Customers, fits: Fits, horizon: int) -> ModelForecast:
    """Forecast the ``horizon`` days after the customers' day with models that are fitted to them."""
    (forecast,) = forecast_orders(fits.orders, customers.cohort, ForecastOptions((horizon,), annual_discount_rate=0.0))
    orders = forecast.expected_orders[customers.group]
    no_order = np.clip(1 - forecast.probability_of_order[customers.group], 0, 1)
    return ModelForecast(orders * spend_per_order(customers, fits), no_order)


def spend_per_order(customers: Customers, fits: Fits) -> FloatArray:
    """Expected spend of each customer's next order in currency units; it may be one for nothing, as orders before."""
    paid = expected_spend_per_order(fits.spending.values, customers.paid_occasions, customers.mean_spend)
    return np.minimum(customers.spending.paid_share * paid, LARGEST_SPEND)
