"""Rounding what is estimated, so that the same data give the same bytes however the estimate was reached."""

import numpy as np

from customer_analytics.metrics.value_models.cohort import FloatArray

# Far fewer than a search finds, far more than the data know.
SIGNIFICANT_DIGITS = 6


def significant(values: FloatArray) -> FloatArray:
    """The values, rounded to six significant decimal digits."""
    return np.array([float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}") for value in values], dtype=np.float64)
