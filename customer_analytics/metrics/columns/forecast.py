"""Columns of ``customer_value_forecast``: the same figures for each horizon."""

from customer_analytics.metrics.columns.column import CUSTOMER, LEARNED, ORDER_DATES, SPEND, DerivedColumn


def _columns(days: int) -> tuple[DerivedColumn, ...]:
    """What is expected of the next ``days`` days."""
    ahead = f"in the next {days} days"
    return (
        DerivedColumn(
            f"expected_orders_{days}d", "double", f"Expected number of purchase occasions {ahead}.", ORDER_DATES
        ),
        DerivedColumn(
            f"probability_of_order_{days}d",
            "double",
            f"Probability of an order {ahead}, calibrated where that has won.",
            LEARNED,
        ),
        DerivedColumn(
            f"fewest_orders_{days}d",
            "bigint",
            f"9 in 10 customers like this order at least so often {ahead} ...",
            ORDER_DATES,
        ),
        DerivedColumn(f"most_orders_{days}d", "bigint", "... and at most so often.", ORDER_DATES),
        DerivedColumn(
            f"expected_spend_{days}d",
            "decimal(18,2)",
            f"Expected spend {ahead}, gross of refunds, in currency units.",
            LEARNED,
        ),
        DerivedColumn(
            f"discounted_spend_{days}d",
            "decimal(18,2)",
            "The same, worth less the later it comes: 10 % a year.",
            SPEND,
        ),
        DerivedColumn(
            f"low_spend_{days}d",
            "decimal(18,2)",
            "fewest_orders at the expected spend of an order, or the expected spend.",
            SPEND,
        ),
        DerivedColumn(f"high_spend_{days}d", "decimal(18,2)", "most_orders at it, or the expected spend.", SPEND),
    )


CUSTOMER_VALUE_FORECAST_COLUMNS = (
    DerivedColumn("as_of_date", "date", "Day (UTC) at whose end this was known; the horizons begin after it."),
    DerivedColumn("customer_id", "varchar", "The customer; one row for each as_of_date.", CUSTOMER),
    DerivedColumn(
        "model", "varchar", "What spend is expected by; (unproven) where it has not beaten the plain formula."
    ),
    DerivedColumn("label", "varchar", "ok, prior-dominated (few data), or fallback (nothing to fit)."),
    *_columns(30),
    *_columns(90),
    *_columns(365),
    DerivedColumn("spend_per_order", "decimal(18,2)", "Expected spend of the next order, in currency units.", SPEND),
)
