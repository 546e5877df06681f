"""Where records are judged: in memory as a rule, and a very large delivery in a database of its own on disk.

What DuckDB spills takes several times the delivered file; a database is packed, and takes half of it. It holds personal
data, and lies beside the warehouse as long as it is needed.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from customer_analytics.quality.judge import IN_MEMORY
from customer_analytics.quality.sql import literal, name


@contextmanager
def room_for_judging(connection: duckdb.DuckDBPyConnection, *, is_large: bool) -> Iterator[str]:
    """How a judge is to make its tables, whose names alone find them then.

    A warehouse that is in memory itself keeps everything there.
    """
    warehouse, path = _warehouse(connection) if is_large else ("", None)
    if path is None:
        yield IN_MEMORY
        return
    connection.execute(f"attach {literal(str(scratch_file(path)))} as scratch (recovery_mode no_wal_writes)")
    connection.execute(f"set search_path = {literal(f'{name(warehouse)}.main,scratch.main')}")
    try:
        yield "table scratch.{}"
    finally:
        with suppress(duckdb.Error):  # After a fault the connection may be of no use any more.
            connection.execute("reset search_path")
            connection.execute("detach scratch")
        remove_scratch(path)


def scratch_file(warehouse: Path) -> Path:
    """The database in which a very large delivery is judged."""
    return warehouse.with_name(warehouse.name + ".scratch")


def remove_scratch(warehouse: Path) -> None:
    """Take away what was judged beside the warehouse, whole or half."""
    file = scratch_file(warehouse)
    for path in (file, file.with_name(file.name + ".wal")):
        path.unlink(missing_ok=True)


def _warehouse(connection: duckdb.DuckDBPyConnection) -> tuple[str, Path | None]:
    """The name of the connection's database, and its file, if it has one."""
    [(known_as, path)] = connection.execute(
        "select database_name, path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    return known_as, Path(path) if path else None
