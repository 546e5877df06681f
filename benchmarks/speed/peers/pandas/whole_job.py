"""The whole job as a pandas script, the way tutorials write it."""

import json
import sys
import time
from pathlib import Path

import pandas as pd

ORDER_STATUSES = ["pending", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"]
PRIORITIES = ["low", "medium", "high", "urgent"]
EVENT_TYPES = ["email_sent", "email_open", "email_click", "campaign_view", "unsubscribe"]


def main() -> None:
    """Read the landing area given first, and write tables as Parquet into the folder given second."""
    landing, store = Path(sys.argv[1]), Path(sys.argv[2])
    began = time.perf_counter()

    orders = pd.concat(pd.read_csv(path) for path in sorted(landing.glob("orders/*/orders.csv")))
    orders["order_date"] = pd.to_datetime(orders["order_date"])
    orders["total_amount"] = pd.to_numeric(orders["total_amount"], errors="coerce")
    tickets = pd.concat(pd.read_json(path, lines=True) for path in sorted(landing.glob("support_tickets/*/*.jsonl")))
    tickets["created_date"] = pd.to_datetime(tickets["created_date"])
    tickets["resolved_date"] = pd.to_datetime(tickets["resolved_date"])
    events = pd.concat(pd.read_parquet(path) for path in sorted(landing.glob("marketing_events/*/*.parquet")))

    rules: dict[str, int] = {"not_null": 0, "type": 0, "isin": 0, "unique": 0}
    orders = clean(orders, "order_id", "status", ORDER_STATUSES, rules)
    tickets = clean(tickets, "ticket_id", "priority", PRIORITIES, rules)
    events = clean(events, "event_id", "event_type", EVENT_TYPES, rules)
    values = customer_lifetime_value(orders)
    at_risk = customers_at_risk(tickets)

    tables = {"orders": orders, "tickets": tickets, "events": events, "values": values, "at_risk": at_risk}
    for name, table in tables.items():
        table.to_parquet(store / f"{name}.parquet")
    totals = {
        "accepted": len(orders) + len(tickets) + len(events),
        "quarantined": sum(rules.values()),
        "rules": rules,
        "customers": len(values),
        "revenue": f"{values['total_revenue'].sum():.2f}",
        "clv": round(values["estimated_clv"].sum()),
        "at_risk": len(at_risk),
    }
    print(json.dumps({"seconds": time.perf_counter() - began, "totals": totals}))


def clean(records: pd.DataFrame, key: str, choice: str, choices: list[str], rules: dict[str, int]) -> pd.DataFrame:
    """The good records; ``rules`` counts the others by the rule that they break."""
    checks = {"not_null": records["customer_id"].notna(), "isin": records[choice].isin(choices)}
    if "total_amount" in records:
        checks["type"] = records["total_amount"].notna()
    good = pd.Series(data=True, index=records.index)
    for rule, passed in checks.items():
        rules[rule] += int((~passed).sum())
        good &= passed
    kept = records[good]
    unique = kept.drop_duplicates(subset=key)
    rules["unique"] += len(kept) - len(unique)
    return unique


def customer_lifetime_value(orders: pd.DataFrame) -> pd.DataFrame:
    """Per customer, in currency units."""
    counted = orders[orders["status"] != "cancelled"]
    values = counted.groupby("customer_id").agg(total_revenue=("total_amount", "sum"))
    bought = counted[counted["status"] != "refunded"].groupby("customer_id")["order_date"]
    values["order_count"] = bought.size()
    values["first_order_date"], values["last_order_date"] = bought.min(), bought.max()
    values["order_count"] = values["order_count"].fillna(0).astype(int)
    values["avg_order_value"] = (
        values["total_revenue"] / values["order_count"].where(values["order_count"] > 0)
    ).round(2)
    between = values["last_order_date"].dt.normalize() - values["first_order_date"].dt.normalize()
    values["lifetime_days"] = (between.dt.days + 1).fillna(0).astype(int)
    estimated = (values["total_revenue"] * values["lifetime_days"] * 2 / 365).round(2)
    values["estimated_clv"] = estimated.clip(lower=0)
    return values.reset_index()


def customers_at_risk(tickets: pd.DataFrame) -> pd.DataFrame:
    """Who has three tickets, or two of high priority, in the 30 days that end with the last one."""
    last_day = tickets["created_date"].max().normalize()
    recent = tickets[tickets["created_date"] >= last_day - pd.Timedelta(days=29)]
    counts = (
        recent.assign(is_high=recent["priority"].isin(["high", "urgent"]))
        .groupby("customer_id")
        .agg(tickets=("ticket_id", "size"), high=("is_high", "sum"))
    )
    return counts[(counts["tickets"] >= 3) | (counts["high"] >= 2)].reset_index()


if __name__ == "__main__":
    main()
