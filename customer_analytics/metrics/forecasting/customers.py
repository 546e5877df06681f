"""Everybody who had ordered by a day, one by one in the order of customer_id, beside the groups the models see."""

from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt

from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray, Spending
from customer_analytics.metrics.value_models.inputs import read_customers

_FIGURES = ("frequency", "recency", "age", "paid_occasions", "mean_spend")


@dataclass(frozen=True)
class Customers:
    """All who had ordered by the end of ``day``; arrays in the order of customer_id, one entry a customer.

    ``row`` is the customer's in the temporary table ``forecast_customers``, ``group`` the place in ``cohort``.
    ``recency`` and ``age`` are in days, ``mean_spend`` is that of the ``paid_occasions`` in currency units, gross of
    refunds, and 0 without any.
    """

    day: date
    cohort: Cohort
    spending: Spending
    row: npt.NDArray[np.int64]
    group: npt.NDArray[np.intp]
    recency: FloatArray
    age: FloatArray
    paid_occasions: FloatArray
    mean_spend: FloatArray

    def some(self, which: slice) -> "Customers":
        """Some of them, beside the groups of all."""
        return replace(
            self,
            row=self.row[which],
            group=self.group[which],
            recency=self.recency[which],
            age=self.age[which],
            paid_occasions=self.paid_occasions[which],
            mean_spend=self.mean_spend[which],
        )


def customers_of(connection: duckdb.DuckDBPyConnection, day: date) -> Customers:
    """Read them; leaves the temporary table ``forecast_customers``, see ``read_customers``."""
    cohort, spending = read_customers(connection, day)
    found = connection.execute(statement("forecast/one_by_one")).fetchnumpy()
    columns = {name: np.asarray(found[name]) for name in _FIGURES}
    span = np.max(cohort.age, initial=0) + 1
    groups = (cohort.frequency * span + cohort.recency) * span + cohort.age
    own = (columns["frequency"] * span + columns["recency"]) * span + columns["age"]
    return Customers(
        day,
        cohort,
        spending,
        row=np.asarray(found["customer_row"], dtype=np.int64),
        group=np.searchsorted(groups, own),
        recency=columns["recency"],
        age=columns["age"],
        paid_occasions=columns["paid_occasions"],
        mean_spend=columns["mean_spend"],
    )
