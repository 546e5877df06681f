"""All change rows of customer value made anew from all orders: by this project, or as plain SQL in DuckDB."""

import sys
import time
from pathlib import Path

import duckdb

from benchmarks.speed.measuring import say
from customer_analytics.metrics.change_rows import fold_pending_orders
from customer_analytics.warehouse.transaction import transaction

_PLAIN = """
    create or replace table plain_rows as
    select
        customer_id,
        delivery_day as valid_from,
        lead(delivery_day, 1, date '9999-12-31') over so_far as valid_to,
        sum(order_count) over so_far as order_count,
        sum(gross_revenue) over so_far as gross_revenue,
        sum(refunded_amount) over so_far as refunded_amount,
        min(first_order_date) over so_far as first_order_date,
        max(last_order_date) over so_far as last_order_date
    from (
        select
            customer_id,
            delivery_day,
            count(*) filter (status <> 'refunded') as order_count,
            sum(greatest(total_amount, 0)) as gross_revenue,
            coalesce(sum(abs(total_amount)) filter (status = 'refunded'), 0) as refunded_amount,
            min(order_date) filter (status <> 'refunded') as first_order_date,
            max(order_date) filter (status <> 'refunded') as last_order_date
        from sources.orders
        where status <> 'cancelled'
        group by customer_id, delivery_day
    )
    window so_far as (partition by customer_id order by delivery_day rows unbounded preceding)
    order by valid_to"""

_AGGREGATE = """
    create or replace temp table totals as
    select customer_id, count(*), sum(total_amount), min(order_date), max(order_date)
    from sources.orders group by customer_id"""


def main() -> None:
    """Rebuild in the store given first, in the way given second: ours, plain, or aggregate (totals only)."""
    store, way = Path(sys.argv[1]), sys.argv[2]
    config = {"memory_limit": "1200MB"}  # The interpreter, and what a query holds beside, come on top.
    with duckdb.connect(str(store / "warehouse.duckdb"), config=dict(config)) as connection:
        if way == "ours":
            _forget(connection)
            connection.execute("select ?", [1])  # With the first parameter DuckDB imports pandas.
        began = time.perf_counter()
        if way == "ours":
            with transaction(connection):
                fold_pending_orders(connection)
        else:
            connection.execute(_PLAIN if way == "plain" else _AGGREGATE)
        seconds = time.perf_counter() - began
        connection.execute("drop table if exists plain_rows")
    say(seconds)


def _forget(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """delete from marts.folded_days; delete from marts.order_day_totals;
           delete from marts.customer_value_open; delete from marts.customer_value_closed; checkpoint"""
    )


if __name__ == "__main__":
    main()
