"""The whole job in PySpark on this machine alone: data frames, cached where they are used twice, written as Parquet."""

import json
import sys
import time
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

ORDER_STATUSES = ["pending", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"]
PRIORITIES = ["low", "medium", "high", "urgent"]
EVENT_TYPES = ["email_sent", "email_open", "email_click", "campaign_view", "unsubscribe"]
TICKETS = (
    "ticket_id string, customer_id string, created_date string, category string, priority string, resolved_date string"
)


def main() -> None:
    """Read the landing area given first, and write tables as Parquet into the folder given second."""
    landing, store = sys.argv[1], Path(sys.argv[2])
    spark = (
        SparkSession.builder.master("local[*]")
        .config("spark.driver.memory", "8g")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.local.dir", str(store / "spill"))
        .config("spark.sql.warehouse.dir", str(store / "warehouse"))
        .getOrCreate()
    )
    began = time.perf_counter()

    columns = "order_id string, customer_id string, order_date timestamp, total_amount string, status string"
    orders = spark.read.csv(f"{landing}/orders/*/orders.csv", header=True, schema=columns)
    orders = orders.withColumn("total_amount", f.expr("try_cast(total_amount as decimal(18, 2))"))
    tickets = spark.read.json(f"{landing}/support_tickets/*/*.jsonl", schema=TICKETS)
    tickets = tickets.withColumns({name: f.to_timestamp(name) for name in ("created_date", "resolved_date")})
    events = spark.read.parquet(f"{landing}/marketing_events/*/*.parquet")

    rules = {"not_null": 0, "type": 0, "isin": 0, "unique": 0}
    orders = clean(orders, "order_id", rule("status", ORDER_STATUSES, "total_amount"), store / "orders", rules)
    tickets = clean(tickets, "ticket_id", rule("priority", PRIORITIES), store / "tickets", rules)
    events = clean(events, "event_id", rule("event_type", EVENT_TYPES), store / "events", rules)
    values = written(customer_lifetime_value(orders), store / "values")
    at_risk = written(customers_at_risk(tickets), store / "at_risk")

    sums = values.agg(f.count("*"), f.sum("total_revenue"), f.sum("estimated_clv")).first()
    totals = {
        "accepted": orders.count() + tickets.count() + events.count(),
        "quarantined": sum(rules.values()),
        "rules": rules,
        "customers": sums[0],
        "revenue": str(sums[1]),
        "clv": round(sums[2]),
        "at_risk": at_risk.count(),
    }
    seconds = time.perf_counter() - began
    spark.stop()
    print(json.dumps({"seconds": seconds, "totals": totals}))


def rule(choice: str, choices: list[str], amount: str | None = None) -> Column:
    """The rule that a record breaks, or null."""
    broken = f.when(f.col("customer_id").isNull(), "not_null")
    if amount:
        broken = broken.when(f.col(amount).isNull(), "type")
    return broken.when(~f.col(choice).isin(choices), "isin")


def clean(records: DataFrame, key: str, broken: Column, folder: Path, rules: dict[str, int]) -> DataFrame:
    """The good records, as written; ``rules`` counts the others by the rule that they break."""
    judged = records.withColumn("rule", broken).cache()
    counts = dict(judged.groupBy("rule").count().collect())
    good = written(judged.where("rule is null").drop("rule").dropDuplicates([key]), folder)
    for name, count in counts.items():
        rules[name or "unique"] += count if name else count - good.count()
    judged.unpersist()
    return good


def written(table: DataFrame, folder: Path) -> DataFrame:
    """The table, read back from its files."""
    table.write.parquet(str(folder))
    return table.sparkSession.read.parquet(str(folder))


def customer_lifetime_value(orders: DataFrame) -> DataFrame:
    """Per customer, in currency units."""
    ordered_on = f.when(f.col("status") != "refunded", f.col("order_date"))
    values = (
        orders.where("status <> 'cancelled'")
        .groupBy("customer_id")
        .agg(
            f.sum("total_amount").alias("total_revenue"),
            f.count(ordered_on).alias("order_count"),
            f.min(ordered_on).alias("first_order_date"),
            f.max(ordered_on).alias("last_order_date"),
        )
    )
    days = f.coalesce(f.datediff("last_order_date", "first_order_date") + 1, f.lit(0))
    revenue = f.col("total_revenue").cast("double")
    return values.withColumn("lifetime_days", days).withColumns(
        {
            "avg_order_value": f.when(f.col("order_count") > 0, f.round(revenue / f.col("order_count"), 2)),
            "estimated_clv": f.greatest(f.lit(0.0), f.round(revenue * f.col("lifetime_days") * 2 / 365, 2)),
        }
    )


def customers_at_risk(tickets: DataFrame) -> DataFrame:
    """Who has three tickets, or two of high priority, in the 30 days that end with the last one."""
    last_day = tickets.agg(f.to_date(f.max("created_date"))).first()[0]
    is_high = f.col("priority").isin("high", "urgent")
    return (
        tickets.where(f.col("created_date") >= f.date_sub(f.lit(last_day), 29))
        .groupBy("customer_id")
        .agg(f.count("*").alias("tickets"), f.count(f.when(is_high, 1)).alias("high"))
        .where("tickets >= 3 or high >= 2")
    )


if __name__ == "__main__":
    main()
