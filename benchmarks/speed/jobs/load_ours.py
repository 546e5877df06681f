"""Every landed day of the orders judged and published by this project, without Dagster."""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.speed.measuring import say
from benchmarks.speed.sources import shipped_source
from customer_analytics.landing.folder import LandingArea
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics.warehouse.load import load_days


def main() -> None:
    """Load the landing area given first into a new warehouse in the folder given second, with DuckDB's memory third."""
    landing, store = LandingArea(Path(sys.argv[1])), Path(sys.argv[2])
    orders, days = shipped_source("orders"), landing.landed_days("orders")
    now = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time())
    began = time.perf_counter()
    with open_warehouse(
        store / "warehouse.duckdb", "a benchmark", timeout_seconds=1, memory_limit=sys.argv[3], log=print
    ) as connection:
        for report in load_days(connection, landing, orders, days, run_id="benchmark", now=now):
            if report.state != "published":
                raise RuntimeError(report.message)
    say(time.perf_counter() - began)


if __name__ == "__main__":
    main()
