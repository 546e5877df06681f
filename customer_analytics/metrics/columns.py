"""What the columns of the derived assets mean, and which columns of the sources they are made from."""

from dataclasses import dataclass

Lineage = tuple[tuple[str, str], ...]

_CUSTOMER: Lineage = (("orders", "customer_id"),)
_REVENUE: Lineage = (("orders", "total_amount"), ("orders", "status"))
_ORDERS: Lineage = (("orders", "order_id"), ("orders", "status"))
_ORDER_DATES: Lineage = (("orders", "order_date"), ("orders", "status"))
_TICKETS: Lineage = (("support_tickets", "ticket_id"), ("support_tickets", "created_date"))
_PRIORITIES: Lineage = (*_TICKETS, ("support_tickets", "priority"))


@dataclass(frozen=True)
class DerivedColumn:
    """One column of a derived asset; ``lineage`` names pairs of source asset and source column."""

    name: str
    sql_type: str
    description: str
    lineage: Lineage = ()


CUSTOMER_LIFETIME_VALUE_COLUMNS = (
    DerivedColumn("as_of_date", "date", "Day (UTC) at whose end this was known: all deliveries up to it count."),
    DerivedColumn("customer_id", "varchar", "The customer; one row for each as_of_date.", _CUSTOMER),
    DerivedColumn("total_revenue", "decimal(38,2)", "gross_revenue less refunded_amount, in currency units.", _REVENUE),
    DerivedColumn(
        "gross_revenue",
        "decimal(38,2)",
        "All that was charged, in currency units, cancelled orders left out.",
        _REVENUE,
    ),
    DerivedColumn("refunded_amount", "decimal(38,2)", "All that was paid back, in currency units, positive.", _REVENUE),
    DerivedColumn(
        "avg_order_value",
        "decimal(38,2)",
        "total_revenue / order_count, in currency units; null without orders.",
        (*_REVENUE, ("orders", "order_id")),
    ),
    DerivedColumn("order_count", "bigint", "Number of orders; neither cancelled orders nor refunds count.", _ORDERS),
    DerivedColumn(
        "first_order_date", "timestamp", "Time (UTC) of the earliest order; null without orders.", _ORDER_DATES
    ),
    DerivedColumn("last_order_date", "timestamp", "Time (UTC) of the latest order; null without orders.", _ORDER_DATES),
    DerivedColumn(
        "days_since_last_order", "bigint", "Whole days from the last order's day to as_of_date.", _ORDER_DATES
    ),
    DerivedColumn(
        "customer_lifetime_days",
        "bigint",
        "Whole days from the first to the last order's day, both included.",
        _ORDER_DATES,
    ),
    DerivedColumn(
        "estimated_clv",
        "decimal(38,2)",
        "avg_order_value * order_count * customer_lifetime_days / 365 * 2, in currency units, never below 0.",
        (*_REVENUE, ("orders", "order_date")),
    ),
)

AT_RISK_CUSTOMERS_COLUMNS = (
    DerivedColumn("as_of_date", "date", "Day (UTC) at whose end the customer was at risk."),
    DerivedColumn(
        "customer_id", "varchar", "The customer; one row for each as_of_date.", (("support_tickets", "customer_id"),)
    ),
    DerivedColumn(
        "tickets_30d", "bigint", "Number of tickets created in the 30 days that end with as_of_date.", _TICKETS
    ),
    DerivedColumn(
        "high_priority_tickets_30d", "bigint", "Number of these tickets with priority high or urgent.", _PRIORITIES
    ),
    DerivedColumn("reasons", "varchar[]", "The rules that made the customer at risk, in words.", _PRIORITIES),
    DerivedColumn("recommended_action", "varchar", "What to do about it."),
)

DERIVED_COLUMNS = {
    "customer_lifetime_value": CUSTOMER_LIFETIME_VALUE_COLUMNS,
    "at_risk_customers": AT_RISK_CUSTOMERS_COLUMNS,
}
