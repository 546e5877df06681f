"""Columns of ``customer_features``; windows of days end with as_of_date, which counts."""

from customer_analytics.metrics.columns.column import (
    ANY_CUSTOMER,
    EVENTS,
    ORDER_DATES,
    PRIORITIES,
    RESOLUTIONS,
    REVENUE,
    SPEND,
    TICKETS,
    DerivedColumn,
)

CUSTOMER_FEATURES_COLUMNS = (
    DerivedColumn(
        "as_of_date",
        "date",
        "Day (UTC) at whose end this was known: what was delivered and had happened by then counts.",
    ),
    DerivedColumn(
        "customer_id", "varchar", "The customer, whose aliases are resolved; one row for each as_of_date.", ANY_CUSTOMER
    ),
    DerivedColumn(
        "feature_version", "integer", "Version of these definitions; grows when the meaning of a column changes."
    ),
    DerivedColumn("first_order_date", "date", "Day of the first order; null without orders.", ORDER_DATES),
    DerivedColumn("last_order_date", "date", "Day of the latest order; null without orders.", ORDER_DATES),
    DerivedColumn(
        "is_left_censored",
        "boolean",
        "Whether the first order is so close to where the data begin that there may have been earlier ones.",
        ORDER_DATES,
    ),
    DerivedColumn(
        "order_days",
        "bigint",
        "Number of purchase occasions: distinct days with an order, one for nothing included, refunds not.",
        ORDER_DATES,
    ),
    DerivedColumn(
        "order_days_30d", "bigint", "Purchase occasions in the 30 days that end with as_of_date.", ORDER_DATES
    ),
    DerivedColumn(
        "order_days_90d", "bigint", "Purchase occasions in the 90 days that end with as_of_date.", ORDER_DATES
    ),
    DerivedColumn(
        "order_days_365d", "bigint", "Purchase occasions in the 365 days that end with as_of_date.", ORDER_DATES
    ),
    DerivedColumn(
        "recency_days", "bigint", "Days from the first to the latest order day; 0 with one, null without.", ORDER_DATES
    ),
    DerivedColumn(
        "age_days", "bigint", "Days from the first order day to as_of_date; null without orders.", ORDER_DATES
    ),
    DerivedColumn(
        "days_since_last_order",
        "bigint",
        "Days from the latest order day to as_of_date; null without orders.",
        ORDER_DATES,
    ),
    DerivedColumn(
        "mean_gap_days",
        "double",
        "Mean number of days between one order day and the next; null with fewer than two.",
        ORDER_DATES,
    ),
    DerivedColumn(
        "mean_order_value",
        "double",
        "Mean spend of an order day with spend, in currency units; null without.",
        SPEND,
    ),
    DerivedColumn(
        "revenue_90d",
        "decimal(38,2)",
        "Charged less paid back in the 90 days that end with as_of_date, in currency units.",
        REVENUE,
    ),
    DerivedColumn(
        "revenue_365d",
        "decimal(38,2)",
        "Charged less paid back in the 365 days that end with as_of_date, in currency units.",
        REVENUE,
    ),
    DerivedColumn("refunds_365d", "bigint", "Number of refunds in the 365 days that end with as_of_date.", REVENUE),
    DerivedColumn(
        "largest_refund_30d",
        "decimal(38,2)",
        "Largest refund of the 30 days that end with as_of_date, in currency units, positive; 0 without.",
        REVENUE,
    ),
    DerivedColumn("tickets_7d", "bigint", "Tickets created in the 7 days that end with as_of_date.", TICKETS),
    DerivedColumn("tickets_30d", "bigint", "Tickets created in the 30 days that end with as_of_date.", TICKETS),
    DerivedColumn("tickets_90d", "bigint", "Tickets created in the 90 days that end with as_of_date.", TICKETS),
    DerivedColumn(
        "high_priority_tickets_30d", "bigint", "Of those of 30 days, tickets with priority high or urgent.", PRIORITIES
    ),
    DerivedColumn(
        "high_priority_tickets_90d", "bigint", "Of those of 90 days, tickets with priority high or urgent.", PRIORITIES
    ),
    DerivedColumn(
        "open_tickets",
        "bigint",
        "Tickets that were not resolved by the end of as_of_date, as was known then.",
        RESOLUTIONS,
    ),
    DerivedColumn(
        "days_since_last_ticket", "bigint", "Days from the latest ticket to as_of_date; null without tickets.", TICKETS
    ),
    DerivedColumn("emails_sent_30d", "bigint", "Emails sent in the 30 days that end with as_of_date.", EVENTS),
    DerivedColumn("emails_sent_90d", "bigint", "Emails sent in the 90 days that end with as_of_date.", EVENTS),
    DerivedColumn(
        "reactions_30d",
        "bigint",
        "Opened or clicked emails and viewed campaigns in the 30 days that end with as_of_date.",
        EVENTS,
    ),
    DerivedColumn(
        "reactions_90d",
        "bigint",
        "Opened or clicked emails and viewed campaigns in the 90 days that end with as_of_date.",
        EVENTS,
    ),
    DerivedColumn(
        "days_since_last_reaction", "bigint", "Days from the latest of them to as_of_date; null without any.", EVENTS
    ),
    DerivedColumn("is_unsubscribed", "boolean", "Whether the customer has unsubscribed by then.", EVENTS),
)
