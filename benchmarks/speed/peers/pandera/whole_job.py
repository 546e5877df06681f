"""The whole job as a careful pandas script: pandera judges days, each is published alone; value as of every day."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pandera.pandas as pa

from customer_analytics.contracts.marketing_events import MarketingEvents
from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.support_tickets import SupportTickets

MOMENT = "datetime64[us, UTC]"
RULES = {"not_nullable": "not_null", "field_uniqueness": "unique"}
DAYS_COMPARED = 28


@dataclass(frozen=True)
class Source:
    """Where a source's table is, how its files are read, and by which contract they are judged."""

    table: str
    read: Callable[[Path], pd.DataFrame]
    contract: pa.DataFrameSchema
    moments: tuple[str, ...]
    amounts: tuple[str, ...] = ()


SOURCES = (
    Source(
        "orders",
        lambda path: pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""]),
        Orders.to_schema().update_column("total_amount", dtype=float),
        ("order_date",),
        ("total_amount",),
    ),
    Source(
        "support_tickets",
        lambda path: pd.read_json(path, lines=True, dtype=False),
        SupportTickets.to_schema(),
        ("created_date", "resolved_date"),
    ),
    Source("marketing_events", pd.read_parquet, MarketingEvents.to_schema(), ("event_date",)),
)


def main() -> None:
    """Read the landing area given first, and keep everything in a DuckDB file in the folder given second."""
    landing, store = Path(sys.argv[1]), Path(sys.argv[2])
    began = time.perf_counter()
    rules: dict[str, int] = {}
    with duckdb.connect(str(store / "store.duckdb")) as connection:
        for source in SOURCES:
            history: list[pd.Series] = []
            for folder in sorted((landing / source.table).iterdir()):
                [path] = folder.glob(f"{source.table}.*")
                good, bad = judge(source.read(path), source)
                for rule, count in bad["rules"].explode().value_counts().items():
                    rules[str(rule)] = rules.get(str(rule), 0) + int(count)
                checks = check(good, bad, history[-DAYS_COMPARED:])
                history.append(checks.set_index("check")["value"])
                tables = {source.table: good, f"bad_{source.table}": bad.assign(file=path.name), "checks": checks}
                publish(connection, {name: table.assign(day=folder.name) for name, table in tables.items()}, source)
        orders, tickets = connection.table("orders").df(), connection.table("support_tickets").df()
        values, at_risk = customer_lifetime_value(orders), customers_at_risk(tickets)
        for name, table in {"customer_lifetime_value": values, "at_risk_customers": at_risk}.items():
            connection.from_df(table).create(name)
        counts = [connection.table(f"{kind}{source.table}").shape[0] for kind in ("", "bad_") for source in SOURCES]
    today = values[values["valid_to"].isna()]
    totals = {
        "accepted": sum(counts[:3]),
        "quarantined": sum(counts[3:]),
        "rules": rules,
        "customers": len(today),
        "revenue": f"{today['total_revenue'].sum():.2f}",
        "clv": round(today["estimated_clv"].sum()),
        "at_risk": len(at_risk),
    }
    print(json.dumps({"seconds": time.perf_counter() - began, "totals": totals}))


def judge(delivered: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The good records, typed, and the bad ones as delivered, with the rules that they break and their line."""
    records = delivered.copy()
    for column in source.amounts:
        records[column] = pd.to_numeric(delivered[column], errors="coerce")
    for column in source.moments:
        records[column] = pd.to_datetime(delivered[column], errors="coerce", utc=True).astype(MOMENT)
    [key] = [column for column, promised in source.contract.columns.items() if promised.unique]
    broken = [("unique", delivered.index[delivered[key].duplicated()])]
    broken += [("type", delivered.index[delivered[each].notna() & records[each].isna()]) for each in records]
    reasons: dict[int, list[str]] = {}
    for rule, places in broken:
        for place in places:
            reasons.setdefault(place, []).append(rule)
    try:
        source.contract.validate(records, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for case in errors.failure_cases.dropna(subset="index").itertuples():
            rule = RULES.get(case.check, case.check.split("(")[0])
            if rule != "unique" and not (rule == "not_null" and case.index in reasons):
                reasons.setdefault(int(case.index), []).append(rule)
    bad = pd.Series(list(reasons.values()), index=list(reasons), name="rules", dtype=object)
    kept = pd.DataFrame({"line": bad.index + 1, "rules": bad})
    return records.drop(index=bad.index), kept.join(delivered.astype(str))


def check(good: pd.DataFrame, bad: pd.DataFrame, history: list[pd.Series]) -> pd.DataFrame:
    """The day's figures, and whether each is within half and twice of its median over the days before."""
    repeated = bad["rules"].map(lambda rules: "unique" in rules).sum()
    values = {"volume": len(good), "quarantined": len(bad), "repeated": repeated}
    values |= {f"nulls in {column}": share for column, share in good.isna().mean().items()}
    values |= {f"distinct {column}": count for column, count in good.nunique().items()}
    figures = pd.Series(values, dtype=float)
    usual = pd.concat(history, axis=1).median(axis=1) if history else figures
    passed = figures.between(usual / 2, usual * 2)
    return pd.DataFrame({"check": figures.index, "value": figures.to_numpy(), "passed": passed.to_numpy()})


def publish(connection: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame], source: Source) -> None:
    """Replace one day of each table, all of them or none."""
    connection.begin()
    for name, table in tables.items():
        connection.register("delivered", table.assign(source=source.table))
        connection.execute(f"create table if not exists {name} as from delivered limit 0")
        same_day = f"{name}.day = delivered.day and {name}.source = delivered.source"
        connection.execute(f"delete from {name} using delivered where {same_day}")  # noqa: S608 - names from above
        connection.execute(f"insert into {name} by name from delivered")
        connection.unregister("delivered")
    connection.commit()


def customer_lifetime_value(orders: pd.DataFrame) -> pd.DataFrame:
    """Per customer and day with orders: the value as of then, until the customer's next such day."""
    counted = orders[orders["status"] != "cancelled"]
    is_bought = counted["status"] != "refunded"
    days = (
        counted.assign(
            bought=is_bought.astype(int),
            first=counted["order_date"].where(is_bought),
            last=counted["order_date"].where(is_bought),
        )
        .groupby(["customer_id", "day"])
        .agg(revenue=("total_amount", "sum"), bought=("bought", "sum"), first=("first", "min"), last=("last", "max"))
        .reset_index()
    )
    customers = days.groupby("customer_id")
    values = pd.DataFrame({"customer_id": days["customer_id"], "valid_from": days["day"]})
    values["valid_to"] = customers["day"].shift(-1)
    values["total_revenue"] = customers["revenue"].cumsum().round(2)
    values["order_count"] = customers["bought"].cumsum()
    values["first_order_date"] = customers["first"].cummin().groupby(days["customer_id"]).ffill()
    values["last_order_date"] = customers["last"].cummax().groupby(days["customer_id"]).ffill()
    buys = values["order_count"] > 0
    values["avg_order_value"] = (values["total_revenue"] / values["order_count"].where(buys)).round(2)
    between = values["last_order_date"].dt.normalize() - values["first_order_date"].dt.normalize()
    values["lifetime_days"] = (between.dt.days + 1).fillna(0).astype(int)
    estimated = (values["total_revenue"] * values["lifetime_days"] * 2 / 365).round(2)
    values["estimated_clv"] = estimated.clip(lower=0)
    return values


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
