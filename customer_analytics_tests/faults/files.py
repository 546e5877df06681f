"""Faults of what alerting reads and remembers: its store, and the serving snapshot."""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from customer_analytics.alerting import store
from customer_analytics.components.runs import load_tag
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.end_to_end.project import held_open
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import DUE, Desk
from customer_analytics_tests.faults.kills import in_a_child

HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("pragma journal_mode = wal")
held.execute("begin immediate")
print("held", flush=True)
sys.stdin.read()
"""
BLIND = "[critical] Alerting cannot look at the data"
Spoil = Callable[[Path], object]


# --- The store. ---


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Another program writes the store, and does not end."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        yield
    finally:
        holder.kill()
        holder.communicate()


def _locked(desk: Desk, _: Outcome) -> None:
    desk.monkeypatch.setattr(store, "BUSY_SECONDS", 0.1)
    desk.begin()
    with _held(desk.data / "alerts.sqlite"), pytest.raises(sqlite3.OperationalError, match="locked"):
        desk.look(DUE)
    assert desk.told() == 0
    desk.look_until_told()
    assert desk.told() == 1


def _spoiled_store(desk: Desk, _: Outcome, spoil: Spoil) -> None:
    """The look fails; what was there is put back, as from a backup."""
    path = desk.data / "alerts.sqlite"
    desk.begin()
    before = path.read_bytes()
    spoil(path)
    with pytest.raises((sqlite3.Error, OSError)):
        desk.look(DUE)
    assert desk.told() == 0
    if path.is_dir():
        path.rmdir()
    for each in desk.data.glob("alerts.sqlite-*"):
        each.unlink()
    path.write_bytes(before)
    desk.look_until_told()
    assert desk.told() == 1


def _changed_store(desk: Desk, _: Outcome, statement: str) -> None:
    """Of another version, as it stands: what it has more is left alone."""
    desk.begin()
    with sqlite3.connect(desk.data / "alerts.sqlite") as connection:
        connection.executescript(statement)
    desk.look(DUE)
    desk.look_until_told()
    assert desk.told() == 1


def _deleted_store(desk: Desk, outcome: Outcome) -> None:
    """It begins anew, and so tells again what is still wrong."""
    desk.begin()
    desk.look(DUE)
    for each in desk.data.glob("alerts.sqlite*"):
        each.unlink()
    assert outcome == "told_again"
    desk.look_until_told(times=2)
    assert desk.told() == 2


def _no_room(desk: Desk, _: Outcome) -> None:
    def look() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        desk.look(DUE)

    desk.begin()
    assert "full" in in_a_child(look) or "disk I/O" in in_a_child(look)
    assert desk.told() == 0
    desk.look_until_told()
    assert desk.told() == 1


def _as_nobody(desk: Desk, _: Outcome, mode: int) -> None:
    """The store is somebody else's."""

    def look() -> None:
        os.setuid(65534)
        desk.look(DUE)

    desk.begin()
    (desk.data / "alerts.sqlite").chmod(mode)
    assert "Error" in in_a_child(look)
    assert desk.told() == 0
    desk.look_until_told()
    assert desk.told() == 1


def _cut(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])


def _into_a_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


SPOILED: Mapping[str, Spoil] = {
    "is garbage": lambda path: path.write_bytes(b"this is not a database" * 1000),
    "has a garbled header": lambda path: path.write_bytes(b"\0" * 100 + path.read_bytes()[100:]),
    "is cut short": partial(_cut, keep=5000),
    "is a folder": _into_a_folder,
}
STORE = [
    Case("store", "another program holds it", "loses_nothing", _locked),
    *(Case("store", fault, "loses_nothing", partial(_spoiled_store, spoil=spoil)) for fault, spoil in SPOILED.items()),
    Case("store", "was deleted", "told_again", _deleted_store),
    Case("store", "has another table", "goes_on", partial(_changed_store, statement="create table later (x)")),
    Case("store", "has another column", "goes_on", partial(_changed_store, statement="alter table incidents add x")),
    Case("store", "has another index", "goes_on", partial(_changed_store, statement="create index x on sends (error)")),
    Case("store", "is of a newer SQLite user", "goes_on", partial(_changed_store, statement="pragma user_version = 9")),
    Case("store", "there is no room for it", "loses_nothing", _no_room),
    Case("store", "may only be read", "loses_nothing", partial(_as_nobody, mode=0o444)),
    Case("store", "may not be read", "loses_nothing", partial(_as_nobody, mode=0o000)),
]


# --- The snapshot. ---


def _snapshot(desk: Desk, outcome: Outcome, spoil: Spoil) -> None:
    """A failed run is told of in any case; that the data cannot be looked at once, and its end once."""
    desk.begin()
    serving = desk.data / "serving.duckdb"
    spoil(serving)
    failed = dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.FAILURE, tags={load_tag("orders"): "started"})
    desk.instance.add_run(failed)
    desk.look(DUE)
    desk.look()
    assert desk.told_other("[critical] orders: a run failed") == 1
    assert (desk.told(BLIND), desk.told()) == ((1, 0) if outcome == "blind" else (0, 1))
    if serving.is_dir() and not serving.is_symlink():
        serving.rmdir()
    serving.unlink(missing_ok=True)
    desk.look_until_told()
    assert (desk.told(BLIND), desk.told()) == (outcome == "blind", 1)


def _snapshot_held(desk: Desk, _: Outcome) -> None:
    desk.begin()
    _current(desk.data / "serving.duckdb")
    with held_open(desk.data / "serving.duckdb"):
        desk.look(DUE)
        assert (desk.told(BLIND), desk.told()) == (1, 0)
    desk.look_until_told()
    assert (desk.told(BLIND), desk.told()) == (1, 1)


def _current(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        migrate(connection)


def _current_cut_short(path: Path) -> None:
    _current(path)
    _cut(path, 6000)


def _version(path: Path, version: int) -> None:
    _current(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from main.warehouse_version")
        connection.execute("insert into main.warehouse_version values (?, now())", [version])


def _without(path: Path, table: str) -> None:
    _current(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"drop table {table}")


def _replaced(path: Path) -> None:
    """A new one is there, while somebody still has the old one open."""
    _current(path)
    held = duckdb.connect(str(path), read_only=True)
    _current(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    held.close()


SNAPSHOTS: Mapping[str, tuple[Outcome, Spoil]] = {
    "is absent": ("goes_on", lambda _: None),
    "is empty of days": ("goes_on", _current),
    "was replaced": ("goes_on", _replaced),
    "is an empty database": ("goes_on", lambda path: duckdb.connect(str(path)).close()),
    "leads nowhere": ("goes_on", lambda path: path.symlink_to("nowhere")),
    "is garbage": ("blind", lambda path: path.write_bytes(b"this is not a database" * 1000)),
    "is a file of nothing": ("blind", lambda path: path.write_bytes(b"")),
    "is a folder": ("blind", lambda path: path.mkdir()),
    "is cut short": ("blind", _current_cut_short),
    "is of an older version": ("blind", partial(_version, version=1)),
    "is of a newer version": ("blind", partial(_version, version=9999)),
    "lacks the audits": ("blind", partial(_without, table="quality.audits")),
    "lacks the timeline": ("blind", partial(_without, table="quality.timeline")),
}
SNAPSHOT = [
    *(
        Case("snapshot", fault, outcome, partial(_snapshot, spoil=spoil))
        for fault, (outcome, spoil) in SNAPSHOTS.items()
    ),
    Case("snapshot", "another program holds it", "blind", _snapshot_held),
]
