"""What the models see of customers: counts and ages of groups who look the same, and what their orders are worth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# So many groups at a time are computed with: then all that is between fits into a processor's cache.
BLOCK = 16_384


@dataclass(frozen=True)
class Cohort:
    """Groups of customers who look the same to a model of purchase counts; arrays of one length, one entry a group.

    ``frequency`` is the number of repeat purchase occasions (distinct days with an order, less one), ``recency`` the
    time from the first occasion to the last, ``age`` the time from the first occasion to the day that is looked from:
    x, t_x and T of the papers. Times are in days, unless all that is asked of a fit is in the same other unit.
    ``customers`` is the size of each group.

    Raises:
        ValueError: the arrays differ in length, or not 0 <= recency <= age, or something is negative or not finite.
    """

    frequency: FloatArray
    recency: FloatArray
    age: FloatArray
    customers: FloatArray

    def __post_init__(self) -> None:
        _require_columns(self.frequency, self.recency, self.age, self.customers)
        if np.any(self.recency > self.age):
            msg = f"recency exceeds age in {np.sum(self.recency > self.age)} groups; both count from the first order"
            raise ValueError(msg)

    @cached_property
    def size(self) -> float:
        """Number of customers."""
        return float(np.sum(self.customers))

    @cached_property
    def blocks(self) -> tuple["Cohort", ...]:
        """The same groups in pieces, at least one."""
        columns = (self.frequency, self.recency, self.age, self.customers)
        starts = range(0, max(len(self.frequency), 1), BLOCK)
        return tuple(Cohort(*(column[start : start + BLOCK] for column in columns)) for start in starts)

    @cached_property
    def distinct_frequencies(self) -> tuple[FloatArray, npt.NDArray[np.intp], FloatArray]:
        """The frequencies that occur, ascending; which of them each group has; how many customers have each."""
        values, places = np.unique(self.frequency, return_inverse=True)
        return values, places, np.bincount(places, self.customers, minlength=len(values)).astype(np.float64)


@dataclass(frozen=True)
class Spending:
    """Groups of customers by what an order of theirs was worth; one entry a group, all with at least one paid occasion.

    ``occasions`` is the number of occasions with spend above zero, ``mean_spend`` their mean in currency units,
    ``mean_log_spend`` the mean over the group's customers of that mean's logarithm, ``customers`` the group's size.
    ``paid_share`` is how many of all occasions were paid ones: orders for nothing count for timing, not for spend.

    Raises:
        ValueError: the arrays differ in length, or something is not positive or not finite.
    """

    occasions: FloatArray
    mean_spend: FloatArray
    mean_log_spend: FloatArray
    customers: FloatArray
    paid_share: float = 1.0

    def __post_init__(self) -> None:
        _require_columns(self.occasions, self.mean_spend, self.customers)
        if self.mean_log_spend.shape != self.occasions.shape or not np.all(np.isfinite(self.mean_log_spend)):
            msg = "mean_log_spend must be finite, one entry a group"
            raise ValueError(msg)
        if np.any(self.occasions == 0) or np.any(self.mean_spend == 0):
            msg = "only customers with a paid occasion have a mean spend; leave the others out"
            raise ValueError(msg)

    @cached_property
    def size(self) -> float:
        """Number of customers."""
        return float(np.sum(self.customers))

    @cached_property
    def mean(self) -> float:
        """Mean spend of a paid occasion in currency units; 0 without any."""
        weights = self.occasions * self.customers
        return float(self.mean_spend @ weights / np.sum(weights)) if self.size else 0.0


def _require_columns(*columns: FloatArray) -> None:
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        msg = f"groups are columns of one length, not {[column.shape for column in columns]}"
        raise ValueError(msg)
    for column in columns:
        if not np.all(np.isfinite(column)) or np.any(column < 0):
            msg = "frequencies, times, amounts and numbers of customers are finite and not negative"
            raise ValueError(msg)
