"""Learning the probability of something from figures, by a regularised logistic regression of scikit-learn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from customer_analytics.metrics.forecasting.linear import LinearScorer, Scale
from customer_analytics.metrics.value_models.cohort import FloatArray
from customer_analytics.metrics.value_models.rounding import significant

# Of fewer rows in the rarer class there is too little to learn a dozen coefficients from.
LEAST_OF_EITHER_CLASS = 30


@dataclass(frozen=True)
class LogisticScorer(LinearScorer):
    """A linear score that is the logarithm of the odds."""

    def probability(self, figures: FloatArray) -> FloatArray:
        """The probability of each row of ``figures``.

        Raises:
            ValueError: there are not as many columns as names.
        """
        probability: FloatArray = expit(self.score(figures))
        return probability


def learn_logistic(
    names: Sequence[str],
    figures: FloatArray,
    happened: npt.NDArray[np.bool_],
    prior_deviations: Sequence[float] | None = None,
    weights: FloatArray | None = None,
) -> LogisticScorer | None:
    """Learn how probable it is that something ``happened``, from ``figures`` of a row a customer and a column a name.

    The prior of each coefficient, which is per standard deviation of its figure, is normal around 0 with its own
    deviation, or 1 where none are given; that of the intercept is flat. A figure that is the same for all gets the
    coefficient 0. None where fewer than ``LEAST_OF_EITHER_CLASS`` rows happened, or did not. Rows may weigh less than
    1. The same rows in the same order give the same scorer, to the last digit.

    Raises:
        ValueError: figures are not finite, or the shapes do not match.
    """
    priors = np.ones(len(names)) if prior_deviations is None else np.array(prior_deviations)
    if figures.shape != (len(happened), len(names)) or priors.shape != (len(names),):
        msg = f"{len(names)} names and {len(happened)} rows do not match figures of shape {figures.shape}"
        raise ValueError(msg)
    if not np.all(np.isfinite(figures)):
        msg = "figures must be finite; say 0, and add a column that says what is not known"
        raise ValueError(msg)
    if min(np.sum(happened), np.sum(~happened)) < LEAST_OF_EITHER_CLASS:
        return None

    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes a second to import

    scale = Scale.of(figures)
    # Newton's method arrives far closer than the digits that are kept.
    model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=100)
    model.fit(scale.standardise(figures) * priors, happened, sample_weight=weights)
    return LogisticScorer(
        tuple(names),
        tuple(scale.means.tolist()),
        tuple(scale.deviations.tolist()),
        tuple(significant(model.coef_[0] * priors).tolist()),
        float(significant(model.intercept_)[0]),
    )
