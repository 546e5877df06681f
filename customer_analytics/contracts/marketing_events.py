"""Events from the marketing tool."""

from typing import ClassVar

import pandas as pd
import pandera.pandas as pa

from customer_analytics.contracts.fields import identifier, utc_timestamp


class MarketingEvents(pa.DataFrameModel):
    """One event a record: something was sent to a customer, or the customer reacted."""

    event_id: str = identifier("The marketing tool's number of the event", unique=True)
    customer_id: str = identifier("Whom it concerns")
    event_type: str = pa.Field(
        isin=["email_sent", "email_open", "email_click", "campaign_view", "unsubscribe"],
        description="What happened",
    )
    event_date: pd.DatetimeTZDtype = utc_timestamp("When it happened, UTC")
    campaign_id: str = identifier("The campaign it belongs to")

    class Config:
        """What the contract says of itself."""

        strict = True
        metadata: ClassVar = {"version": "1.0.0", "event_time": "event_date"}
