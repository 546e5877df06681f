"""The same figures again, in plain Python over all published records: slow, from scratch, and easy to believe."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from customer_analytics_tests.metrics.scenario import Order, Ticket

FOREVER = date(9999, 12, 31)
CENT = Decimal("0.01")

Row = tuple[Any, ...]


def history(published: Mapping[date, Sequence[Order]]) -> list[Row]:
    """All change rows, by customer and day."""
    rows: list[Row] = []
    known = {delivery: [o for o in orders if o.status != "cancelled"] for delivery, orders in published.items()}
    for customer in sorted({order.customer for orders in known.values() for order in orders}):
        days = sorted(delivery for delivery, orders in known.items() if any(o.customer == customer for o in orders))
        for start, end in zip(days, [*days[1:], FOREVER], strict=True):
            orders = [o for d, os in known.items() if d <= start for o in os if o.customer == customer]
            rows.append((customer, start, end, *_sums(orders)))
    return rows


def lifetime_values(published: Mapping[date, Sequence[Order]], as_of: date) -> list[Row]:
    """The rows of ``customer_lifetime_value`` as of the day, by customer."""
    return [
        _value(as_of, customer, tuple(sums))
        for customer, start, end, *sums in history(published)
        if start <= as_of < end
    ]


def at_risk(published: Mapping[date, Sequence[Ticket]], as_of: date) -> list[Row]:
    """Customer, tickets and high-priority tickets of those at risk as of the day, by customer."""
    window = [as_of - timedelta(days=back) for back in range(30)]
    tickets = [
        ticket
        for delivery, delivered in published.items()
        for ticket in delivered
        if delivery <= as_of and ticket.created_date.date() in window
    ]
    high_priority_tickets = [ticket for ticket in tickets if ticket.priority in ("high", "urgent")]
    counts = [
        (customer, _count(tickets, customer), _count(high_priority_tickets, customer))
        for customer in sorted({ticket.customer for ticket in tickets})
    ]
    return [(customer, number, high) for customer, number, high in counts if number >= 3 or high >= 2]


def _count(tickets: Iterable[Ticket], customer: str) -> int:
    return sum(ticket.customer == customer for ticket in tickets)


def _sums(orders: Sequence[Order]) -> Row:
    gross = sum((max(order.amount, Decimal(0)) for order in orders), Decimal(0))
    refunded = sum((abs(order.amount) for order in orders if order.status == "refunded"), Decimal(0))
    dates = [order.order_date for order in orders if order.status != "refunded"]
    return len(dates), gross, refunded, min(dates, default=None), max(dates, default=None)


def _value(as_of: date, customer: str, sums: Row) -> Row:
    order_count, gross, refunded, first, last = sums
    total = gross - refunded
    if first is None or last is None:
        return (as_of, customer, total, gross, refunded, None, 0, None, None, None, None, Decimal(0))
    lifetime_days = (last.date() - first.date()).days + 1
    average = (total / order_count).quantize(CENT, ROUND_HALF_UP)
    clv = max((total * lifetime_days / 365 * 2).quantize(CENT, ROUND_HALF_UP), Decimal(0))
    idle = max((as_of - last.date()).days, 0)
    return (as_of, customer, total, gross, refunded, average, order_count, first, last, idle, lifetime_days, clv)
