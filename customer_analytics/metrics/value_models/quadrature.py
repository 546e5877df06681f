"""The two integrals that the models need, as sums over few nodes: stable in logarithms, vectorised over groups."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from customer_analytics.metrics.value_models.cohort import FloatArray

NODES = 16
# What lies beyond so many e-folds below an integrand's highest value is left out: less than 1e-10 of the integral.
FOLDS = 24.0


@cache
def legendre(number: int = NODES) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre quadrature on 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(number)
    return (nodes + 1) / 2, weights / 2


def beta_nodes(first: float, second: FloatArray, number: int = NODES) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of expectations over Beta(``first``, ``second``), one row an entry of ``second``.

    Golub and Welsch (1969): nodes are the eigenvalues of the Jacobi matrix, weights the squares of the first components
    of its eigenvectors. So no beta function is computed, which for a large ``second`` would leave the range of doubles.
    """
    left, right = second[:, None] - 1, first - 1.0  # the exponents of 1 - p and of p
    order = np.arange(1.0, number)
    total = 2 * order + left + right
    diagonal = np.concatenate(
        [(right - left) / (left + right + 2), (right**2 - left**2) / (total * (total + 2))], axis=1
    )
    # For the first of them the general formula would be 0 / 0 where left + right = -1.
    start = 4 * (1 + left) * (1 + right) / ((left + right + 2) ** 2 * (left + right + 3))
    order, total = order[1:], total[:, 1:]
    rest = 4 * order * (order + left) * (order + right) * (order + left + right) / (total**2 * (total**2 - 1))
    beside = np.sqrt(np.concatenate([start, rest], axis=1))
    matrix = np.zeros((len(second), number, number))
    at = np.arange(number)
    matrix[:, at, at] = diagonal
    matrix[:, at[1:], at[:-1]] = matrix[:, at[:-1], at[1:]] = beside
    values, vectors = np.linalg.eigh(matrix)
    return np.clip((values + 1) / 2, 1e-15, 1.0), vectors[:, 0, :] ** 2


@dataclass(frozen=True)
class PowerIntegral:
    """The logarithm of the integral, and means under its integrand, for each group; see ``power_integral``.

    Means are of log(first + u), log(second + u), 1 / (first + u) and 1 / (second + u).
    """

    log_value: FloatArray
    mean_log_first: FloatArray
    mean_log_second: FloatArray
    mean_inverse_first: FloatArray
    mean_inverse_second: FloatArray


def power_integral(
    bases: tuple[float, float], powers: tuple[FloatArray, float], lower: FloatArray, upper: FloatArray
) -> PowerIntegral:
    """Integrate (first + u) ** -p * (second + u) ** -q over u from ``lower`` to ``upper``.

    With v = log(smaller base + u) the integrand is nearly an exponential, whatever the bases and powers are; it is cut
    where it has become negligible, and summed by Gauss-Legendre. The difference of two hypergeometric functions that
    the Pareto/NBD papers give for the same integral cancels where ``lower`` is close to ``upper``.
    """
    (first, second), (p, q) = bases, powers
    smaller = min(first, second)
    start = np.log(smaller + lower)
    log_first, log_second = np.log(first + lower), np.log(second + lower)
    peak = start - p * log_first - q * log_second
    # How fast the integrand falls in v, at its slowest.
    fall = p * (smaller + lower) / (first + lower) + q * (smaller + lower) / (second + lower) - 1
    with np.errstate(over="ignore", divide="ignore"):
        width = np.minimum(np.log(smaller + upper) - start, np.where(fall > 0, FOLDS / fall, np.inf))
    sums = np.zeros((5, len(start)))
    for node, weight in zip(*legendre(), strict=True):
        v = start + node * width
        grown = np.exp(v)
        first_u, second_u = grown + (first - smaller), grown + (second - smaller)
        log_first = v if first == smaller else np.log(first_u)
        log_second = v if second == smaller else np.log(second_u)
        mass = weight * np.exp(v - p * log_first - q * log_second - peak)
        for row, figure in enumerate((1.0, log_first, log_second, 1 / first_u, 1 / second_u)):
            sums[row] += mass * figure
    with np.errstate(divide="ignore"):
        log_value = peak + np.log(width) + np.log(sums[0])
    return PowerIntegral(log_value, *(sums[1:] / sums[0]))
