"""A column of a derived asset, and the columns of sources that many of them are made from."""

from dataclasses import dataclass

Lineage = tuple[tuple[str, str], ...]

CUSTOMER: Lineage = (("orders", "customer_id"),)
REVENUE: Lineage = (("orders", "total_amount"), ("orders", "status"))
ORDERS: Lineage = (("orders", "order_id"), ("orders", "status"))
ORDER_DATES: Lineage = (("orders", "order_date"), ("orders", "status"))
SPEND: Lineage = (*REVENUE, ("orders", "order_date"))
TICKETS: Lineage = (("support_tickets", "ticket_id"), ("support_tickets", "created_date"))
PRIORITIES: Lineage = (*TICKETS, ("support_tickets", "priority"))
RESOLUTIONS: Lineage = (*TICKETS, ("support_tickets", "resolved_date"))
EVENTS: Lineage = (("marketing_events", "event_type"), ("marketing_events", "event_date"))
# What is learned is learned from everything that is known of customers.
LEARNED: Lineage = (*SPEND, *PRIORITIES, *EVENTS)
ANY_CUSTOMER: Lineage = (*CUSTOMER, ("support_tickets", "customer_id"), ("marketing_events", "customer_id"))


@dataclass(frozen=True)
class DerivedColumn:
    """One column of a derived asset; ``lineage`` names pairs of source asset and source column."""

    name: str
    sql_type: str
    description: str
    lineage: Lineage = ()
