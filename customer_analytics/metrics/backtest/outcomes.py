"""What customers did after an origin: what forecasts are held against."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.cohort import FloatArray

BoolArray = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Outcomes:
    """Everyone who had ordered by the end of ``origin``; arrays in the order of customer_id, one entry a customer.

    ``key`` stands for the customer_id. ``spend`` is that of the orders in the ``horizon`` days after the origin, in
    currency units: gross, because refunds are not forecast. ``order_days`` counts their distinct days (UTC), those of
    orders for nothing too. ``days_since_last_order`` is as of the origin.
    """

    origin: date
    horizon: int
    key: Keys
    days_since_last_order: FloatArray
    spend: FloatArray
    order_days: FloatArray

    @property
    def no_order(self) -> BoolArray:
        """Who did not order at all."""
        none: BoolArray = self.order_days == 0
        return none

    @property
    def recently_active(self) -> BoolArray:
        """Who had ordered in the ``horizon`` days that ended with the origin: of the others most are gone already."""
        active: BoolArray = self.days_since_last_order < self.horizon
        return active


def read_outcomes(connection: duckdb.DuckDBPyConnection, origin: date, horizon: int) -> Outcomes:
    """The outcomes as known by the end of ``origin + horizon``: what is delivered later changes nothing.

    Who is judged, and what was known of them, is by what was delivered by the origin. An order of before the origin
    that was delivered after it belongs to neither side.
    """
    open_inputs(connection, "orders")
    parameters = {"origin": origin, "horizon": horizon}
    columns = connection.execute(statement("backtest/outcomes"), parameters).fetchnumpy()
    return Outcomes(
        origin,
        horizon,
        np.asarray(columns["customer_key"], dtype=np.uint64),
        np.asarray(columns["days_since_last_order"], dtype=np.float64),
        np.asarray(columns["spend"], dtype=np.float64),
        np.asarray(columns["order_days"], dtype=np.float64),
    )
