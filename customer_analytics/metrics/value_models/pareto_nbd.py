"""Pareto/NBD: while alive customers order at a constant rate, and they may stop for good at any moment.

Order rates vary over customers as Gamma(r, alpha), rates of stopping as Gamma(s, beta).

Sources: Schmittlein, Morrison and Colombo, Counting Your Customers, Management Science 33 (1987); Fader and Hardie, A
note on deriving the Pareto/NBD model and related expressions (2005).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, betaln, digamma, expit, gammaln

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray
from customer_analytics.metrics.value_models.model import Parameter
from customer_analytics.metrics.value_models.quadrature import PowerIntegral, legendre, power_integral

# The share of a density that may be left out on either side.
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class ParetoNbd:
    """An ``OrderModel``."""

    name: str = "pareto_nbd"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Order rates are typically 3 a year, and half of all customers have stopped after 270 days."""
        return (Parameter("r", 0.5), Parameter("alpha", 60.0), Parameter("s", 0.5), Parameter("beta", 90.0))

    def log_likelihood(self, values: FloatArray, cohort: Cohort) -> tuple[float, FloatArray]:
        """Alive at the end, plus stopped at some time since the last order: the integral over that time."""
        r, alpha, s, beta = map(float, values)
        x, _, customers = cohort.distinct_frequencies
        rate_shape = r + cohort.frequency
        log_alpha_age, log_beta_age = np.log(alpha + cohort.age), np.log(beta + cohort.age)
        alive = -rate_shape * log_alpha_age - s * log_beta_age
        integral = self._stopped(values, cohort)
        by_frequency = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        by_group = np.logaddexp(alive, np.log(s) + integral.log_value)

        share = expit(np.log(s) + integral.log_value - alive)
        stopped, active = cohort.customers * share, cohort.customers * (1 - share)
        gradient = np.array(
            [
                customers @ (digamma(r + x) - digamma(r) + np.log(alpha))
                - active @ log_alpha_age
                - stopped @ integral.mean_log_first,
                cohort.size * r / alpha
                - active @ (rate_shape / (alpha + cohort.age))
                - stopped @ (rate_shape * integral.mean_inverse_first),
                cohort.size * np.log(beta) - active @ log_beta_age + stopped @ (1 / s - integral.mean_log_second),
                cohort.size * s / beta
                - active @ (s / (beta + cohort.age))
                - stopped @ ((s + 1) * integral.mean_inverse_second),
            ]
        )
        return float(customers @ by_frequency + cohort.customers @ by_group), gradient

    def probability_alive(self, values: FloatArray, cohort: Cohort) -> FloatArray:
        """From the two parts of the likelihood."""
        r, alpha, s, beta = map(float, values)
        alive = -(r + cohort.frequency) * np.log(alpha + cohort.age) - s * np.log(beta + cohort.age)
        probability: FloatArray = expit(alive - np.log(s) - self._stopped(values, cohort).log_value)
        return probability

    def orders_if_alive(self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float) -> FloatArray:
        """Equation 41 of the note without P(alive), written so that s = 1 is no exception."""
        r, alpha, s, beta = map(float, values)
        log_growth = np.log1p(time / (beta + age))
        waning = log_growth if s == 1 else -np.expm1(-(s - 1) * log_growth) / (s - 1)
        return (r + frequency) / (alpha + age) * (beta + age) * waning

    def reached_if_alive(
        self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float, orders: FloatArray
    ) -> FloatArray:
        """The n-th order falls due at some time, and the customer has not stopped by then: integrated over time."""
        probability = np.empty_like(age)
        first = orders == 1
        probability[first] = self._first_reached(values, frequency[first], age[first], time)
        probability[~first] = self._reached(values, frequency[~first], age[~first], time, orders[~first])
        return probability

    def _first_reached(self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float) -> FloatArray:
        r, alpha, s, beta = map(float, values)
        rate_shape = r + frequency
        integral = power_integral((alpha, beta), (rate_shape + 1, s), age, age + time)
        scale = np.log(rate_shape) + rate_shape * np.log(alpha + age) + s * np.log(beta + age)
        return np.minimum(np.exp(scale + integral.log_value), 1.0)

    def _reached(
        self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float, orders: FloatArray
    ) -> FloatArray:
        """As a share z = time / (alpha + age + time) the time of the n-th order is Beta(n, r + x)."""
        r, alpha, s, beta = map(float, values)
        rate_shape, alpha_age, beta_age = r + frequency, alpha + age, beta + age
        lower = betaincinv(orders, rate_shape, NEGLIGIBLE)
        upper = np.minimum(betaincinv(orders, rate_shape, 1 - NEGLIGIBLE), time / (alpha_age + time))
        width = np.maximum(upper - lower, 0)
        total = np.zeros_like(age)
        constant = betaln(orders, rate_shape)
        for node, weight in zip(*legendre(), strict=True):
            z = lower + node * width
            # Where the density is cut at both ends the last node may be 1 by rounding.
            rest = np.maximum(1 - z, np.finfo(float).tiny)
            density = np.exp((orders - 1) * np.log(z) + (rate_shape - 1) * np.log(rest) - constant)
            total += weight * width * density * (beta_age / (beta_age + alpha_age * z / rest)) ** s
        return np.clip(total, 0, 1)

    def _stopped(self, values: FloatArray, cohort: Cohort) -> PowerIntegral:
        r, alpha, s, beta = map(float, values)
        powers = (r + cohort.frequency, s + 1)
        return power_integral((alpha, beta), powers, cohort.recency, cohort.age)


PARETO_NBD = ParetoNbd()
