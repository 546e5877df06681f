"""A warehouse with days of customer value and a list of customers at risk, and its first snapshot for readers."""

import sys
import time
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.speed.measuring import say
from customer_analytics.metrics.as_of import compute_customer_lifetime_value, record_days
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics.warehouse.transaction import transaction

FIRST_DAY = date(2024, 1, 1)
_NOW = datetime.combine(FIRST_DAY, datetime.min.time())

_TABLE = """
    create table if not exists sources.orders (
        delivery_day date not null, order_id varchar not null, customer_id varchar not null,
        order_date timestamp not null, total_amount decimal(18, 2) not null, status varchar not null
    )"""

# A day's orders, of customers drawn by a hash: written straight into the tables, because judging is measured elsewhere.
_ORDERS = """
    insert into sources.orders
    select
        $origin::date + (number // $orders_a_day)::integer as delivery_day,
        'o' || number,
        format('C{:08d}', hash(number) % $customers),
        delivery_day + to_seconds(number % 86400),
        1 + hash(number, 1) % 20000 / 100,
        'paid'
    from range($first * $orders_a_day, $end * $orders_a_day) as numbers (number)"""

_LEDGER = """
    insert into quality.deliveries by name
    select
        'orders' as source, $origin::date + number::integer as delivery_day, '' as fingerprint, 0 as records,
        0 as accepted, 0 as quarantined, 0 as ignored, '1' as contract_version, '' as rules_fingerprint,
        number as content_hash, nextval('quality.revisions') as revision, 'run' as run_id,
        now()::timestamp as published_at
    from range($first, $end) as numbers (number)"""

_AT_RISK = """
    insert into marts.at_risk_customers by name
    select
        $origin::date + day::integer as as_of_date, format('C{:08d}', number) as customer_id, true as is_listed,
        as_of_date as entered_on, true as meets_ticket_rule, 3 as tickets_30d, 1 as high_priority_tickets_30d,
        false as is_disengaged, ['3 tickets in the last 30 days'] as reasons,
        'proactive_outreach' as recommended_action, number as call_rank, number <= 25 as call_today,
        false as is_held_out
    from range($first, $end) as days (day), range(1, $customers // 200) as numbers (number)
    order by day, number"""


def main() -> None:
    """Make the warehouse in the folder given first, of so many orders a day, days and customers."""
    store, (orders_a_day, days, customers) = Path(sys.argv[1]), map(int, sys.argv[2:])
    began = time.perf_counter()
    with opened(store) as connection:
        add_days(connection, orders_a_day, range(days), customers)
        refresh_serving(connection, store / "serving.duckdb")
    say(time.perf_counter() - began)


def opened(store: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """The warehouse in that folder."""
    return open_warehouse(store / "warehouse.duckdb", "a benchmark", timeout_seconds=1, memory_limit="2GB", log=print)


def add_days(connection: duckdb.DuckDBPyConnection, orders_a_day: int, days: range, customers: int) -> None:
    """Publish days, by their numbers, and what is derived as of them."""
    publish_days(connection, orders_a_day, days, customers)
    with transaction(connection):
        connection.execute(_AT_RISK, _span(days) | {"customers": customers})
        each = [FIRST_DAY + timedelta(days=number) for number in days]
        record_days(connection, DERIVED_ASSETS["at_risk_customers"], each, "benchmark", _NOW)
        compute_customer_lifetime_value(connection, each, "benchmark", _NOW)


def publish_days(connection: duckdb.DuckDBPyConnection, orders_a_day: int, days: range, customers: int) -> None:
    """Publish days of orders, by their numbers; nothing is derived."""
    with transaction(connection):
        connection.execute(_TABLE)
        connection.execute(_ORDERS, _span(days) | {"orders_a_day": orders_a_day, "customers": customers})
        connection.execute(_LEDGER, _span(days))


def _span(days: range) -> dict[str, date | int]:
    return {"origin": FIRST_DAY, "first": days.start, "end": days.stop}


if __name__ == "__main__":
    main()
