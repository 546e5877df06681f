"""The data that the papers' figures are of; the file says where they come from."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray, Spending
from customer_analytics.metrics.value_models.posterior import Prior

DAYS_A_WEEK = 7
HOLDOUT_WEEKS = 39
# The papers give the likeliest parameters.
NO_PRIOR = Prior(np.inf)


@dataclass(frozen=True)
class Sample:
    """Customers one by one; times in days, spend in dollars. ``holdout`` is the number of orders in the weeks after."""

    frequency: FloatArray
    recency: FloatArray
    age: FloatArray
    mean_spend: FloatArray
    holdout: FloatArray

    @property
    def days(self) -> Cohort:
        """The customers as the models are used."""
        return Cohort(self.frequency, self.recency, self.age, np.ones_like(self.age))

    @property
    def weeks(self) -> Cohort:
        """The customers as they were published."""
        in_weeks = (self.recency / DAYS_A_WEEK, self.age / DAYS_A_WEEK)
        return Cohort(self.frequency, *in_weeks, np.ones_like(self.age))

    @property
    def spending(self) -> Spending:
        """Spend of repeat orders, as it was published."""
        repeat = self.frequency > 0
        spend = self.mean_spend[repeat]
        return Spending(self.frequency[repeat], spend, np.log(spend), np.ones_like(spend))


@cache
def cdnow() -> Sample:
    """The 2,357 customers of the 1/10 sample."""
    lines = (Path(__file__).parent / "cdnow_sample.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines if not line.startswith(("#", "frequency"))]
    return Sample(*np.array(rows, dtype=np.float64).T)


def grouped(cohort: Cohort) -> Cohort:
    """The same customers with those who look the same in one group."""
    columns = np.column_stack([cohort.frequency, cohort.recency, cohort.age])
    groups, customers = np.unique(columns, axis=0, return_counts=True)
    return Cohort(groups[:, 0], groups[:, 1], groups[:, 2], customers.astype(np.float64))
