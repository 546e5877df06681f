"""Features again, in plain Python over all published records; and publishing tickets and events for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import duckdb

from customer_analytics_tests.metrics.scenario import Order, publish_orders


@dataclass(frozen=True)
class SupportTicket:
    """A ticket as it is delivered, resolved or not."""

    customer: str
    happened: datetime
    priority: str = "low"
    resolved_date: datetime | None = None


@dataclass(frozen=True)
class Event:
    """An event of the marketing tool."""

    customer: str
    happened: datetime
    event_type: str


Record = Order | SupportTicket | Event
RecordT = TypeVar("RecordT", bound=Record)
Published = Mapping[date, Sequence[Record]]
Row = dict[str, Any]


def publish(connection: duckdb.DuckDBPyConnection, delivery_day: date, records: Sequence[Record]) -> None:
    """Publish the first records of the day."""
    connection.execute(
        """create table if not exists sources.support_tickets (delivery_day date, ticket_id varchar,
           customer_id varchar, created_date timestamp, category varchar, priority varchar, resolved_date timestamp)"""
    )
    connection.execute(
        """create table if not exists sources.marketing_events (delivery_day date, event_id varchar,
           customer_id varchar, event_type varchar, event_date timestamp, campaign_id varchar)"""
    )
    publish_orders(connection, delivery_day, [each for each in records if isinstance(each, Order)])
    for number, each in enumerate(records):
        if isinstance(each, SupportTicket):
            connection.execute(
                "insert into sources.support_tickets values (?, ?, ?, ?, 'delivery', ?, ?)",
                [delivery_day, f"T-{number}", each.customer, each.happened, each.priority, each.resolved_date],
            )
        elif isinstance(each, Event):
            connection.execute(
                "insert into sources.marketing_events values (?, ?, ?, ?, ?, 'spring')",
                [delivery_day, f"E-{number}", each.customer, each.event_type, each.happened],
            )


def features(published: Published, as_of: date, censored_days: int) -> list[Row]:
    """The rows of ``customer_features`` as of the day, by customer."""
    delivered = [(day, each) for day, records in published.items() for each in records if not _is_cancelled(each)]
    known = [each for day, each in delivered if day <= as_of and _day(each) <= as_of]
    beginning = min((day for day, each in delivered if isinstance(each, Order)), default=date.min)
    rows: list[Row] = []
    for customer in sorted({each.customer for each in known}):
        own = [each for each in known if each.customer == customer]
        rows.append(
            {"as_of_date": as_of, "customer_id": customer, "feature_version": 1}
            | _occasions([each for each in own if isinstance(each, Order) and each.status != "refunded"], as_of)
            | _money([each for each in own if isinstance(each, Order)], as_of)
            | _tickets([each for each in own if isinstance(each, SupportTicket)], as_of)
            | _events([each for each in own if isinstance(each, Event)], as_of)
        )
        first = rows[-1]["first_order_date"]
        rows[-1]["is_left_censored"] = (first - beginning).days < censored_days if first else None
    return rows


def _occasions(orders: Sequence[Order], as_of: date) -> Row:
    days = sorted({_day(order) for order in orders})
    spends = [sum(order.amount for order in orders if _day(order) == day) for day in days]
    paid = [spend for spend in spends if spend > 0]
    return {
        "first_order_date": days[0] if days else None,
        "last_order_date": days[-1] if days else None,
        "order_days": len(days),
        **{f"order_days_{window}d": sum((as_of - day).days < window for day in days) for window in (30, 90, 365)},
        "recency_days": (days[-1] - days[0]).days if days else None,
        "age_days": (as_of - days[0]).days if days else None,
        "days_since_last_order": _since(days, as_of),
        "mean_gap_days": (days[-1] - days[0]).days / (len(days) - 1) if len(days) > 1 else None,
        "mean_order_value": float(sum(paid)) / len(paid) if paid else None,
    }


def _money(orders: Sequence[Order], as_of: date) -> Row:
    refunds = [order for order in orders if order.status == "refunded"]
    recent = [abs(refund.amount) for refund in _within(refunds, as_of, 30)]
    net = {
        window: sum(
            (
                min(order.amount, Decimal(0)) if order.status == "refunded" else order.amount
                for order in _within(orders, as_of, window)
            ),
            Decimal(0),
        )
        for window in (90, 365)
    }
    return {
        "revenue_90d": net[90],
        "revenue_365d": net[365],
        "refunds_365d": len(_within(refunds, as_of, 365)),
        "largest_refund_30d": max(recent, default=Decimal(0)),
    }


def _tickets(tickets: Sequence[SupportTicket], as_of: date) -> Row:
    pressing = [ticket for ticket in tickets if ticket.priority in ("high", "urgent")]
    resolved = [ticket for ticket in tickets if ticket.resolved_date and ticket.resolved_date.date() <= as_of]
    return {
        **{f"tickets_{window}d": len(_within(tickets, as_of, window)) for window in (7, 30, 90)},
        **{f"high_priority_tickets_{window}d": len(_within(pressing, as_of, window)) for window in (30, 90)},
        "open_tickets": len(tickets) - len(resolved),
        "days_since_last_ticket": _since([_day(ticket) for ticket in tickets], as_of),
    }


def _events(events: Sequence[Event], as_of: date) -> Row:
    sent = [event for event in events if event.event_type == "email_sent"]
    reactions = [event for event in events if event.event_type in ("email_open", "email_click", "campaign_view")]
    return {
        **{f"emails_sent_{window}d": len(_within(sent, as_of, window)) for window in (30, 90)},
        **{f"reactions_{window}d": len(_within(reactions, as_of, window)) for window in (30, 90)},
        "days_since_last_reaction": _since([_day(reaction) for reaction in reactions], as_of),
        "is_unsubscribed": any(event.event_type == "unsubscribe" for event in events),
    }


def _day(record: Record) -> date:
    return (record.order_date if isinstance(record, Order) else record.happened).date()


def _is_cancelled(record: Record) -> bool:
    return isinstance(record, Order) and record.status == "cancelled"


def _within(records: Sequence[RecordT], as_of: date, window: int) -> list[RecordT]:
    return [each for each in records if (as_of - _day(each)).days < window]


def _since(days: Sequence[date], as_of: date) -> int | None:
    return (as_of - max(days)).days if days else None
