"""Orders from the shop; a refund is a record of its own."""

from typing import ClassVar

import pandas as pd
import pandera.pandas as pa
from pandera.engines.pandas_engine import Decimal

from customer_analytics.contracts.fields import identifier, utc_timestamp


class Orders(pa.DataFrameModel):
    """One order or refund a record; amounts in the shop's one currency."""

    order_id: str = identifier("The shop's number of the order or refund", unique=True)
    customer_id: str = identifier("Who ordered")
    order_date: pd.DatetimeTZDtype = utc_timestamp("When it was ordered or refunded, UTC")
    total_amount: Decimal = pa.Field(
        dtype_kwargs={"precision": 18, "scale": 2},
        description="Amount charged, in currency units; below zero what was paid back",
    )
    status: str = pa.Field(
        isin=["pending", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"],
        description="Where the order stands",
    )

    class Config:
        """Rules over several columns, and what the contract says of itself."""

        strict = True
        metadata: ClassVar = {"version": "1.0.0", "event_time": "order_date"}
        negative_only_where: ClassVar = {
            "column": "total_amount",
            "status": "status",
            "allowed": ["refunded", "cancelled"],
        }
