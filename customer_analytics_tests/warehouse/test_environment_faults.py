"""The machine fails: no room, no permission. The words say where and why, nothing is lost, and the same again works."""

import csv
import multiprocessing
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow.csv import read_csv

from customer_analytics.landing.corrections import Correction, write_corrections
from customer_analytics.landing.folder import LandingArea
from customer_analytics.landing.manifest import MANIFEST
from customer_analytics.reporting.corrections import add_corrections, export_quarantine
from customer_analytics.reporting.quarantine import read_quarantine
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics.warehouse.load import load_days
from customer_analytics_tests.bad_input.records import parquet
from customer_analytics_tests.scenario import (
    DAY,
    LATER,
    MIXED_ORDERS,
    NEXT_DAY,
    NOW,
    ORDERS,
    land,
    open_at,
    orders_of,
    published_state,
)

KIB, MIB = 1024, 1024 * 1024
NOBODY = 65534
IS_ROOT = os.geteuid() == 0
# What the system calls what is wrong.
CAUSES = ("No space left on device", "File too large", "Permission denied", "Operation not permitted")
CELLS = {
    "order_id": "O-2",
    "customer_id": "C-2",
    "order_date": "2026-03-10 10:30:00",
    "total_amount": "25.50",
    "status": "delivered",
}

Tables = dict[str, list[tuple[Any, ...]]]


# --- What a child does: each tells what is reported of days that were held back, or what a command says. ---


def load(folder: Path) -> str:
    with open_at(folder / "warehouse.duckdb") as connection:
        area = LandingArea(folder / "landing")
        reports = list(load_days(connection, area, ORDERS, [DAY, NEXT_DAY], run_id="run-2", now=LATER))
    return " ".join(report.message for report in reports if report.state != "published")


def load_with_little_memory(folder: Path) -> str:
    opened = open_warehouse(
        folder / "warehouse.duckdb", "a test", timeout_seconds=30, memory_limit="30MB", log=lambda message: None
    )
    with opened as connection:
        area = LandingArea(folder / "landing")
        return " ".join(report.message for report in load_days(connection, area, ORDERS, [DAY], run_id="r", now=NOW))


def serve(folder: Path) -> str:
    with open_at(folder / "warehouse.duckdb") as connection:
        refresh_serving(connection, folder / "serving.duckdb")
    return ""


def correct(folder: Path) -> str:
    add_corrections(corrections_in(folder), ORDERS, many_corrections())
    return ""


def release(folder: Path) -> str:
    from typer.testing import CliRunner  # noqa: PLC0415

    from customer_analytics.cli import app  # noqa: PLC0415

    result = CliRunner().invoke(app, ["quarantine", "release", str(folder / "exports" / "export.csv")])
    if not isinstance(result.exception, SystemExit):
        message = f"ended by {result.exception!r} after saying: {result.output}"
        raise AssertionError(message)
    assert result.exit_code == 1
    return result.output


def rehearse() -> None:
    """Have Python import what it needs on its way, while everything may still be read."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        land(folder / "landing", ORDERS, {"delivery.csv": MIXED_ORDERS})
        for action in (load, serve, correct, correct):
            action(folder)


def rehearse_commands() -> None:
    from customer_analytics.cli.common import declared  # noqa: PLC0415

    declared()


@dataclass(frozen=True)
class Words:
    """What a child says: the kind of error that ended it, if any, and its message; else what it reports."""

    error: str
    message: str


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


def do(action: Callable[[Path], str], folder: Path, *, quota: int | None = None, as_nobody: bool = False) -> Words:
    """Do it in a child, with a limit to the size of files, or without root's power."""
    receiver, sender = FORKS.Pipe(duplex=False)
    child = FORKS.Process(target=_do, args=(action, folder, quota, as_nobody and IS_ROOT, sender))
    child.start()
    sender.close()
    try:
        assert receiver.poll(60)
        words: Words = receiver.recv()
    finally:
        child.join(60)
    return words


def _do(action: Callable[[Path], str], folder: Path, quota: int | None, as_nobody: bool, sender: Connection) -> None:
    os.environ["CUSTOMER_ANALYTICS_DATA_DIR"] = str(folder)
    if action is release:
        rehearse_commands()
    if quota is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (quota, resource.RLIM_INFINITY))
    if as_nobody:
        rehearse()
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        words = Words("", action(folder))
    except BaseException as error:
        words = Words(type(error).__name__, str(error))
    sender.send(words)


# --- The folder in which it happens. ---


def corrections_in(folder: Path) -> Path:
    return LandingArea(folder / "landing").corrections_file("orders", DAY)


def many_corrections() -> list[Correction]:
    """More than fits into the room that is left."""
    return [Correction("delivery.csv", line, "0" * 64, CELLS) for line in range(1000, 4000)]


@dataclass(frozen=True)
class Prepared:
    """A folder to copy, what was published in it before, and what an undisturbed load makes of it."""

    folder: Path
    before: Tables
    complete: Tables


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A day published and served; it is delivered again and corrected, and the next day lands, with many orders."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    land(folder / "landing", ORDERS, {"delivery.csv": MIXED_ORDERS})
    with open_at(folder / "warehouse.duckdb") as connection:
        list(load_days(connection, LandingArea(folder / "landing"), ORDERS, [DAY], run_id="run-1", now=NOW))
        refresh_serving(connection, folder / "serving.duckdb")
        held = read_quarantine(connection, LandingArea(folder / "landing"), ORDERS, DAY)
    export_corrected(folder / "exports" / "export.csv", held)
    add_corrections(corrections_in(folder), ORDERS, [Correction("delivery.csv", 3, held[0].raw_sha256 or "", CELLS)])
    content = {
        "delivery.csv": MIXED_ORDERS.replace("10.00", "11.00"),
        MANIFEST: '{"files": [{"name": "delivery.csv"}]}',
    }
    land(folder / "landing", ORDERS, content)
    many = orders_of(NEXT_DAY, *(f"N-{number}" for number in range(20_000)))
    land(folder / "landing", ORDERS, {"delivery.csv": many}, NEXT_DAY)
    undisturbed = shutil.copytree(folder, tmp_path_factory.mktemp("undisturbed") / "data")
    assert do(load, undisturbed) == Words("", "")
    return Prepared(folder, tables(folder), tables(undisturbed))


def export_corrected(path: Path, held: list[Any]) -> None:
    """A file to release, in which somebody corrected a cell."""
    export_quarantine(path, ORDERS, held)
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    rows[1]["total_amount"] = "1.50"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def tables(folder: Path, database: str = "warehouse.duckdb") -> Tables:
    """What is published and recorded, revisions apart; read from a copy, so that nothing is mended by it."""
    with tempfile.TemporaryDirectory() as place:
        for path in folder.glob(f"{database}*"):
            if path.name in {database, f"{database}.wal"}:
                shutil.copyfile(path, Path(place, path.name))
        with duckdb.connect(str(Path(place, database))) as connection:
            state = published_state(connection)
    ledger = 'quality."deliveries"'
    return state | {ledger: [(*row[:10], *row[11:]) for row in state[ledger]]}


def of_day(state: Tables, day: date) -> Tables:
    return {table: [row for row in rows if day in row] for table, rows in state.items()}


def assert_clear(words: Words, *places: Path) -> None:
    """The message itself, not one behind it, says where, by its path, and why."""
    said = f"{words.error}: {words.message}"
    assert any(str(place) in words.message for place in places), said
    assert any(cause in words.message for cause in CAUSES), said


def drafts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob(".*"))


def assert_the_same_again_works(folder: Path, prepared: Prepared, *, as_nobody: bool = False) -> None:
    assert do(load, folder, as_nobody=as_nobody) == Words("", "")
    assert tables(folder) == prepared.complete
    assert do(serve, folder, as_nobody=as_nobody) == Words("", "")
    assert tables(folder, "serving.duckdb") == without_private(prepared.complete)
    assert drafts(folder) == []


def without_private(state: Tables) -> Tables:
    return {table: rows for table, rows in state.items() if table not in {'quality."quarantine"', 'quality."changes"'}}


# --- No room. ---


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """A small file system of its own, where one can be mounted."""
    place = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=28m", "tmpfs", str(place)]
    if not IS_ROOT or not shutil.which("mount") or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@dataclass(frozen=True)
class Shortage:
    """A folder on a disk with little room, or a quota on its files."""

    folder: Path
    quota: int | None
    ballast: Path

    def end(self) -> None:
        self.ballast.unlink(missing_ok=True)


@contextmanager
def shortage(kind: str, room: int, prepared: Prepared, tmp_path: Path, disk: Path | None) -> Iterator[Shortage]:
    """Leave only so much room."""
    if kind == "quota":
        yield Shortage(shutil.copytree(prepared.folder, tmp_path / "data"), room, tmp_path / "ballast")
        return
    if disk is None:
        pytest.skip("no file system can be mounted here; the quota stands for a full disk")
    folder, ballast = disk / "data", disk / "ballast"
    shutil.copytree(prepared.folder, folder)
    status = os.statvfs(disk)
    ballast.write_bytes(bytes(max(0, status.f_bavail * status.f_frsize - room)))
    try:
        yield Shortage(folder, None, ballast)
    finally:
        ballast.unlink(missing_ok=True)
        shutil.rmtree(folder)


@pytest.mark.parametrize("room", [0, 16 * KIB, 256 * KIB])
@pytest.mark.parametrize("kind", ["disk", "quota"])
def test_no_room_while_days_are_loaded(
    kind: str, room: int, prepared: Prepared, tmp_path: Path, small_disk: Path | None
) -> None:
    with shortage(kind, room or (KIB if kind == "quota" else 0), prepared, tmp_path, small_disk) as short:
        words = do(load, short.folder, quota=short.quota)
        assert tables(short.folder) == prepared.before
        short.end()
        assert_the_same_again_works(short.folder, prepared)
    assert words.error
    assert_clear(words, short.folder)


@pytest.mark.parametrize("room", [1 * MIB, 3 * MIB])
@pytest.mark.parametrize("kind", ["disk", "quota"])
def test_with_room_for_the_log_only_a_load_is_complete_though_it_cannot_be_tidied_up(
    kind: str, room: int, prepared: Prepared, tmp_path: Path, small_disk: Path | None
) -> None:
    with shortage(kind, room, prepared, tmp_path, small_disk) as short:
        assert do(load, short.folder, quota=short.quota) == Words("", "")
        assert tables(short.folder) == prepared.complete
        short.end()
        assert_the_same_again_works(short.folder, prepared)


@pytest.mark.parametrize("room", [0, 16 * KIB, 256 * KIB])
@pytest.mark.parametrize("kind", ["disk", "quota"])
def test_no_room_for_a_warehouse_at_all(
    kind: str, room: int, prepared: Prepared, tmp_path: Path, small_disk: Path | None
) -> None:
    with shortage(kind, room or (KIB if kind == "quota" else 0), prepared, tmp_path, small_disk) as short:
        for path in short.folder.glob("*.duckdb*"):
            path.unlink()
        if kind == "disk":
            status = os.statvfs(short.folder)
            with short.ballast.open("ab") as stream:
                stream.write(bytes(max(0, status.f_bavail * status.f_frsize - room)))
        words = do(load, short.folder, quota=short.quota)
        short.end()
        assert do(load, short.folder) == Words("", "")
        first_load = {'quality."changes"'}  # There was nothing published that could be changed.
        assert differing(tables(short.folder), prepared.complete) <= first_load
    assert words.error
    assert_clear(words, short.folder)


def differing(one: Tables, other: Tables) -> set[str]:
    return {table for table in {*one, *other} if one.get(table) != other.get(table)}


@pytest.mark.parametrize("room", [0, 16 * KIB, 1 * MIB, 3 * MIB])
@pytest.mark.parametrize("kind", ["disk", "quota"])
def test_no_room_while_the_snapshot_is_written(
    kind: str, room: int, prepared: Prepared, tmp_path: Path, small_disk: Path | None
) -> None:
    with shortage(kind, room or (KIB if kind == "quota" else 0), prepared, tmp_path, small_disk) as short:
        words = do(serve, short.folder, quota=short.quota)
        left = drafts(short.folder)
        assert tables(short.folder, "serving.duckdb") == without_private(prepared.before)
        assert tables(short.folder) == prepared.before
        short.end()
        assert_the_same_again_works(short.folder, prepared)
    assert words.error
    assert_clear(words, short.folder)
    assert left == []


@pytest.mark.parametrize("room", [0, 16 * KIB])
@pytest.mark.parametrize("kind", ["disk", "quota"])
def test_no_room_while_corrections_are_written(
    kind: str, room: int, prepared: Prepared, tmp_path: Path, small_disk: Path | None
) -> None:
    with shortage(kind, room or (KIB if kind == "quota" else 0), prepared, tmp_path, small_disk) as short:
        before = corrections_in(short.folder).read_bytes()
        words = do(correct, short.folder, quota=short.quota)
        left = drafts(short.folder)
        assert corrections_in(short.folder).read_bytes() == before
        short.end()
        assert do(correct, short.folder) == Words("", "")
        assert corrections_in(short.folder).read_bytes().startswith(before)
        assert len(corrections_in(short.folder).read_text().splitlines()) == 2 + len(many_corrections())
    assert words.error
    assert_clear(words, short.folder)
    assert left == []


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_no_room_to_spill_while_a_day_is_judged_is_not_the_files_fault(form: str, tmp_path: Path) -> None:
    orders = orders_of(DAY, *(f"O-{number}" for number in range(100_000))).encode()
    content = orders if form == "csv" else parquet(read_csv(BytesIO(orders)))
    land(tmp_path / "landing", ORDERS, {f"delivery.{form}": content})
    words = do(load_with_little_memory, tmp_path, quota=256 * KIB)
    assert words.error == "WarehouseFaultError", words
    assert_clear(words, tmp_path / "warehouse.duckdb.spill")
    assert do(load_with_little_memory, tmp_path) == Words("", "")


# --- No permission. ---


@pytest.fixture
def owned(prepared: Prepared) -> Iterator[Path]:
    """The folder again, of somebody who is not root; not below a folder that only root may enter."""
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(prepared.folder, Path(place, "data"))
        if IS_ROOT:
            for path in (Path(place), folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        yield folder


@contextmanager
def forbidden(path: Path, mode: int = 0) -> Iterator[None]:
    """Its owner may do only this with it, for a while."""
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


LANDED: Mapping[str, Callable[[Path], Path]] = {
    "a landing file": lambda folder: folder / "landing" / "orders" / str(DAY) / "delivery.csv",
    "a manifest": lambda folder: folder / "landing" / "orders" / str(DAY) / MANIFEST,
    "the day's folder": lambda folder: folder / "landing" / "orders" / str(DAY),
    "the corrections file": corrections_in,
    "the corrections folder": lambda folder: corrections_in(folder).parent,
}


@pytest.mark.parametrize("what", LANDED)
def test_what_landed_may_not_be_read(what: str, prepared: Prepared, owned: Path) -> None:
    path = LANDED[what](owned)
    with forbidden(path):
        words = do(load, owned, as_nobody=True)
        now = tables(owned)
    assert words.error == ""
    assert_clear(words, path)
    assert "run the day again" in words.message
    assert of_day(now, DAY) == of_day(prepared.before, DAY)
    # Whether the next day has corrections cannot be seen either, where nothing of their folder can.
    other_day = prepared.before if path == corrections_in(owned).parent else prepared.complete
    assert of_day(now, NEXT_DAY) == of_day(other_day, NEXT_DAY)
    assert_the_same_again_works(owned, prepared, as_nobody=True)


def test_a_days_folder_may_be_entered_but_not_listed(prepared: Prepared, owned: Path) -> None:
    path = LANDED["the day's folder"](owned)
    with forbidden(path, 0o111):
        words = do(load, owned, as_nobody=True)
    assert_clear(words, path)
    assert_the_same_again_works(owned, prepared, as_nobody=True)


@pytest.mark.parametrize("action", [load, serve])
def test_the_data_folder_is_read_only(action: Callable[[Path], str], prepared: Prepared, owned: Path) -> None:
    with forbidden(owned, 0o555):
        words = do(action, owned, as_nobody=True)
        assert tables(owned) == prepared.before
        assert tables(owned, "serving.duckdb") == without_private(prepared.before)
    assert words.error
    assert_clear(words, owned)
    assert_the_same_again_works(owned, prepared, as_nobody=True)


def test_a_read_only_data_folder_has_no_warehouse_yet(prepared: Prepared, owned: Path) -> None:
    for path in owned.glob("*.duckdb*"):
        path.unlink()
    with forbidden(owned, 0o555):
        words = do(load, owned, as_nobody=True)
    assert words.error
    assert_clear(words, owned)
    assert do(load, owned, as_nobody=True) == Words("", "")


def test_corrections_may_not_be_written(owned: Path) -> None:
    before = corrections_in(owned).read_bytes()
    with forbidden(corrections_in(owned).parent, 0o555):
        words = do(correct, owned, as_nobody=True)
        assert corrections_in(owned).read_bytes() == before
    assert words.error
    assert_clear(words, corrections_in(owned).parent)
    assert do(correct, owned, as_nobody=True) == Words("", "")


@pytest.mark.parametrize("mode", [0, 0o444])
def test_corrections_that_are_there_may_not_be_read(owned: Path, mode: int) -> None:
    before = corrections_in(owned).read_bytes()
    with forbidden(corrections_in(owned), mode):
        words = do(correct, owned, as_nobody=True)
    if mode:  # What may be read may be replaced: the folder is its owner's.
        assert words == Words("", "")
    else:
        assert_clear(words, corrections_in(owned))
        assert corrections_in(owned).read_bytes() == before


def test_releasing_says_that_corrections_may_not_be_written(prepared: Prepared, owned: Path) -> None:
    before = corrections_in(owned).read_bytes()
    with forbidden(corrections_in(owned).parent, 0o555):
        words = do(release, owned, as_nobody=True)
    assert corrections_in(owned).read_bytes() == before
    assert words.error == "", words
    assert_clear(words, corrections_in(owned).parent)
    assert tables(owned) == prepared.before


def test_releasing_says_that_there_is_no_room_for_corrections(prepared: Prepared, tmp_path: Path) -> None:
    folder = shutil.copytree(prepared.folder, tmp_path / "data")
    before = corrections_in(folder).read_bytes()
    write_corrections(corrections_in(folder), list(CELLS), many_corrections())
    words = do(release, folder, quota=16 * KIB)
    assert len(corrections_in(folder).read_bytes()) > len(before)
    assert words.error == "", words
    assert_clear(words, corrections_in(folder).parent)
    assert drafts(folder) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root can give a file to somebody else")
@pytest.mark.parametrize("action", [load, serve])
def test_the_warehouse_is_somebody_elses(action: Callable[[Path], str], prepared: Prepared, owned: Path) -> None:
    os.chown(owned / "warehouse.duckdb", 0, 0)
    words = do(action, owned, as_nobody=True)
    assert tables(owned) == prepared.before
    assert words.error
    assert_clear(words, owned / "warehouse.duckdb")
    os.chown(owned / "warehouse.duckdb", NOBODY, NOBODY)
    assert_the_same_again_works(owned, prepared, as_nobody=True)


@pytest.mark.parametrize("mode", [0, 0o444])
def test_the_own_warehouse_without_permission_is_mended(mode: int, prepared: Prepared, owned: Path) -> None:
    (owned / "warehouse.duckdb").chmod(mode)
    assert_the_same_again_works(owned, prepared, as_nobody=True)
    assert (owned / "warehouse.duckdb").stat().st_mode & 0o777 == 0o600
