"""The whole job by this project, without Dagster: every day judged and published, customer value of every day."""

import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.speed.measuring import say
from benchmarks.speed.sources import shipped_source
from customer_analytics.landing.folder import LandingArea
from customer_analytics.metrics.as_of import compute_customer_lifetime_value
from customer_analytics.metrics.derived import AT_RISK_RULE
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics.warehouse.load import load_days
from customer_analytics.warehouse.transaction import transaction

_AT_RISK = """
create temp table at_risk as
select customer_id
from published_tickets
where created_date >= $day::date - ($window_days - 1) and created_date < $day::date + 1
group by customer_id
having count(*) >= $min_tickets or count(*) filter (is_high_priority) >= $min_high_priority_tickets"""

_VALUES = """
select count(*), sum(total_revenue), round(sum(estimated_clv))
from marts.customer_lifetime_value
where as_of_date = ?"""

_RULES = """
select rule, count(*)
from (select unnest(reasons).rule as rule from quality.quarantine where released_at is null)
group by rule"""


def main() -> None:
    """Load every source of the landing area given first into a new warehouse in the folder given second."""
    landing, store = LandingArea(Path(sys.argv[1])), Path(sys.argv[2])
    began = time.perf_counter()
    with open_warehouse(
        store / "warehouse.duckdb", "a benchmark", timeout_seconds=1, memory_limit="4GB", log=print
    ) as connection:
        last_day = _load(connection, landing)
        _derive(connection, last_day)
        totals = dict(_totals(connection, last_day))
    say(time.perf_counter() - began, totals=totals)


def _load(connection: duckdb.DuckDBPyConnection, landing: LandingArea) -> date:
    for source in landing.sources():
        days = landing.landed_days(source)
        now = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time())
        for report in load_days(connection, landing, shipped_source(source), days, run_id="benchmark", now=now):
            if report.state != "published":
                raise RuntimeError(report.message)
    return days[-1]


def _derive(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    days = [day for (day,) in connection.execute("select distinct delivery_day from sources.orders").fetchall()]
    with transaction(connection):
        compute_customer_lifetime_value(
            connection, sorted(days), "benchmark", datetime.combine(last_day, datetime.min.time())
        )
    open_inputs(connection, "support_tickets")
    connection.execute(_AT_RISK, {"day": last_day, **AT_RISK_RULE.parameters})


def _totals(connection: duckdb.DuckDBPyConnection, last_day: date) -> Iterator[tuple[str, object]]:
    counts = connection.execute("select sum(accepted)::bigint, sum(quarantined)::bigint from quality.deliveries")
    yield from zip(("accepted", "quarantined"), counts.fetchone() or (), strict=True)
    yield "rules", dict(connection.execute(_RULES).fetchall())
    customers, revenue, clv = connection.execute(_VALUES, [last_day]).fetchone() or ()
    yield from {"customers": customers, "revenue": f"{revenue:.2f}", "clv": int(clv)}.items()
    yield "at_risk", *(connection.execute("select count(*) from at_risk").fetchone() or ())


if __name__ == "__main__":
    main()
