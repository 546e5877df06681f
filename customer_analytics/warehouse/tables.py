"""The published tables, made from their contracts."""

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.sql import name
from customer_analytics.warehouse.errors import WarehouseError


def ensure_table(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Create the source's table where it is missing.

    Raises:
        WarehouseError: the table is there with other columns than the contract's.
    """
    expected = {"delivery_day": "DATE NOT NULL"} | {
        column.name: column.sql_type.upper() + ("" if column.nullable else " NOT NULL")
        for column in source.contract.columns
    }
    columns = ", ".join(f"{name(column)} {definition}" for column, definition in expected.items())
    connection.execute("create schema if not exists sources")
    connection.execute(f"create table if not exists {source.table} ({columns})")
    found = dict(
        connection.execute(
            """select column_name, data_type || if(is_nullable, '', ' NOT NULL') from duckdb_columns()
               where database_name = current_database() and schema_name = 'sources' and table_name = ?""",
            [source.name],
        ).fetchall()
    )
    if found != expected:
        changed = sorted(set(found.items()) ^ set(expected.items()))
        message = (
            f"sources.{source.name} does not have the columns of contract {source.contract.name} "
            f"{source.contract.version}; the differences: {', '.join(' '.join(pair) for pair in changed)}. "
            "Give the changed contract a new source name, or migrate the table."
        )
        raise WarehouseError(message)
