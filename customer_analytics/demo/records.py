"""What the three sources deliver, as typed records and as text."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Source = Literal["orders", "support_tickets", "marketing_events"]
SOURCES: tuple[Source, ...] = ("orders", "support_tickets", "marketing_events")

Fields = dict[str, str | None]
"""One record as text, keyed by column in the order in which the source delivers its columns; the id comes first."""

_ID_PREFIXES: dict[Source, str] = {"orders": "O", "support_tickets": "T", "marketing_events": "E"}


@dataclass(frozen=True)
class Order:
    """A sale, or a refund with an id and a negative amount of its own. Amounts are in the shop's one currency."""

    order_id: str
    customer_id: str
    order_date: datetime
    total_amount: Decimal
    status: str


@dataclass(frozen=True)
class SupportTicket:
    """A customer's request; `resolved_date` is None where the desk had not answered by the end of the day."""

    ticket_id: str
    customer_id: str
    created_date: datetime
    category: str
    priority: str
    resolved_date: datetime | None


@dataclass(frozen=True)
class MarketingEvent:
    """Something a campaign did to a customer, or a customer did with a campaign."""

    event_id: str
    customer_id: str
    event_type: str
    event_date: datetime
    campaign_id: str


def record_id(source: Source, day: date, number: int) -> str:
    """The id of a day's record, `number` counting from 1; ids never repeat over days."""
    return f"{_ID_PREFIXES[source]}{day:%y%m%d}-{number:04d}"


def as_text(record: Order | SupportTicket | MarketingEvent) -> Fields:
    """The record as the source writes it: ISO 8601 moments in UTC, amounts with two decimals."""
    return {column.name: _text(getattr(record, column.name)) for column in fields(record)}


def _text(value: str | datetime | Decimal | None) -> str | None:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return None if value is None else str(value)
