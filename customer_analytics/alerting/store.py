"""What alerting remembers, in a SQLite file beside the warehouse: a long run that writes the warehouse must not keep
anybody from being told.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

BUSY_SECONDS = 10
LONGEST_GAP = timedelta(minutes=3)


@dataclass(frozen=True)
class Watch:
    """Since when deadlines are watched, and since when there was a look every few minutes (aware, UTC)."""

    since: datetime
    unbroken_since: datetime


@contextmanager
def open_store(path: Path) -> Iterator[sqlite3.Connection]:
    """The store, made where there is none; only its owner may read it. Rows answer to the names of their columns.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma foreign_keys = on")
        connection.executescript(files(__package__).joinpath("schema.sql").read_text(encoding="utf-8"))
        yield connection


@contextmanager
def change(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction, all or nothing; others wait for it."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def watched_since(connection: sqlite3.Connection) -> datetime | None:
    """Since when deadlines are watched (aware, UTC); None before the first look."""
    row = connection.execute("select since from watch").fetchone()
    return from_text(row["since"]) if row else None


def begin_look(connection: sqlite3.Connection, now: datetime) -> Watch:
    """Note that a look begins; the first of all begins the watch. ``now`` is aware."""
    with change(connection):
        row = connection.execute("select since, looked_at, unbroken_since from watch").fetchone()
        is_unbroken = row is not None and now - from_text(row["looked_at"]) < LONGEST_GAP
        watch = Watch(
            since=from_text(row["since"]) if row else now,
            unbroken_since=from_text(row["unbroken_since"]) if is_unbroken else now,
        )
        connection.execute("delete from watch")
        connection.execute(
            "insert into watch (since, looked_at, unbroken_since) values (?, ?, ?)",
            [to_text(watch.since), to_text(now), to_text(watch.unbroken_since)],
        )
    return watch


def to_text(moment: datetime) -> str:
    """A moment as the store keeps it; texts sort like the moments."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """A moment from the store, aware, UTC."""
    return datetime.fromisoformat(text)
