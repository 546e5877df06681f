"""Killed in the middle: every day is as before or complete, and telling the whole story again makes up for it.

The story: a person's corrections of a published day are released and that day is loaded again; then two days are
loaded, of which one was delivered again and one is new and shares a key with a later day; the serving snapshot follows
each time. The contract has grown by a column since, and what an old day has in quarantine has outlived its retention.
"""

import csv
import gzip
import hashlib
import importlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, cast

import duckdb
import pytest

from customer_analytics.contracts.contract import Column
from customer_analytics.contracts.policy import Evolution
from customer_analytics.contracts.source import Source
from customer_analytics.landing.corrections import Correction
from customer_analytics.landing.folder import LandingArea
from customer_analytics.landing.manifest import MANIFEST
from customer_analytics.reporting.corrections import add_corrections, export_quarantine, plan_corrections
from customer_analytics.reporting.quarantine import read_quarantine
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.connection import peek_warehouse
from customer_analytics.warehouse.load import load_days
from customer_analytics_tests.scenario import (
    DAY,
    LATER,
    LENIENT,
    NEXT_DAY,
    NOW,
    ORDERS,
    ORDERS_HEADER,
    THIRD_DAY,
    land,
    open_at,
    orders_of,
    published_state,
)

# By hand: KILLS=300 pytest -n0 customer_analytics_tests/warehouse/test_crash.py -k random
KILLS = int(os.environ.get("KILLS", "3"))
IS_LONG_RUN = KILLS > 3

OLD_DAY, REPLAYED_DAY = DAY - timedelta(days=90), DAY - timedelta(days=1)
LATEST = LATER + timedelta(hours=1)
NOTE = Column("note", "varchar", nullable=True, description="What was said", checks=())
GROWN = replace(
    ORDERS,
    contract=replace(ORDERS.contract, version="1.1.0", columns=(*ORDERS.contract.columns, NOTE)),
    policy=LENIENT.model_copy(update={"evolution": Evolution(new_columns="evolve"), "retention_days": 30}),
)

OF_OLD_DAY = ORDERS_HEADER + f"O-90,C-1,{OLD_DAY} 09:00:00,1.00,paid\nO-91,,{OLD_DAY} 09:00:00,2.00,paid\n"
TO_REPLAY = (
    ORDERS_HEADER + f"O-40,C-1,{REPLAYED_DAY} 09:00:00,4.00,paid\n"
    f"O-41,,{REPLAYED_DAY} 10:00:00,4.10,paid\n"
    f"O-42,C-2,{REPLAYED_DAY} 11:00:00,$4.20,paid\n"
    f"O-43,C-2,yesterday,4.30,paid\n"
)
FIRST_DELIVERY = (
    ORDERS_HEADER + "O-1,C-1,2026-03-10 09:00:00,10.00,paid\n"
    "O-2,,2026-03-10 10:30:00,25.50,delivered\n"
    "\n"
    "O-3,C-1,2026-03-10 11:00:00,$1.50,paid\n"
    "O-4,C-3,2026-03-10 12:00:00,7.25,shipped\n"
)
# One record changed, one gone, one new; the corrected one as it was.
SECOND_DELIVERY = (
    FIRST_DELIVERY.replace("10.00", "11.00").replace("O-4,C-3", "O-5,C-3") + "O-6,C-3,2026-03-10 12:00:00,-1,paid\n"
)
# O-1 belongs to the day before, O-8 is taken from the day after; a column that nobody promised.
NEW_CSV = gzip.compress(
    b"order_id,customer_id,order_date,total_amount,status,note,channel\n"
    b"O-1,C-1,2026-03-11 09:00:00,10.00,paid,,web\n"
    b"O-8,C-1,2026-03-11 09:00:00,10.00,paid,by phone,shop\n",
    mtime=0,
)
NEW_JSONL = json.dumps(
    {
        "order_id": "O-10",
        "customer_id": "C-4",
        "order_date": "2026-03-11 08:00:00",
        "total_amount": "3.50",
        "status": "paid",
        "channel": "app",
    }
).encode()

State = dict[str, Any]
Tables = dict[str, list[tuple[Any, ...]]]

# How far the story has come, as what is on disk tells it.
MILESTONES = (
    "nothing is done",
    "the corrections lie there",
    "the table fits the contract",
    "the corrected day is replayed",
    "the replay is served",
    "both days are loaded",
    "all is done",
)
Milestone = Literal[
    "nothing is done",
    "the corrections lie there",
    "the table fits the contract",
    "the corrected day is replayed",
    "the replay is served",
    "both days are loaded",
    "all is done",
]


@dataclass(frozen=True)
class Crash:
    """Where the process dies: before or after the n-th call of a function, or of an SQL statement that begins so."""

    name: str
    at: str
    when: Literal["before", "after"]
    call: int = 1


class Also(Crash):
    """A crash next to another one, with little done in between; left to the long run."""


# The story calls most functions first for the replay and then for the days: what is alike is tried in either.
CRASHES: Mapping[Milestone, Sequence[Crash]] = {
    "nothing is done": (
        Also("release: quarantine not read yet", "reporting.quarantine:read_quarantine", "before"),
        Also("release: exported file read", "reporting.corrections:read_corrections", "after", 1),
        Also("release: corrections of before read", "reporting.corrections:read_corrections", "after", 2),
        Crash("release: no draft yet", "pathlib:Path.touch", "before"),
        Also("release: draft empty", "pathlib:Path.touch", "after"),
        Also("release: draft half written", "landing.corrections:harmless", "after", 12),
        Also("release: draft not on disk for sure", "os:fsync", "before"),
        Crash("release: draft written", "os:fsync", "after"),
        Crash("release: before the rename", "pathlib:Path.replace", "before", 1),
    ),
    "the corrections lie there": (
        Crash("release: after the rename", "pathlib:Path.replace", "after", 1),
        Also("release: corrections written", "reporting.corrections:write_corrections", "after"),
        Also("opening: waiting for the lock", "warehouse.connection:_acquire", "before", 1),
        Also("opening: lock held", "warehouse.connection:_acquire", "after", 1),
        Also("opening: holder noted", "warehouse.connection:_connect", "before", 1),
        Also("opening: file open", "warehouse.connection:_connect", "after", 1),
        Also("opening: migrated", "warehouse.connection:migrate", "after", 1),
        Also("contract: transaction begun", "sql:begin", "after", 1),
        Crash("contract: before fit_table", "warehouse.load:fit_table", "before", 1),
        Also("contract: column added", "sql:alter table", "after", 1),
        Also("contract: after fit_table", "warehouse.load:fit_table", "after", 1),
        Also("contract: after record_contract", "warehouse.load:record_contract", "after", 1),
        Also("contract: quarantine erased", "sql:update quality.quarantine", "after", 1),
        Also("contract: after erase_expired", "warehouse.load:erase_expired", "after", 1),
        Crash("contract: before commit", "sql:commit", "before", 1),
    ),
    "the table fits the contract": (
        Crash("contract: after commit", "sql:commit", "after", 1),
        Also("replay: before its load opens the day", "landing.folder:LandingArea.open", "before", 1),
        Also("landing: corrections read", "landing.folder:read_corrections", "after", 1),
        Also("judging: tables made", "quality.judge:Judge.__init__", "after", 1),
        Also("judging: before corrections", "quality.judge:apply_corrections", "before", 1),
        Also("judging: replaced records kept", "sql:insert into replaced", "after", 1),
        Also("judging: replaced records taken out", "sql:delete from judged using", "after", 1),
        Crash("judging: after corrections", "quality.judge:apply_corrections", "after", 1),
        Also("replay: before publishing", "warehouse.load:publish", "before", 1),
        Crash("replay: before commit", "sql:commit", "before", 2),
    ),
    "the corrected day is replayed": (
        Crash("replay: after commit", "sql:commit", "after", 2),
        Crash("replay: after its load", "warehouse.load:report_audited", "after", 1),
        Also("serving: before the first copy", "reporting.serving:_copy_tables", "before", 1),
        Also("serving: first copy attached", "sql:attach", "after", 1),
        Also("serving: first copy before the rename", "pathlib:Path.replace", "before", 2),
    ),
    "the replay is served": (
        Also("serving: first copy after the rename", "pathlib:Path.replace", "after", 2),
        Also("opening again: lock held", "warehouse.connection:_acquire", "after", 2),
        Also("opening again: file open", "warehouse.connection:_connect", "after", 2),
        Also("landing: before open", "landing.folder:LandingArea.open", "before", 2),
        Also("landing: files listed", "landing.folder:_data_files", "after", 5),
        Also("landing: before the first digest", "landing.folder:_digest", "before", 3),
        Also("landing: after the first digest", "landing.folder:_digest", "after", 3),
        Also("landing: before the manifest", "landing.folder:read_manifest", "before", 3),
        Also("landing: after the manifest", "landing.folder:read_manifest", "after", 3),
        Also("landing: manifest compared", "landing.folder:assert_as_listed", "after", 1),
        Also("landing: before corrections", "landing.folder:read_corrections", "before", 2),
        Crash("landing: after open", "landing.folder:LandingArea.open", "after", 3),
        Also("judging: before a batch", "warehouse.load:_load_batch", "before", 2),
        Also("judging: before both days", "quality.judge:Judge.judge_together", "before", 2),
        Also("judging: header read", "quality.reading:read_header", "after", 2),
        Also("judging: after the first file", "quality.reading:_insert", "after", 2),
        Also("judging: a chunk decompressed", "landing.content:assert_no_bomb", "after", 1),
        Crash("judging: after the gzip file", "quality.reading:_insert", "after", 3),
        Also("judging: after the JSONL file", "quality.reading:_insert", "after", 4),
        Also("judging: before files are looked at again", "quality.judge:assert_unchanged", "before", 3),
        Also("judging: after both days", "quality.judge:Judge.judge_together", "after", 2),
        Also("judging: before linked days", "warehouse.load:linked_days", "before", 2),
        Also("judging: after linked days", "warehouse.load:linked_days", "after", 2),
        Also("judging: linked day opened", "landing.folder:LandingArea.open", "after", 4),
        Crash("judging: linked day judged", "quality.judge:Judge.judge_together", "after", 3),
        Also("auditing: before", "warehouse.load:audit_days", "before", 2),
        Also("auditing: keys within a day", "warehouse.audited:reject_within_day", "after", 2),
        Also("auditing: before keys across days", "warehouse.audited:reject_across_days", "before", 2),
        Crash("auditing: after keys across days", "warehouse.audited:reject_across_days", "after", 2),
        Also("auditing: figures read", "warehouse.audited:read_figures", "after", 2),
        Also("auditing: after", "warehouse.load:audit_days", "after", 2),
        Crash("auditing: texts recalled", "warehouse.load:recall_texts", "after", 2),
        Also("publishing: transaction begun", "warehouse.load:publish", "before", 2),
        Also("publishing: before kept columns", "warehouse.publish:kept_columns", "before", 2),
        Crash("publishing: kept column added", "sql:alter table", "after", 2),
        Also("publishing: after kept columns", "warehouse.publish:kept_columns", "after", 2),
        Also("publishing: before the content hash", "warehouse.publish:_hash_content", "before", 2),
        Also("publishing: after the content hash", "warehouse.publish:_hash_content", "after", 2),
        Also("publishing: before record_changes", "warehouse.publish:record_changes", "before", 2),
        Crash("publishing: after record_changes", "warehouse.publish:record_changes", "after", 2),
        Also("publishing: before rows are deleted", 'sql:delete from sources."orders"', "before", 2),
        Crash("publishing: rows deleted", 'sql:delete from sources."orders"', "after", 2),
        Crash("publishing: rows inserted", 'sql:insert into sources."orders"', "after", 2),
        Also("publishing: before set_aside", "warehouse.publish:set_aside", "before", 2),
        Crash("publishing: quarantine deleted", "sql:delete from quality.quarantine", "after", 2),
        Also("publishing: after set_aside", "warehouse.publish:set_aside", "after", 2),
        Also("auditing: history read", "warehouse.audited:read_history", "after", 2),
        Also("auditing: days profiled", "warehouse.audited:profile_days", "after", 2),
        Also("publishing: old profiles deleted", "sql:delete from quality.profiles", "after", 2),
        Also("publishing: profiles written", "sql:insert into quality.profiles", "after", 2),
        Also("publishing: after profiles", "warehouse.publish:_write_profiles", "after", 2),
        Also("publishing: before the ledger", "warehouse.publish:_write_ledger", "before", 2),
        Crash("publishing: after the ledger", "warehouse.publish:_write_ledger", "after", 2),
        Also("publishing: before record_audits", "warehouse.load:record_audits", "before", 2),
        Also("publishing: old audits deleted", "sql:delete from quality.audits", "after", 2),
        Also("publishing: score written", "sql:insert into quality.scores", "after", 2),
        Crash("publishing: after record_audits", "warehouse.load:record_audits", "after", 2),
        Also("publishing: before record_attempts", "warehouse.load:record_attempts", "before", 2),
        Also("publishing: after record_attempts", "warehouse.load:record_attempts", "after", 2),
        Crash("publishing: before commit", "sql:commit", "before", 5),
    ),
    "both days are loaded": (
        Crash("publishing: after commit", "sql:commit", "after", 5),
        Also("publishing: before the report", "warehouse.load:report_audited", "before", 2),
        Also("serving: earlier snapshot taken", "pathlib:Path.replace", "after", 3),
        Also("serving: earlier snapshot found of no use", "sql:detach", "after", 2),
        Also("serving: earlier snapshot cleared away", "reporting.serving:_remove_copies", "after", 5),
        Also("serving: before the copy", "reporting.serving:migrate", "before", 2),
        Also("serving: empty copy made", "reporting.serving:_copy_tables", "before", 2),
        Also("serving: ledger copied", 'sql:insert into serving."quality"."deliveries"', "after", 2),
        Crash("serving: source's table copied", "sql:create table serving", "after", 2),
        Also("serving: tables copied, not committed", "sql:commit", "before", 7),
        Also("serving: tables committed", "sql:commit", "after", 7),
        Also("serving: copy detached", "sql:detach", "after", 3),
        Crash("serving: before the rename", "pathlib:Path.replace", "before", 4),
    ),
    "all is done": (Crash("serving: after the rename", "pathlib:Path.replace", "after", 4),),
}
MATRIX = [
    (crash, milestone)
    for milestone, crashes in CRASHES.items()
    for crash in crashes
    if IS_LONG_RUN or not isinstance(crash, Also)
]


# --- The story, as a child tells it. ---


def tell_story(folder: Path, crash: Crash | None = None) -> None:
    """Release and replay, then load the days; dies at the crash, if there is one."""
    trap = Trap(crash)
    release(folder)
    load(folder, [REPLAYED_DAY], "replay", LATER, trap)
    load_both_days(folder, trap)


def release(folder: Path) -> None:
    """Lay a person's corrections over the delivered records of a day, as ``quarantine release`` does."""
    quarantine = importlib.import_module(read_quarantine.__module__)
    with peek_warehouse(folder / "warehouse.duckdb") as connection:
        assert connection
        held = quarantine.read_quarantine(connection, area_in(folder), GROWN, REPLAYED_DAY)
    corrections = plan_corrections(folder / "exports" / "export.csv", GROWN, REPLAYED_DAY, held)
    add_corrections(area_in(folder).corrections_file("orders", REPLAYED_DAY), GROWN, corrections)


def load_both_days(folder: Path, trap: "Trap | None" = None) -> None:
    load(folder, [DAY, NEXT_DAY], "both days", LATEST, trap)


def load(folder: Path, days: Sequence[date], run_id: str, now: datetime, trap: "Trap | None" = None) -> None:
    """Load days and refresh the snapshot, as a run does."""
    with open_at(folder / "warehouse.duckdb") as opened:
        connection = cast("duckdb.DuckDBPyConnection", Trapped(opened, trap or Trap(None)))
        load_only(folder, connection, days, run_id, now)
        refresh_serving(connection, folder / "serving.duckdb")


def load_only(
    folder: Path, connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, now: datetime
) -> None:
    reports = list(load_days(connection, area_in(folder), GROWN, days, run_id=run_id, now=now))
    assert {report.state for report in reports} <= {"published"}, reports


class Trap:
    """Kills this very process at a crash point; one that does not exist is an error."""

    def __init__(self, crash: Crash | None) -> None:
        self._crash = crash
        self._calls = 0
        if crash and not crash.at.startswith("sql:"):
            module_name, _, path = crash.at.partition(":")
            standard = module_name in {"os", "pathlib"}
            owner: Any = importlib.import_module(module_name if standard else f"customer_analytics.{module_name}")
            *outer, function = path.split(".")
            for each in outer:
                owner = getattr(owner, each)
            setattr(owner, function, self._around(crash.at, getattr(owner, function)))

    def around_statement(self, statement: str, run: Callable[..., Any]) -> Callable[..., Any]:
        return self._around(f"sql:{' '.join(statement.split())}", run)

    def _around(self, at: str, call: Callable[..., Any]) -> Callable[..., Any]:
        crash = self._crash
        if crash is None or not at.startswith(crash.at):
            return call

        @wraps(call)
        def trapped(*arguments: Any, **named: Any) -> Any:
            self._calls += 1
            is_here = self._calls == crash.call
            if is_here and crash.when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = call(*arguments, **named)
            if is_here:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return trapped


class Trapped:
    """A connection with a trap around every statement."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, trap: Trap) -> None:
        self._connection = connection
        self._trap = trap

    def execute(self, query: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        run = self._trap.around_statement(query, self._connection.execute)
        return cast("duckdb.DuckDBPyConnection", run(query, parameters))

    def begin(self) -> None:
        self._trap.around_statement("begin", self._connection.begin)()

    def commit(self) -> None:
        self._trap.around_statement("commit", self._connection.commit)()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def area_in(folder: Path) -> LandingArea:
    return LandingArea(folder / "landing")


# --- Children: forked from a process that has imported everything and opened nothing. ---


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


def say_errors(words: Path, action: Callable[..., None], *arguments: Any) -> None:
    """Do it, and write down why it failed; the output of a child is not the test's."""
    words.with_suffix(".begun").touch()
    try:
        action(*arguments)
    except BaseException:
        words.write_text(traceback.format_exc(), encoding="utf-8")
        raise


def start(words: Path, action: Callable[..., None], *arguments: Any) -> Any:
    child = FORKS.Process(target=say_errors, args=(words, action, *arguments))
    child.start()
    return child


def exit_code(child: Any, words: Path) -> tuple[int | None, str]:
    child.join(60)
    return child.exitcode, words.read_text(encoding="utf-8") if words.exists() else ""


def kill_at(crash: Crash, folder: Path, action: Callable[..., None] = tell_story) -> None:
    """Do it in a process that must die at the crash."""
    words = folder.with_name("words.txt")
    assert exit_code(start(words, action, folder, crash), words) == (-signal.SIGKILL, ""), crash


def tell_again(folder: Path) -> None:
    words = folder.with_name("words_again.txt")
    assert exit_code(start(words, tell_story, folder), words) == (0, "")


def load_both_days_with(folder: Path, crash: Crash) -> None:
    load_both_days(folder, Trap(crash))


# --- What is on disk. ---


def contents(folder: Path) -> State:
    """What warehouse and snapshot hold after a restart, and the corrections."""
    with open_at(folder / "warehouse.duckdb") as connection:
        warehouse = tables(connection)
    serving: Tables = {}
    if (folder / "serving.duckdb").exists():
        with duckdb.connect(str(folder / "serving.duckdb"), read_only=True) as connection:
            serving = tables(connection)
    corrections = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "corrections").rglob("[!.]*"))
        if path.is_file()
    }
    return {"warehouse": warehouse, "serving": serving, "corrections": corrections}


def tables(connection: duckdb.DuckDBPyConnection) -> Tables:
    """Every table; of the tries what they tried and whether it was published, not how often."""
    tried = connection.execute(
        "select source, delivery_day, fingerprint, rules_fingerprint, is_published from quality.attempts order by all"
    ).fetchall()
    return without_revisions(published_state(connection)) | {"quality.attempts": tried}


def without_revisions(state: Tables) -> Tables:
    """Revisions say that something changed; a number that was lost in a crash makes no difference."""
    ledger = 'quality."deliveries"'
    return state | {ledger: [(*row[:10], *row[11:]) for row in state[ledger]]}


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# --- The folder in which it plays. ---


@dataclass(frozen=True)
class Prepared:
    """A folder to copy, what is on disk at each milestone, and what files an undisturbed story leaves."""

    folder: Path
    milestones: Mapping[str, State]
    files: Sequence[str]
    seconds: float

    def copy(self, to: Path) -> Path:
        return shutil.copytree(self.folder, to / "data")


def prepare(folder: Path) -> None:
    """Days published under an older contract and one of them corrected; then what the story is about arrives."""
    landing = folder / "landing"
    for day, content in (
        (OLD_DAY, OF_OLD_DAY),
        (REPLAYED_DAY, TO_REPLAY),
        (DAY, FIRST_DELIVERY),
        (THIRD_DAY, orders_of(THIRD_DAY, "O-8", "O-9")),
    ):
        land(landing, ORDERS, {"delivery.csv": content}, day)
    correct(landing, ORDERS, REPLAYED_DAY, TO_REPLAY, line=4, customer="C-2", amount="4.20")
    with open_at(folder / "warehouse.duckdb") as connection:
        for days, now in (([OLD_DAY], NOW - timedelta(days=89)), ([REPLAYED_DAY, DAY, THIRD_DAY], NOW)):
            list(load_days(connection, area_in(folder), ORDERS, days, run_id="before", now=now))
        held = read_quarantine(connection, area_in(folder), ORDERS, REPLAYED_DAY)
        refresh_serving(connection, folder / "serving.duckdb")
    export = folder / "exports" / "export.csv"
    export_quarantine(export, GROWN, held)
    with export.open(newline="", encoding="utf-8") as stream:
        [missing_customer, *others] = list(csv.DictReader(stream))
    missing_customer["customer_id"] = "C-8"
    with export.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(missing_customer))
        writer.writeheader()
        writer.writerows([missing_customer, *others])
    land(landing, ORDERS, {"delivery.csv": SECOND_DELIVERY}, DAY)
    correct(landing, GROWN, DAY, SECOND_DELIVERY, line=3, customer="C-7", amount="25.50")
    new = {"a.csv.gz": NEW_CSV, "b.jsonl": NEW_JSONL}
    listed = [{"name": name, "sha256": hashlib.sha256(content).hexdigest()} for name, content in new.items()]
    land(landing, ORDERS, new | {MANIFEST: json.dumps({"files": listed})}, NEXT_DAY)


def correct(landing: Path, source: Source, day: date, delivered: str, *, line: int, customer: str, amount: str) -> None:
    """Correct customer and amount of one delivered record."""
    raw = delivered.split("\n")[line - 1]
    delivered_cells = dict(zip(ORDERS_HEADER.strip().split(","), raw.split(","), strict=True))
    cells = delivered_cells | {"customer_id": customer, "total_amount": amount}
    digest = hashlib.sha256(raw.encode()).hexdigest()
    path = LandingArea(landing).corrections_file(source.name, day)
    add_corrections(path, source, [Correction("delivery.csv", line, digest, cells)])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared") / "data"
    prepare(folder)
    stepwise = shutil.copytree(folder, tmp_path_factory.mktemp("stepwise") / "data")
    steps: Sequence[Callable[[], None]] = (
        lambda: None,
        lambda: release(stepwise),
        lambda: without_snapshot(stepwise, [], LATER),
        lambda: without_snapshot(stepwise, [REPLAYED_DAY], LATER),
        lambda: load(stepwise, [], "nothing", LATER),
        lambda: without_snapshot(stepwise, [DAY, NEXT_DAY], LATEST),
        lambda: load(stepwise, [], "nothing", LATEST),
    )
    states = {}
    for milestone, step in zip(MILESTONES, steps, strict=True):
        step()
        states[milestone] = contents(stepwise)
    undisturbed = shutil.copytree(folder, tmp_path_factory.mktemp("undisturbed") / "data")
    tell_again(undisturbed)  # Once to warm up: the first child waits until everything is imported.
    shutil.rmtree(undisturbed)
    shutil.copytree(folder, undisturbed)
    begun = time.monotonic()
    tell_again(undisturbed)
    seconds = time.monotonic() - begun
    assert contents(undisturbed) == states[MILESTONES[-1]]
    return Prepared(folder, states, files_in(undisturbed), seconds)


def without_snapshot(folder: Path, days: Sequence[date], now: datetime) -> None:
    with open_at(folder / "warehouse.duckdb") as connection:
        load_only(folder, connection, days, f"{len(days)} days", now)


# --- The tests. ---


def test_every_milestone_differs_from_the_one_before(prepared: Prepared) -> None:
    states = list(prepared.milestones.values())
    assert all(before != after for before, after in pairwise(states))
    done = prepared.milestones["all is done"]["warehouse"]
    orders = [(row[0], row[1]) for row in done['sources."orders"']]
    assert sorted(orders) == [
        (OLD_DAY, "O-90"),
        (REPLAYED_DAY, "O-40"),
        (REPLAYED_DAY, "O-41"),
        (REPLAYED_DAY, "O-42"),
        (DAY, "O-1"),
        (DAY, "O-2"),
        (DAY, "O-5"),
        (NEXT_DAY, "O-10"),
        (NEXT_DAY, "O-8"),
        (THIRD_DAY, "O-9"),
    ]


@pytest.mark.parametrize(("crash", "milestone"), [pytest.param(*each, id=each[0].name) for each in MATRIX])
def test_a_kill_leaves_every_day_as_before_or_complete_and_the_same_again_mends_it(
    tmp_path: Path, prepared: Prepared, crash: Crash, milestone: Milestone
) -> None:
    folder = prepared.copy(tmp_path)
    kill_at(crash, folder)
    assert contents(folder) == prepared.milestones[milestone]
    tell_again(folder)
    assert contents(folder) == prepared.milestones["all is done"]
    assert files_in(folder) == prepared.files


@pytest.mark.parametrize("number", range(KILLS))
def test_random_kills(tmp_path: Path, prepared: Prepared, number: int) -> None:
    folder = prepared.copy(tmp_path)
    words = tmp_path / "words.txt"
    child = start(words, tell_story, folder)
    while not words.with_suffix(".begun").exists():
        time.sleep(0.001)
    time.sleep(random.Random(number).uniform(0, prepared.seconds))
    child.kill()
    assert exit_code(child, words) in {(-signal.SIGKILL, ""), (0, "")}
    assert contents(folder) in prepared.milestones.values()
    tell_again(folder)
    assert contents(folder) == prepared.milestones["all is done"]
    assert files_in(folder) == prepared.files


def test_a_log_cut_short_anywhere_is_all_or_nothing(tmp_path: Path, prepared: Prepared) -> None:
    before, complete = (prepared.milestones[each]["warehouse"] for each in ("the replay is served", "all is done"))
    killed = prepared.copy(tmp_path)
    kill_at(Crash("after commit", "sql:commit", "after", 5), killed)
    log = (killed / "warehouse.duckdb.wal").read_bytes()
    seen = []
    for cut in [*range(0, len(log), max(1, len(log) // 15)), len(log) - 1, len(log)]:
        folder = shutil.copytree(killed, tmp_path / "cut")
        (folder / "warehouse.duckdb.wal").write_bytes(log[:cut])
        warehouse = contents(folder)["warehouse"]
        assert warehouse in (before, complete), f"cut at byte {cut} of {len(log)}"
        seen.append(warehouse == complete)
        shutil.rmtree(folder)
    assert seen[-1]
    assert not seen[0]
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    "crash",
    [
        Crash("before migrations", "warehouse.connection:migrate", "before"),
        Crash("amid migrations", "warehouse.schema:current_version", "after"),
        Crash("after migrations", "warehouse.connection:migrate", "after"),
        Crash("table made", "warehouse.load:fit_table", "after"),
        Crash("amid publishing", "warehouse.load:record_audits", "before"),
    ],
    ids=lambda crash: crash.name,
)
def test_a_first_load_that_is_killed_leaves_an_empty_warehouse_that_works(
    tmp_path: Path, prepared: Prepared, crash: Crash
) -> None:
    whole, killed = tmp_path / "whole" / "data", tmp_path / "killed" / "data"
    for folder in (whole, killed):
        for part in ("landing", "corrections"):
            shutil.copytree(prepared.folder / part, folder / part)
    shutil.rmtree(whole / "corrections")
    shutil.rmtree(killed / "corrections")
    load_both_days(whole)
    kill_at(crash, killed, load_both_days_with)
    assert contents(killed)["warehouse"]['quality."deliveries"'] == []
    load_both_days(killed)
    assert contents(killed) == contents(whole)
    assert files_in(killed) == files_in(whole)
