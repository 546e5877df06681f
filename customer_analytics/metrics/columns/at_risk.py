"""Columns of ``at_risk_customers``."""

from customer_analytics.metrics.columns.column import (
    ANY_CUSTOMER,
    EVENTS,
    LEARNED,
    PRIORITIES,
    REVENUE,
    TICKETS,
    DerivedColumn,
)

AT_RISK_CUSTOMERS_COLUMNS = (
    DerivedColumn("as_of_date", "date", "Day (UTC) at whose end this was known."),
    DerivedColumn("customer_id", "varchar", "The customer; one row for each as_of_date.", ANY_CUSTOMER),
    DerivedColumn(
        "is_listed",
        "boolean",
        "Whether the customer is on the list; those who only meet the ticket rule have a row as well.",
    ),
    DerivedColumn("entered_on", "date", "First day of the present listing; null where the customer is not listed."),
    DerivedColumn(
        "meets_ticket_rule",
        "boolean",
        "Whether there were 3 tickets in 30 days, or 2 with priority high or urgent.",
        PRIORITIES,
    ),
    DerivedColumn(
        "tickets_30d", "bigint", "Number of tickets created in the 30 days that end with as_of_date.", TICKETS
    ),
    DerivedColumn(
        "high_priority_tickets_30d", "bigint", "Number of these tickets with priority high or urgent.", PRIORITIES
    ),
    DerivedColumn(
        "no_order_probability_90d",
        "double",
        "1 less the forecast's probability of an order in the next 90 days; null without orders.",
        LEARNED,
    ),
    DerivedColumn(
        "service_risk_score",
        "double",
        "Probability, learned from past tickets, of meeting the ticket rule in the next 30 days; null without a "
        "ticket in 30 days, or with too little to learn from.",
        PRIORITIES,
    ),
    DerivedColumn(
        "large_refund",
        "decimal(38,2)",
        "Largest refund of the last 30 days where it is unusual, in currency units; else null.",
        REVENUE,
    ),
    DerivedColumn(
        "is_disengaged",
        "boolean",
        "Whether someone who used to react to emails no longer does, or unsubscribed in the last 30 days.",
        EVENTS,
    ),
    DerivedColumn(
        "value_at_risk",
        "decimal(38,2)",
        "no_order_probability_90d times the revenue of the last 365 days, in currency units.",
        LEARNED,
    ),
    DerivedColumn(
        "reasons",
        "varchar[]",
        "Why the customer is listed or meets the rule: at most three, the most serious first, in words.",
        LEARNED,
    ),
    DerivedColumn("recommended_action", "varchar", "What to do about it."),
    DerivedColumn(
        "call_rank", "bigint", "Whom to call first, by value at risk: 1 is the first; null where nobody should."
    ),
    DerivedColumn("call_today", "boolean", "Whether the rank is within what can be called in a day."),
    DerivedColumn("is_held_out", "boolean", "Whether the customer is left alone for comparison, by lot."),
)
