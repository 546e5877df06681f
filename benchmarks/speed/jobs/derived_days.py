"""The next landed days of the orders: judged, published, customer value as of the end of each, audited; no Dagster."""

import sys
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.speed.measuring import say
from benchmarks.speed.sources import shipped_source
from customer_analytics.landing.folder import LandingArea
from customer_analytics.metrics.as_of import as_of_figures, compute_customer_lifetime_value
from customer_analytics.metrics.audit import audit_derived
from customer_analytics.metrics.checks import DERIVED_CHECKS
from customer_analytics.metrics.derived import CUSTOMER_LIFETIME_VALUE
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics.warehouse.load import load_days
from customer_analytics.warehouse.transaction import transaction


def main() -> None:
    """Add landed days of the landing area given first, as many as the second argument says, to each store that follows.

    The stores take turns. What the first day of each takes is not told: it imports, and plans for the first time.
    """
    landing, stores = LandingArea(Path(sys.argv[1])), [Path(each) for each in sys.argv[3:]]
    took: dict[str, list[float]] = {str(store): [] for store in stores}
    for _ in range(int(sys.argv[2])):
        for store in stores:
            day = _next_day(landing, store)
            began = time.perf_counter()
            add_days(landing, store, [day])
            took[str(store)].append(time.perf_counter() - began)
    say(sum(map(sum, took.values())), took={store: seconds[1:] for store, seconds in took.items()})


def add_days(landing: LandingArea, store: Path, days: Sequence[date], with_those_after: Sequence[date] = ()) -> None:
    """Load ``days`` and derive the last of them; or all days ``with_those_after`` that were published, from it on.

    Raises:
        RuntimeError: a day was not published, or a check failed.
    """
    orders = shipped_source("orders")
    now = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time())
    with open_warehouse(
        store / "warehouse.duckdb", "a benchmark", timeout_seconds=1, memory_limit="2GB", log=print
    ) as connection:
        for report in load_days(connection, landing, orders, days, run_id="benchmark", now=now):
            if report.state != "published":
                raise RuntimeError(report.message)
        published = published_days(connection)
        derive(connection, [day for day in with_those_after if day in published and day >= days[0]] or days[-1:], now)


def derive(connection: duckdb.DuckDBPyConnection, days: Sequence[date], now: datetime) -> None:
    """Customer value as of ``days``, audited, with its figures.

    Raises:
        RuntimeError: a check failed.
    """
    asset = CUSTOMER_LIFETIME_VALUE
    with transaction(connection):
        compute_customer_lifetime_value(connection, days, "benchmark", now)
        audits = audit_derived(connection, asset, DERIVED_CHECKS[asset.name], days)
    as_of_figures(connection, asset.name, days)
    failed = [check for checks in audits.values() for check in checks if check.blocks]
    if failed:
        message = f"{failed[0].check}: {failed[0].found}"
        raise RuntimeError(message)


def _next_day(landing: LandingArea, store: Path) -> date:
    with duckdb.connect(str(store / "warehouse.duckdb"), read_only=True) as connection:
        published = published_days(connection)
    return next(day for day in landing.landed_days("orders") if day not in published)


def published_days(connection: duckdb.DuckDBPyConnection) -> set[date]:
    """The days of the orders that were published."""
    rows = connection.execute("select delivery_day from quality.deliveries where source = 'orders'").fetchall()
    return {day for (day,) in rows}


if __name__ == "__main__":
    main()
