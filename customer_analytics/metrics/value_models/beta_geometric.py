"""BG/NBD and MBG/NBD: while alive customers order at a constant rate, and after any order they may stop for good.

Rates vary over customers as Gamma(r, alpha), probabilities to stop as Beta(a, b). In BG/NBD nobody stops after the
first order, in MBG/NBD one may; that is the only difference, and the formulas below have both.

Sources: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005); Batislam, Denizel
and Filiztekin, Empirical validation and comparison of models for customer base analysis, International Journal of
Research in Marketing 24 (2007).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betainc, betaln, digamma, expit, gammaln

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray
from customer_analytics.metrics.value_models.model import Parameter
from customer_analytics.metrics.value_models.quadrature import beta_nodes


@dataclass(frozen=True)
class BetaGeometric:
    """An ``OrderModel``; ``stops_after_first_order`` makes MBG/NBD of BG/NBD."""

    name: str
    stops_after_first_order: bool

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Order rates are typically 3 a year, and a customer stops after every third or fourth order."""
        return (Parameter("r", 0.5), Parameter("alpha", 60.0), Parameter("a", 1.0), Parameter("b", 2.5))

    def log_likelihood(self, values: FloatArray, cohort: Cohort) -> tuple[float, FloatArray]:
        """Equation 6 of Fader, Hardie and Lee: alive at the end, plus stopped after the last order."""
        r, alpha, a, b = map(float, values)
        x, place, customers = cohort.distinct_frequencies
        chances = self._chances(x)
        by_frequency = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + chances) - betaln(a, b)
        rate_shape = r + cohort.frequency
        log_age = np.log(alpha + cohort.age)
        since_last = log_age - np.log(alpha + cohort.recency)
        log_odds = self._log_odds(values, x)[place] + rate_shape * since_last
        stopped = cohort.customers * expit(log_odds)
        by_group = np.logaddexp(0, log_odds) - rate_shape * log_age

        moments = digamma(r + x) - digamma(r) + np.log(alpha)
        both = digamma(a + b) - digamma(a + b + chances)
        stopped_by_frequency = np.bincount(place, stopped, minlength=len(x))
        behind = np.where(chances > 0, b + chances - 1, 1.0)
        per_alpha = rate_shape / (alpha + cohort.age)
        gradient = np.array(
            [
                customers @ moments - cohort.customers @ log_age + stopped @ since_last,
                cohort.size * r / alpha
                - cohort.customers @ per_alpha
                + stopped @ (per_alpha - rate_shape / (alpha + cohort.recency)),
                customers @ both + np.sum(stopped) / a,
                customers @ (both + digamma(b + chances) - digamma(b)) - stopped_by_frequency @ (1 / behind),
            ]
        )
        return float(customers @ by_frequency + cohort.customers @ by_group), gradient

    def probability_alive(self, values: FloatArray, cohort: Cohort) -> FloatArray:
        """One for every customer without a repeat order in BG/NBD, however long ago: use it as a factor only."""
        r, alpha, _, _ = map(float, values)
        since_last = np.log(alpha + cohort.age) - np.log(alpha + cohort.recency)
        log_odds = self._log_odds(values, cohort.frequency) + (r + cohort.frequency) * since_last
        probability: FloatArray = expit(-log_odds)
        return probability

    def orders_if_alive(self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float) -> FloatArray:
        """The expectation of (1 - exp(-rate * p * time)) / p, over the rate in closed form, over p by quadrature.

        Equation 10 of the paper gives it by a hypergeometric function, which has a pole at a = 1.
        """
        r, alpha, a, b = map(float, values)
        kinds, place = np.unique(frequency, return_inverse=True)
        nodes, weights = _nodes(a, tuple(b + self._chances(kinds)))
        stop, weight = nodes[place], weights[place]
        growth = np.log1p(stop * (time / (alpha + age))[:, None])
        ordered = -np.expm1(-(r + frequency)[:, None] * growth) / stop
        expected: FloatArray = np.sum(ordered * weight, axis=1)
        return expected

    def reached_if_alive(
        self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float, orders: FloatArray
    ) -> FloatArray:
        """Makes n orders who does not stop after any of the first n - 1, and whose n-th falls due in time."""
        r, alpha, a, b = map(float, values)
        going_on = b + self._chances(frequency)
        goes_on = np.exp(betaln(a, going_on + orders - 1) - betaln(a, going_on))
        probability: FloatArray = goes_on * betainc(orders, r + frequency, time / (alpha + age + time))
        return probability

    def _chances(self, frequency: FloatArray) -> FloatArray:
        """After how many orders the customer could have stopped."""
        return frequency + 1 if self.stops_after_first_order else frequency

    def _log_odds(self, values: FloatArray, frequency: FloatArray) -> FloatArray:
        """Logarithm of the odds to have stopped just after the last order rather than never."""
        _, _, a, b = map(float, values)
        chances = self._chances(frequency)
        with np.errstate(divide="ignore"):
            return np.where(chances > 0, np.log(a) - np.log(np.maximum(b + chances - 1, 0)), -np.inf)


@lru_cache(maxsize=2)
def _nodes(first: float, second: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    """They do not hang on the time: a forecast asks for the same ones again and again."""
    return beta_nodes(first, np.array(second))


BG_NBD = BetaGeometric("bg_nbd", stops_after_first_order=False)
MBG_NBD = BetaGeometric("mbg_nbd", stops_after_first_order=True)
