"""Learning by which factor a forecast of spend was off for customers of a kind, by a regularised Poisson regression."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from customer_analytics.metrics.forecasting.linear import LinearScorer, Scale
from customer_analytics.metrics.value_models.cohort import FloatArray
from customer_analytics.metrics.value_models.rounding import significant

# How strongly coefficients per standard deviation are drawn to 0, as a share of the mean deviance's curvature.
PENALTY = 0.1
# Of fewer rows with spend there is too little to learn a dozen coefficients from.
LEAST_SPENDERS = 100
# A forecast is corrected, not replaced: at most by e to the power of this, a factor of 20, either way.
FARTHEST_CORRECTION = 3.0


@dataclass(frozen=True)
class FactorScorer(LinearScorer):
    """A linear score that is the logarithm of a factor."""

    def factor(self, figures: FloatArray) -> FloatArray:
        """The factor of each row of ``figures``.

        Raises:
            ValueError: there are not as many columns as names.
        """
        factor: FloatArray = np.exp(np.clip(self.score(figures), -FARTHEST_CORRECTION, FARTHEST_CORRECTION))
        return factor


def learn_spend_factor(
    names: Sequence[str], figures: FloatArray, forecast: FloatArray, spend: FloatArray, weights: FloatArray
) -> FactorScorer | None:
    """Learn the factor that makes ``spend`` of ``forecast``, both in currency units, of a row a customer and origin.

    The mean spend is taken to be forecast * exp(linear score). A Poisson regression estimates means consistently
    however amounts are spread about them (Gourieroux, Monfort and Trognon, Econometrica 52, 1984), and what it fits
    adds up to what was spent. Forecasts are positive. None where fewer than ``LEAST_SPENDERS`` rows have spend.
    """
    if np.sum(spend > 0) < LEAST_SPENDERS:
        return None

    from sklearn.linear_model import PoissonRegressor  # noqa: PLC0415 - takes a second to import

    scale = Scale.of(figures)
    model = PoissonRegressor(alpha=PENALTY, solver="newton-cholesky", tol=1e-10, max_iter=100)
    # A ratio with its base as weight is the same as an offset.
    model.fit(scale.standardise(figures), spend / forecast, sample_weight=weights * forecast)
    return FactorScorer(
        tuple(names),
        tuple(scale.means.tolist()),
        tuple(scale.deviations.tolist()),
        tuple(significant(model.coef_).tolist()),
        float(significant(np.array([model.intercept_]))[0]),
    )
