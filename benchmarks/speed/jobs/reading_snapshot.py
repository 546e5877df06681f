"""A snapshot for readers with a year of customer value and a list of customers at risk; or the same snapshot again."""

import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.speed.measuring import say
from customer_analytics.metrics.as_of import compute_customer_lifetime_value
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics.warehouse.transaction import transaction

FIRST_DAY = date(2024, 1, 1)
_NOW = datetime.combine(FIRST_DAY, datetime.min.time())

# A day's orders, of customers drawn by a hash: written straight into the tables, because judging is measured elsewhere.
_ORDERS = """
    insert into sources.orders
    select
        $first::date + (number // $orders_a_day)::integer as delivery_day,
        'o' || number,
        format('C{:08d}', hash(number) % $customers),
        delivery_day + to_seconds(number % 86400),
        1 + hash(number, 1) % 20000 / 100,
        'paid'
    from range($days * $orders_a_day) as numbers (number)"""

_LEDGER = """
    insert into quality.deliveries by name
    select
        'orders' as source, $first::date + number::integer as delivery_day, '' as fingerprint, 0 as records,
        0 as accepted, 0 as quarantined, 0 as ignored, '1' as contract_version, '' as rules_fingerprint,
        number as content_hash, nextval('quality.revisions') as revision, 'run' as run_id,
        now()::timestamp as published_at
    from range($days) as numbers (number)"""

_AT_RISK = """
    insert into marts.at_risk_customers by name
    select
        $first::date + day::integer as as_of_date, format('C{:08d}', number) as customer_id, true as is_listed,
        as_of_date as entered_on, true as meets_ticket_rule, 3 as tickets_30d, 1 as high_priority_tickets_30d,
        false as is_disengaged, ['3 tickets in the last 30 days'] as reasons,
        'proactive_outreach' as recommended_action, number as call_rank, number <= 25 as call_today,
        false as is_held_out
    from range($days) as days (day), range(1, $customers // 50) as numbers (number)
    order by day, number"""


def main() -> None:
    """Make the warehouse in the folder given first, of so many orders, days and customers; or refresh its snapshot."""
    store = Path(sys.argv[1])
    with open_warehouse(
        store / "warehouse.duckdb", "a benchmark", timeout_seconds=1, memory_limit="2GB", log=print
    ) as connection:
        if len(sys.argv) > 2:
            _fill(connection, *map(int, sys.argv[2:]))
        began = time.perf_counter()
        refresh_serving(connection, store / "serving.duckdb")
        seconds = time.perf_counter() - began
    say(seconds)


def _fill(connection: duckdb.DuckDBPyConnection, orders: int, days: int, customers: int) -> None:
    connection.execute(
        """create table sources.orders (delivery_day date not null, order_id varchar not null,
             customer_id varchar not null, order_date timestamp not null, total_amount decimal(18, 2) not null,
             status varchar not null)"""
    )
    with transaction(connection):
        parameters = {"first": FIRST_DAY, "days": days}
        connection.execute(_ORDERS, parameters | {"orders_a_day": orders // days, "customers": customers})
        connection.execute(_LEDGER, parameters)
        connection.execute(_AT_RISK, parameters | {"customers": customers})
    with transaction(connection):
        every_day = [FIRST_DAY + timedelta(days=number) for number in range(days)]
        compute_customer_lifetime_value(connection, every_day, "benchmark", _NOW)


if __name__ == "__main__":
    main()
