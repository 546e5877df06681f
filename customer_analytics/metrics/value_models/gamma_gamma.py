"""Gamma-Gamma: what an order of a customer is worth varies around the customer's own mean, and means over customers.

A customer's amounts are Gamma(p, v), and v varies over customers as Gamma(q, gamma). How often customers order is taken
to say nothing of how much.

Sources: Fader, Hardie and Lee, RFM and CLV: Using iso-value curves for customer base analysis, Journal of Marketing
Research 42 (2005); Fader and Hardie, The Gamma-Gamma model of monetary value (2013).
"""

import numpy as np
from scipy.special import digamma, gammaln

from customer_analytics.metrics.value_models.cohort import FloatArray, Spending
from customer_analytics.metrics.value_models.model import Parameter

NAME = "gamma_gamma"


def gamma_gamma_parameters(spending: Spending) -> tuple[Parameter, ...]:
    """What is to be estimated; gamma is an amount. With q above 1 customers have a mean spend that is finite."""
    scale = spending.mean or 1.0
    return (Parameter("p", 5.0), Parameter("q", 4.0, lowest=1.0), Parameter("gamma", 0.5 * scale))


def gamma_gamma_log_likelihood(values: FloatArray, spending: Spending) -> tuple[float, FloatArray]:
    """Equation 1a of the 2013 note, and its derivatives by p, q and gamma."""
    p, q, gamma = map(float, values)
    n, z, log_z, customers = spending.occasions, spending.mean_spend, spending.mean_log_spend, spending.customers
    log_total = np.log(gamma + n * z)
    by_group = (
        gammaln(p * n + q)
        - gammaln(p * n)
        - gammaln(q)
        + q * np.log(gamma)
        + (p * n - 1) * log_z
        + p * n * np.log(n)
        - (p * n + q) * log_total
    )
    both = digamma(p * n + q)
    gradient = np.array(
        [
            customers @ (n * (both - digamma(p * n) + log_z + np.log(n) - log_total)),
            customers @ (both - digamma(q) + np.log(gamma) - log_total),
            customers @ (q / gamma - (p * n + q) / (gamma + n * z)),
        ]
    )
    return float(customers @ by_group), gradient


def expected_spend_per_order(values: FloatArray, occasions: FloatArray, mean_spend: FloatArray) -> FloatArray:
    """Expected spend of a customer's next paid order in currency units: equation 5 of the 2013 note.

    ``occasions`` and ``mean_spend`` are those of ``Spending``, and both 0 for a customer without a paid order, of whom
    then the mean of all customers is expected.
    """
    p, q, gamma = map(float, values)
    return p * (gamma + occasions * mean_spend) / (p * occasions + q - 1)
