"""How far forecasts were from what happened, and how well they ranked: every measure, for many weightings at once.

All take ``actual`` and ``predicted``, one entry a customer, and ``weights``, one row a customer and one column a
weighting: how often each customer counts. They give one number a weighting, and NaN where it is not defined: without
customers, without both classes, without any spend. Weights of 1 give the usual figure, those of ``bootstrap.py`` its
resamplings; the customers are sorted once for all of them. The tests hold them to scikit-learn's where it has them.
"""

from collections.abc import Callable

import numpy as np

from customer_analytics.metrics.value_models.cohort import FloatArray

Measure = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]

CALIBRATION_BINS = 10
TOP_SHARE = 0.1


def mean_absolute_error(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean of ``|predicted - actual|``, in their unit.

    The median of what may happen makes it least, and where most customers spend nothing that is little: so a low error
    is read together with the bias.
    """
    return _mean(np.abs(predicted - actual), weights)


def root_mean_squared_error(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """Root of the mean of ``(predicted - actual)²``, in their unit."""
    return np.sqrt(_mean((predicted - actual) ** 2, weights))


def bias(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """By how much the predicted sum exceeds the actual one, as a share of the actual one."""
    return _ratio((predicted - actual) @ weights, actual @ weights)


def normalised_gini(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """How well the ranking tells high from low: 1 as well as the actual amounts themselves, 0 like chance.

    The Gini index of the actual amounts in the order of the predicted ones over that in their own order (Frees, Meyers
    and Cummings 2011, "Summarizing insurance scores using a Gini index").
    """
    ordered = _area(predicted, np.ones_like(actual), actual, weights) - 0.5
    perfect = _area(actual, np.ones_like(actual), actual, weights) - 0.5
    return _ratio(ordered, np.where(perfect > 1e-9, perfect, 0.0))


def top_decile_lift(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """How much more than their share the tenth of customers with the highest predictions holds of the actual sum."""
    customers, held = _curve(predicted, np.ones_like(actual), actual, weights)
    shares = [
        np.interp(TOP_SHARE * x[-1], x, y) if x[-1] > 0 else 0.0 for x, y in zip(customers.T, held.T, strict=True)
    ]
    return _ratio(np.array(shares), TOP_SHARE * held[-1])


def area_under_roc(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """The chance that of one customer with ``actual`` 1 and one with 0 the first has the higher prediction.

    A tie counts as half (Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve").
    """
    return _area(predicted, 1 - actual, actual, weights)


def brier_score(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean of ``(predicted - actual)²`` of probabilities (Brier 1950): least for the true probability."""
    return _mean((predicted - actual) ** 2, weights)


def expected_calibration_error(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """How far predicted probabilities are from what happened, on average over ``CALIBRATION_BINS`` groups.

    The groups have equally many customers, by rising prediction; who has the same prediction is in the same group
    (Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning").
    """
    _, place, counts = np.unique(predicted, return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / len(predicted)
    group = (middle * CALIBRATION_BINS).astype(np.intp)[place]
    error = np.zeros(weights.shape[1])
    for number in np.unique(group):
        here = group == number
        error += np.abs((predicted - actual)[here] @ weights[here])
    return _ratio(error, weights.sum(axis=0))


def share_that_differs(actual: FloatArray, predicted: FloatArray, weights: FloatArray) -> FloatArray:
    """The share of customers for whom ``actual`` and ``predicted`` are not the same."""
    return _mean((actual != predicted).astype(np.float64), weights)


def _mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    return _ratio(values @ weights, weights.sum(axis=0))


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    ratio = np.full(len(denominator), np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio


def _curve(by: FloatArray, x: FloatArray, y: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sums of ``x`` and ``y`` over customers by falling ``by``, from none to all; who ties is added at once."""
    order = np.argsort(-by, kind="stable")
    starts = np.flatnonzero(np.diff(by[order], prepend=np.inf))
    sorted_weights = weights[order]
    start = np.zeros((1, weights.shape[1]))
    sums = [
        np.concatenate([start, np.cumsum(np.add.reduceat(values[order, None] * sorted_weights, starts), axis=0)])
        for values in (x, y)
    ]
    return sums[0], sums[1]


def _area(by: FloatArray, x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """The area under the curve of ``y`` over ``x``, both as shares of their sums."""
    xs, ys = _curve(by, x, y, weights)
    area = np.einsum("ij,ij->j", np.diff(xs, axis=0), ys[1:] + ys[:-1]) / 2
    return _ratio(area, xs[-1] * ys[-1])
