"""Public data sets of orders as a warehouse whose days were all delivered in time."""

from pathlib import Path

import duckdb

from customer_analytics.warehouse.schema import migrate

# customer_id, order_date, total_amount, status; one row an order.
_READ = {
    "cdnow": """
        select trim(id) as customer_id, strptime(day, '%Y%m%d') as order_date, total_amount, 'completed' as status
        from (
            select parts[1] as id, parts[2] as day, try_cast(parts[4] as decimal(18, 2)) as total_amount
            from (
                select regexp_split_to_array(trim(line), '\\s+') as parts
                from read_csv($path, columns = {'line': 'varchar'}, delim = '\\x01', quote = '', header = false)
            )
        )
        where total_amount is not null and length(day) = 8""",
    "uci": """
        select customer_id, order_date::timestamp as order_date, total_amount::decimal(18, 2) as total_amount, status
        from read_csv($path || '/*/orders.csv', all_varchar = true)
        where customer_id <> ''""",
    "completejourney": """
        select
            household_id::varchar as customer_id,
            min(transaction_timestamp) as order_date,
            sum(sales_value)::decimal(18, 2) as total_amount,
            'completed' as status
        from read_parquet($path)
        group by household_id, basket_id""",
}


def read_warehouse(name: str, path: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with the orders of the data set ``name``, each delivered on its own day (UTC).

    Raises:
        KeyError: the data set is not one of ``cdnow``, ``uci`` and ``completejourney``.
    """
    connection = duckdb.connect()
    migrate(connection)
    connection.execute("create schema if not exists sources")
    connection.execute(
        f"""create table sources.orders as
            select
                order_date::date as delivery_day,
                row_number() over (order by order_date, customer_id, total_amount)::varchar as order_id,
                customer_id,
                order_date::timestamp as order_date,
                total_amount,
                status
            from ({_READ[name]})""",  # noqa: S608 - one of the queries above
        {"path": str(path)},
    )
    connection.execute(
        """insert into quality.deliveries by name
           select 'orders' as source, delivery_day, nextval('quality.revisions') as revision, '' as fingerprint,
             count(*) as records, count(*) as accepted, 0 as quarantined, 0 as ignored, '1' as contract_version,
             '' as rules_fingerprint, 0 as content_hash, 'benchmark' as run_id, timestamp '2000-01-01' as published_at
           from sources.orders
           group by delivery_day
           order by delivery_day"""
    )
    return connection
