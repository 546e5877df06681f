"""Columns of ``customer_lifetime_value``."""

from customer_analytics.metrics.columns.column import CUSTOMER, ORDER_DATES, ORDERS, REVENUE, DerivedColumn

CUSTOMER_LIFETIME_VALUE_COLUMNS = (
    DerivedColumn("as_of_date", "date", "Day (UTC) at whose end this was known: all deliveries up to it count."),
    DerivedColumn("customer_id", "varchar", "The customer; one row for each as_of_date.", CUSTOMER),
    DerivedColumn("total_revenue", "decimal(38,2)", "gross_revenue less refunded_amount, in currency units.", REVENUE),
    DerivedColumn(
        "gross_revenue",
        "decimal(38,2)",
        "All that was charged, in currency units, cancelled orders left out.",
        REVENUE,
    ),
    DerivedColumn("refunded_amount", "decimal(38,2)", "All that was paid back, in currency units, positive.", REVENUE),
    DerivedColumn(
        "avg_order_value",
        "decimal(38,2)",
        "total_revenue / order_count, in currency units; null without orders.",
        (*REVENUE, ("orders", "order_id")),
    ),
    DerivedColumn("order_count", "bigint", "Number of orders; neither cancelled orders nor refunds count.", ORDERS),
    DerivedColumn(
        "first_order_date", "timestamp", "Time (UTC) of the earliest order; null without orders.", ORDER_DATES
    ),
    DerivedColumn("last_order_date", "timestamp", "Time (UTC) of the latest order; null without orders.", ORDER_DATES),
    DerivedColumn(
        "days_since_last_order",
        "bigint",
        "Whole days from the last order's day to as_of_date; 0 where that is after it, null without orders.",
        ORDER_DATES,
    ),
    DerivedColumn(
        "customer_lifetime_days",
        "bigint",
        "Whole days from the first to the last order's day, both included.",
        ORDER_DATES,
    ),
    DerivedColumn(
        "estimated_clv",
        "decimal(38,2)",
        "avg_order_value * order_count * customer_lifetime_days / 365 * 2, in currency units, never below 0.",
        (*REVENUE, ("orders", "order_date")),
    ),
)
