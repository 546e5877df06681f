"""The serving snapshot: a copy of the warehouse for readers, replaced as a whole, so that nobody waits for anybody."""

import os
from contextlib import suppress
from pathlib import Path

import duckdb

from customer_analytics.quality.sql import literal, name
from customer_analytics.warehouse.schema import migrate
from customer_analytics.warehouse.transaction import transaction

# What holds values of records that are not, or no longer, published.
PRIVATE = ("quality.quarantine", "quality.changes")


def refresh_serving(connection: duckdb.DuckDBPyConnection, serving: Path) -> None:
    """Replace the snapshot by what the open warehouse has now. Whoever has the old snapshot open keeps it.

    What is private stays behind, so the tables are copied and not the file: the raw records would still stand in its
    freed blocks, and closing a second handle on the open file would drop DuckDB's lock on it. Whoever may look into the
    folder may read the snapshot.
    """
    # What a refresh that was killed has left: whoever has the warehouse open is the only one who makes copies.
    _remove_copies(serving)
    copy = serving.with_name(f".{serving.name}.{os.getpid()}")
    try:
        with duckdb.connect(str(copy)) as snapshot:
            migrate(snapshot)
            for table in PRIVATE:
                snapshot.execute(f"drop table {table}")
        _copy_tables(connection, copy)
        copy.chmod(0o666 & serving.parent.stat().st_mode)
        copy.replace(serving)
    finally:
        _remove_copies(serving)


def _remove_copies(serving: Path) -> None:
    for left in serving.parent.glob(f".{serving.name}.*"):
        left.unlink(missing_ok=True)


def _copy_tables(connection: duckdb.DuckDBPyConnection, copy: Path) -> None:
    tables = connection.execute(
        """select schema_name, table_name from duckdb_tables()
           where database_name = current_database() and schema_name in ('sources', 'quality', 'marts')"""
    ).fetchall()
    connection.execute(f"attach {literal(str(copy))} as serving")
    try:
        with transaction(connection):
            for schema, table in tables:
                place = f"{name(schema)}.{name(table)}"
                if schema == "sources":
                    connection.execute(f"create table serving.{place} as from {place}")
                elif f"{schema}.{table}" not in PRIVATE:
                    connection.execute(f"insert into serving.{place} by name from {place}")
        connection.execute("checkpoint serving")
    finally:
        with suppress(duckdb.IOException):  # It would hide why the copy failed.
            connection.execute("detach serving")
