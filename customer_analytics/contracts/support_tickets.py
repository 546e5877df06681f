"""Tickets from the support desk."""

from typing import ClassVar

import pandas as pd
import pandera.pandas as pa

from customer_analytics.contracts.fields import identifier, utc_timestamp


class SupportTickets(pa.DataFrameModel):
    """One ticket a record."""

    ticket_id: str = identifier("The support desk's number of the ticket", unique=True)
    customer_id: str = identifier("Who asked for help")
    created_date: pd.DatetimeTZDtype = utc_timestamp("When the ticket was opened, UTC")
    category: str = pa.Field(str_length={"min_value": 1, "max_value": 200}, description="What it is about")
    priority: str = pa.Field(isin=["low", "medium", "high", "urgent"], description="How pressing it is")
    resolved_date: pd.DatetimeTZDtype = utc_timestamp("When it was resolved, UTC; null while it is open", nullable=True)

    class Config:
        """Rules over several columns, and what the contract says of itself."""

        strict = True
        metadata: ClassVar = {"version": "1.0.0", "event_time": "created_date"}
        not_before: ClassVar = {"column": "resolved_date", "earlier": "created_date"}
