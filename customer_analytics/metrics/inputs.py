"""What the room reads of the published sources, under names that exist even before anything was published."""

import duckdb

from customer_analytics.metrics.statements import statement


def open_inputs(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """Point the temporary view of ``source`` to its table, or to nothing while that does not exist.

    The publisher makes a source's table from its contract with its first day, so it is not made here.
    """
    published = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'sources' and table_name = $source",
        {"source": source},
    ).fetchone()
    connection.execute(statement(f"inputs/{source}" if published and published[0] else f"inputs/{source}_unpublished"))
