"""What is learned from earlier origins, kept as a few numbers and applied with numpy: sums of weighted figures."""

from dataclasses import dataclass

import numpy as np

from customer_analytics.metrics.value_models.cohort import FloatArray
from customer_analytics.metrics.value_models.rounding import significant

# Beyond so many deviations from its mean a figure is no further away: what was never seen is not extrapolated.
FARTHEST = 5.0


@dataclass(frozen=True)
class Scale:
    """Means and deviations that figures are standardised by, one a column; a deviation of 0 is of a constant."""

    means: FloatArray
    deviations: FloatArray

    @classmethod
    def of(cls, figures: FloatArray) -> "Scale":
        """That of these figures, one row a customer and origin, rounded to six significant digits."""
        means, deviations = figures.mean(axis=0), figures.std(axis=0)
        # What is the same for all differs from its own mean by rounding only.
        is_constant = deviations <= 1e-9 * np.maximum(np.abs(means), 1)
        return cls(significant(means), significant(np.where(is_constant, 0.0, deviations)))

    def standardise(self, figures: FloatArray) -> FloatArray:
        """Figures in deviations from their means, at most ``FARTHEST``; 0 where there is no deviation."""
        off = (figures - self.means) / np.where(self.deviations > 0, self.deviations, 1.0)
        standardised: FloatArray = np.where(self.deviations > 0, np.clip(off, -FARTHEST, FARTHEST), 0.0)
        return standardised


@dataclass(frozen=True)
class LinearScorer:
    """intercept + sum of coefficient * (figure - mean) / deviation, where a figure is at most ``FARTHEST`` off.

    Means, deviations and coefficients are in the order of ``names``. Figures are arrays of a row a customer and a
    column a name.
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float

    def contributions(self, figures: FloatArray) -> FloatArray:
        """What each figure adds, against a customer with nothing but means; of the shape of ``figures``.

        Raises:
            ValueError: there are not as many columns as names.
        """
        if figures.ndim != 2 or figures.shape[1] != len(self.names):
            msg = f"the scorer knows the {len(self.names)} columns {self.names}, not an array of shape {figures.shape}"
            raise ValueError(msg)
        scale = Scale(np.array(self.means), np.array(self.deviations))
        contributions: FloatArray = scale.standardise(figures) * np.array(self.coefficients)
        return contributions

    def score(self, figures: FloatArray) -> FloatArray:
        """The sum, one entry a row.

        Raises:
            ValueError: there are not as many columns as names.
        """
        # Column by column: a sum of a row would depend on how many columns are added at a time.
        score: FloatArray = self.intercept + np.add.accumulate(self.contributions(figures), axis=1)[:, -1]
        return score
