"""Forgetting days of tables that hold a row for every customer and day."""

import duckdb


def keep_latest_days(connection: duckdb.DuckDBPyConnection, table: str, days: int) -> None:
    """Drop what is older than the latest ``days`` of a table with ``as_of_date``; computing a day brings it back."""
    connection.execute(
        f"delete from {table} where as_of_date <= (select max(as_of_date) from {table}) - $days", {"days": days}
    )
