"""The serving snapshot: a copy of the warehouse for readers, replaced as a whole, so that nobody waits for anybody."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from customer_analytics.quality.sql import literal
from customer_analytics.reporting.serving_update import Table, update_snapshot
from customer_analytics.warehouse.schema import migrate
from customer_analytics.warehouse.transaction import transaction

# What holds values of records that are not, or no longer, published.
PRIVATE = ("quality.quarantine", "quality.changes")

# Readers ask for the history of one customer, writers for that of days.
_ORDERS = {
    "customer_value_closed": "order by customer_id, valid_from",
    "customer_value_open": "order by customer_id",
}

# Tables are written in groups of so many rows, and the last group anew with each day. DuckDB's own are four times as
# long; shorter ones take more place.
_ROW_GROUP_SIZE = 30_720


def refresh_serving(connection: duckdb.DuckDBPyConnection, serving: Path) -> None:
    """Replace the snapshot by what the open warehouse has now. Whoever has the old snapshot open keeps it.

    What is private stays behind, so the tables are copied and not the file: the raw records would still stand in its
    freed blocks, and closing a second handle on the open file would drop DuckDB's lock on it. Whoever may look into the
    folder may read the snapshot.

    The snapshot that is replaced is kept beside the new one, for its owner only. Where nothing but additions came
    since, the next refresh adds them to it and puts it back; otherwise, and while somebody has it open, all is copied.
    """
    # What a refresh that was killed has left: whoever has the warehouse open is the only one who makes copies.
    _remove_copies(serving)
    copy = serving.with_name(f".{serving.name}.{os.getpid()}")
    try:
        _make(connection, serving, copy)
        copy.chmod(0o666 & serving.parent.stat().st_mode)
        _replace(serving, copy)
    finally:
        _remove_copies(serving)


def previous_snapshot(serving: Path) -> Path:
    """Where the snapshot before the present one lies."""
    return serving.with_name(f"{serving.name}.previous")


def _remove_copies(serving: Path) -> None:
    for left in serving.parent.glob(f".{serving.name}.*"):
        left.unlink(missing_ok=True)


def _make(connection: duckdb.DuckDBPyConnection, serving: Path, copy: Path) -> None:
    tables = _tables(connection)
    if _take(previous_snapshot(serving), copy):
        with suppress(duckdb.Error), _attached(connection, copy):  # Copying it all tells what is wrong.
            if update_snapshot(connection, tables):
                connection.execute("checkpoint serving")
                return
    _remove_copies(serving)
    with duckdb.connect(str(copy)) as snapshot:
        migrate(snapshot)
        for table in PRIVATE:
            snapshot.execute(f"drop table {table}")
    with _attached(connection, copy):
        _copy_tables(connection, tables)
        connection.execute("checkpoint serving")


def _replace(serving: Path, copy: Path) -> None:
    previous = previous_snapshot(serving)
    with suppress(OSError):  # There is none yet, or this file system has no second names: the next one copies all.
        os.link(serving, previous)
    copy.replace(serving)
    if previous.exists():
        previous.chmod(0o600)  # It may have what was withdrawn since.


def _take(previous: Path, copy: Path) -> bool:
    """Move the earlier snapshot to where nobody looks, if it is nobody else's; else it is given up."""
    try:
        is_free = previous.stat().st_nlink == 1 and _is_open_nowhere(previous)
    except FileNotFoundError:
        return False
    if is_free:
        previous.replace(copy)
    else:
        previous.unlink()
    return is_free


def _is_open_nowhere(path: Path) -> bool:
    """Whether no process at all has the file open; False where that cannot be known."""
    with path.open("rb") as stream:
        try:
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except (OSError, AttributeError):  # Somebody has it open; or not Linux.
            return False
        fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return True


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, copy: Path) -> Iterator[None]:
    connection.execute(f"attach {literal(str(copy))} as serving (row_group_size {_ROW_GROUP_SIZE})")
    try:
        yield
    finally:
        with suppress(duckdb.IOException):  # It would hide why the copy failed.
            connection.execute("detach serving")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    rows = connection.execute(
        """select schema_name, table_name from duckdb_tables()
           where database_name = current_database() and schema_name in ('sources', 'quality', 'marts')"""
    ).fetchall()
    return [Table(*row) for row in rows if ".".join(row) not in PRIVATE]


def _copy_tables(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    with transaction(connection):
        for table in tables:
            if table.schema == "sources":
                connection.execute(f"create table serving.{table.place} as from {table.place}")
            else:
                order = _ORDERS.get(table.name, "")
                connection.execute(f"insert into serving.{table.place} by name from {table.place} {order}")
