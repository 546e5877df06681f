"""The whole job in Polars: lazy scans of all files, one plan for each source, written as Parquet."""

import json
import sys
import time
from pathlib import Path

import polars as pl

ORDER_STATUSES = ["pending", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"]
PRIORITIES = ["low", "medium", "high", "urgent"]
EVENT_TYPES = ["email_sent", "email_open", "email_click", "campaign_view", "unsubscribe"]


def main() -> None:
    """Read the landing area given first, and write tables as Parquet into the folder given second."""
    landing, store = Path(sys.argv[1]), Path(sys.argv[2])
    began = time.perf_counter()

    orders, broken_orders = clean(scan_orders(landing), "order_id", "status", ORDER_STATUSES)
    tickets, broken_tickets = clean(scan_tickets(landing), "ticket_id", "priority", PRIORITIES)
    events, broken_events = clean(
        pl.scan_parquet(landing / "marketing_events/*/*.parquet"), "event_id", "event_type", EVENT_TYPES
    )
    values, at_risk = customer_lifetime_value(orders), customers_at_risk(tickets)

    tables = {"orders": orders, "tickets": tickets, "events": events, "values": values, "at_risk": at_risk}
    for name, table in tables.items():
        table.write_parquet(store / f"{name}.parquet")
    rules = pl.concat([broken_orders, broken_tickets, broken_events]).group_by("rule").agg(pl.col("records").sum())
    totals = {
        "accepted": len(orders) + len(tickets) + len(events),
        "quarantined": rules["records"].sum(),
        "rules": dict(rules.iter_rows()),
        "customers": len(values),
        "revenue": str(values["total_revenue"].sum()),
        "clv": round(values["estimated_clv"].sum()),
        "at_risk": len(at_risk),
    }
    print(json.dumps({"seconds": time.perf_counter() - began, "totals": totals}))


def scan_orders(landing: Path) -> pl.LazyFrame:
    """Orders with an amount where it is one."""
    columns = ["order_id", "customer_id", "order_date", "total_amount", "status"]
    orders = pl.scan_csv(landing / "orders/*/orders.csv", schema=dict.fromkeys(columns, pl.String))
    return orders.with_columns(
        pl.col("order_date").str.to_datetime("%Y-%m-%d %H:%M:%S"),
        pl.col("total_amount").cast(pl.Decimal(18, 2), strict=False),
    )


def scan_tickets(landing: Path) -> pl.LazyFrame:
    """Tickets with their times."""
    columns = ["ticket_id", "customer_id", "created_date", "category", "priority", "resolved_date"]
    tickets = pl.scan_ndjson(landing / "support_tickets/*/*.jsonl", schema=dict.fromkeys(columns, pl.String))
    return tickets.with_columns(pl.col("created_date", "resolved_date").str.to_datetime("%Y-%m-%d %H:%M:%S"))


def clean(records: pl.LazyFrame, key: str, choice: str, choices: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The good records, and how many of the others break which rule."""
    rule = pl.when(pl.col("customer_id").is_null()).then(pl.lit("not_null"))
    if "total_amount" in records.collect_schema():
        rule = rule.when(pl.col("total_amount").is_null()).then(pl.lit("type"))
    rule = rule.when(~pl.col(choice).is_in(choices)).then(pl.lit("isin"))
    judged = records.with_columns(rule.alias("rule")).collect(engine="streaming")
    good = judged.filter(pl.col("rule").is_null()).drop("rule")
    unique = good.unique(subset=key, keep="any")
    broken = judged.drop_nulls("rule").group_by("rule").agg(pl.len().cast(pl.Int64).alias("records"))
    repeated = pl.DataFrame({"rule": ["unique"], "records": [len(good) - len(unique)]})
    return unique, pl.concat([broken, repeated])


def customer_lifetime_value(orders: pl.DataFrame) -> pl.DataFrame:
    """Per customer, in currency units."""
    bought = pl.col("status") != "refunded"
    ordered_on = pl.col("order_date").filter(bought)
    return (
        orders.lazy()
        .filter(pl.col("status") != "cancelled")
        .group_by("customer_id")
        .agg(
            pl.col("total_amount").sum().alias("total_revenue"),
            bought.sum().alias("order_count"),
            ordered_on.min().alias("first_order_date"),
            ordered_on.max().alias("last_order_date"),
        )
        .with_columns(
            (pl.col("total_revenue").cast(pl.Float64) / pl.col("order_count")).round(2).alias("avg_order_value"),
            ((pl.col("last_order_date").dt.date() - pl.col("first_order_date").dt.date()).dt.total_days() + 1)
            .fill_null(0)
            .alias("lifetime_days"),
        )
        .with_columns(
            (pl.col("total_revenue").cast(pl.Float64) * pl.col("lifetime_days") * 2 / 365)
            .round(2)
            .clip(lower_bound=0)
            .alias("estimated_clv")
        )
        .collect(engine="streaming")
    )


def customers_at_risk(tickets: pl.DataFrame) -> pl.DataFrame:
    """Who has three tickets, or two of high priority, in the 30 days that end with the last one."""
    is_recent = pl.col("created_date").dt.date() > pl.col("created_date").max().dt.date() - pl.duration(days=30)
    return (
        tickets.filter(is_recent)
        .group_by("customer_id")
        .agg(pl.len().alias("tickets"), pl.col("priority").is_in(["high", "urgent"]).sum().alias("high"))
        .filter((pl.col("tickets") >= 3) | (pl.col("high") >= 2))
    )


if __name__ == "__main__":
    main()
