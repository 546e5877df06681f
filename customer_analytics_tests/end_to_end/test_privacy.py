"""Marked values are planted in every field, good and bad; none of them stands anywhere but where data belongs.

Data belongs into the landing area, the warehouse, what is published of it, and what was asked for with its values.
"""

import csv
import gzip
import json
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from customer_analytics.landing.folder import FLAG
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics_tests.bad_input.records import csv_line, parquet
from customer_analytics_tests.end_to_end.project import Project, copy_project

MIXED, HELD_BACK, *REFUSED = (f"2026-11-0{number}" for number in range(1, 8))
SOURCES = ("orders", "support_tickets", "marketing_events")
DERIVED = (*DERIVED_ASSETS, "customer_health_report")

# The marks: texts, amounts, and the second and fraction of times. What is published has another one than what is not.
SET_ASIDE = re.compile(rb"(?i)canary[-_]\d+[-_]bad|73911285\d|43:21\.739112")
ANY = re.compile(rb"(?i)canary[-_]\d+[-_](?:bad|good)|7391128[45]\d|43:2[01]\.739112")
# Where data belongs, below the project's folder.
DATA = re.compile(
    r"data/(landing|corrections|exports|reports)/.*|data/(warehouse|serving)\.duckdb(\.wal|\.previous)?|mended\.csv"
)

ORDERS = ("order_id", "customer_id", "order_date", "total_amount", "status")
TICKETS = ("ticket_id", "customer_id", "created_date", "category", "priority", "resolved_date")
EVENTS = ("event_id", "customer_id", "event_type", "event_date", "campaign_id")

_number = count(1)

Cells = dict[str, Any]


def good(field: str) -> str:
    """A text that will be published."""
    return f"CANARY-{next(_number)}-good-{field}"


def bad(field: str) -> str:
    """A text that will not be published."""
    return f"CANARY-{next(_number)}-bad-{field}"


def order(day: str, *, is_good: bool = False, **other: str) -> Cells:
    """An order whose every field is marked; the status is one of a few."""
    mark = good if is_good else bad
    amount = f"7391128{4 if is_good else 5}{next(_number):03}.17"
    second = 20 if is_good else 21
    values = (mark("order"), mark("customer"), f"{day} 10:43:{second}.739112", amount, "paid")
    return dict(zip(ORDERS, values, strict=True)) | other


def ticket(day: str, *, is_good: bool = False, **other: Any) -> Cells:
    mark, second = (good, 20) if is_good else (bad, 21)
    times = [f"{day} {hour}:43:{second}.739112" for hour in (10, 11)]
    values = (mark("ticket"), mark("customer"), times[0], mark("category"), "high", times[1])
    return dict(zip(TICKETS, values, strict=True)) | other


def event(day: str, *, is_good: bool = False, **other: Any) -> Cells:
    mark, second = (good, 20) if is_good else (bad, 21)
    values = (mark("event"), mark("customer"), "email_open", f"{day} 10:43:{second}.739112", mark("campaign"))
    return dict(zip(EVENTS, values, strict=True)) | other


@dataclass
class Told:
    """A project after its days, and what each program said."""

    project: Project
    said: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str) -> int:
        result = self.project.run(*command)
        self.said[" ".join(command)] = result.stdout
        return result.returncode

    def ask(self, *arguments: str) -> None:
        """A command that only reads, without a program of its own."""
        result = self.project.ask(*arguments)
        assert isinstance(result.exception, SystemExit | None), result.exception
        self.said[" ".join(("customer-analytics", *arguments))] = result.output

    def kept(self) -> Iterator[tuple[str, bytes]]:
        """Every file that is not one for data; of SQLite's also their rows, which pages may cut in two."""
        for path in sorted(self.project.root.rglob("*")):
            place = path.relative_to(self.project.root).as_posix()
            if not path.is_file() or DATA.fullmatch(place) or place.startswith("customer_analytics/"):
                continue
            content = path.read_bytes()
            yield place, content
            if content.startswith(b"SQLite format 3"):
                with sqlite3.connect(path) as connection:
                    yield f"{place} (rows)", "\n".join(connection.iterdump()).encode()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Seven days of all sources: mixed, held back, and refused in many ways; one of them corrected."""
    told = Told(copy_project(tmp_path_factory.mktemp("privacy") / "project"))
    land_mixed(told.project)
    land_held_back(told.project)
    land_refused(told.project)
    everything = ",".join((*SOURCES, *DERIVED))
    launch = ("dg", "launch", "--assets", everything, "--partition-range", f"{MIXED}...{REFUSED[-1]}")
    assert told.run(*launch) != 0
    assert "Held back" in told.said[" ".join(launch)], told.said
    assert told.run("dg", "launch", "--assets", ",".join(DERIVED), "--partition-range", f"{MIXED}...{HELD_BACK}") == 0
    land(told.project, "orders", REFUSED[0], f"{csv_line(list(order(REFUSED[0]).values()))}\n")
    told.run("dagster", "sensor", "preview", "orders_flag", "-w", "workspace.yaml")
    correct(told)
    for command in ("status --json", "doctor", "quarantine list", f"quarantine export orders {REFUSED[0]}"):
        told.run("customer-analytics", *command.split())
    told.ask("impact", "orders", MIXED)
    for source in SOURCES:
        told.ask("quarantine", "show", source, MIXED)
        told.ask("quarantine", "show", source, HELD_BACK, "--json")
    for day in REFUSED[::2]:
        told.ask("quarantine", "show", "orders", day)
    told.ask("quarantine", "show", "orders", MIXED, "--released")
    return told


def test_the_days_went_as_they_were_meant_to(told: Told) -> None:
    printed = told.said["customer-analytics status --json"]
    states = {(each["dataset"], each["day"]): each["state"] for each in json.loads(printed)}
    expected = {(source, day): "held_back" for source in SOURCES for day in (HELD_BACK, *REFUSED)}
    # The last landed anew after it was refused.
    expected |= {(source, MIXED): "published" for source in SOURCES} | {("orders", REFUSED[0]): "landed"}
    assert {place: states[place] for place in expected} == expected
    query = "select reason.rule from quality.quarantine, unnest(reasons) as unnested(reason)"
    assert {rule for (rule,) in told.project.query(query)} >= {
        *("type", "isin", "not_null", "str_length", "visible_characters", "delivery_day", "unique", "not_before"),
        *("negative_only_where", "columns", "quotes", "encoding", "cell_size", "json", "json_keys", "nested"),
    }


def test_the_marks_are_found_where_data_belongs(told: Told) -> None:
    assert ANY.search(told.said[f"customer-analytics quarantine show orders {MIXED} --values"].encode())
    assert SET_ASIDE.search((told.project.data / "exports" / f"quarantine_orders_{MIXED}.csv").read_bytes())
    [(raw,)] = told.project.query(
        "select count(*) from quality.quarantine where regexp_matches(raw::varchar, 'CANARY')"
    )
    assert raw > 20


def test_no_program_says_a_value(told: Told) -> None:
    leaks = {
        command: found
        for command, words in told.said.items()
        if "--values" not in command and "diff" not in command and (found := marks(words.encode()))
    }
    assert leaks == {}


def test_a_diff_without_values_shows_keys_only(told: Told) -> None:
    for form in ((), ("--json",)):
        words = told.said[" ".join(("customer-analytics", "diff", "orders", MIXED, *form))]
        assert {mark.partition("good-")[2] for mark in re.findall(r"CANARY-\d+-good-\w+", words)} == {"order"}
        assert not SET_ASIDE.search(words.encode())


def test_nothing_that_dagster_or_a_program_keeps_has_a_value(told: Told) -> None:
    kept = dict(told.kept())
    assert {place for place in kept if place.endswith("(rows)")}
    assert any("compute_logs" in place for place in kept)
    assert "data/replay.log" in kept
    assert {place: marks(content) for place, content in kept.items() if ANY.search(content)} == {}


def test_readers_see_no_value_of_what_was_set_aside(told: Told) -> None:
    assert SET_ASIDE.findall(told.project.serving.read_bytes()) == []
    found = {place: SET_ASIDE.findall(content) for place, content in tables(told.project.serving)}
    assert {place: leaks for place, leaks in found.items() if leaks} == {}


def test_readers_see_values_only_where_they_are_published(told: Told) -> None:
    places = {place for place, content in tables(told.project.serving) if ANY.search(content)}
    assert "sources.orders" in places
    assert {place for place in places if not place.startswith(("sources.", "marts."))} <= {"quality.profiles"}


def test_what_holds_values_is_its_owners_only(told: Told) -> None:
    data = told.project.data
    private = [data / "warehouse.duckdb", *files(data / "corrections"), *(data / "exports").glob("quarantine_*")]
    assert len(private) > 3
    assert {str(path): oct(mode(path)) for path in private if mode(path) != 0o600} == {}
    assert mode(data / "corrections" / "orders") == 0o700
    assert mode(data / "exports") == mode(data) & 0o775


def test_while_it_is_open_what_lies_beside_the_warehouse_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    before = os.umask(0o022)
    try:
        with open_warehouse(path, "a test", timeout_seconds=5, memory_limit="40MB", log=print) as connection:
            connection.execute("create table sources.things as select 1 as thing")
            connection.execute(
                """create temp table large as
                   select sha256(range::varchar) || sha256('x' || range) as text from range(800000)"""
            )
            beside = {entry.name: mode(entry) for entry in tmp_path.rglob("*.duckdb*") if entry.is_file()}
            spilled = files(path.with_name(path.name + ".spill"))
            assert {"warehouse.duckdb", "warehouse.duckdb.wal"} <= set(beside)
            assert spilled
            assert {beside[name] for name in ("warehouse.duckdb", "warehouse.duckdb.wal")} == {0o600}
            assert {mode(entry) for entry in spilled} == {0o600}
            assert mode(path.with_name(path.name + ".spill")) == 0o700
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_a_warehouse_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(path)).close()
    path.chmod(0o644)
    with open_warehouse(path, "a test", timeout_seconds=5, memory_limit="1GB", log=print):
        assert mode(path) == 0o600
    assert mode(path) == 0o600


@pytest.mark.parametrize(("folder", "expected"), [(0o700, 0o600), (0o750, 0o640), (0o755, 0o644), (0o775, 0o664)])
def test_whoever_may_look_into_the_folder_may_read_the_snapshot(tmp_path: Path, folder: int, expected: int) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(folder)
    path = tmp_path / "data" / "warehouse.duckdb"
    with open_warehouse(path, "a test", timeout_seconds=5, memory_limit="1GB", log=print) as connection:
        refresh_serving(connection, path.with_name("serving.duckdb"))
    assert mode(path.with_name("serving.duckdb")) == expected
    assert mode(path) == 0o600


def land(project: Project, source: str, day: str, content: str | bytes, name: str = "delivery.csv") -> None:
    folder = project.data / "landing" / source / day
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / FLAG).touch()


def in_csv(columns: tuple[str, ...], records: list[Cells], *lines: bytes) -> bytes:
    """Records under a header, then lines as they are."""
    rows = (csv_line([record.get(column) for column in columns]).encode() for record in records)
    return b"\n".join([",".join(columns).encode(), *rows, *lines]) + b"\n"


def in_json(records: list[Cells], *lines: str) -> str:
    return "\n".join([*map(json.dumps, records), *lines]) + "\n"


def in_parquet(records: list[Cells]) -> bytes:
    columns = dict.fromkeys(column for record in records for column in record)
    return parquet({column: [record.get(column) for record in records] for column in columns})


def bad_orders(day: str) -> list[Cells]:
    """One of each way in which the cells of an order can be wrong."""
    other_day = str(date.fromisoformat(day) + timedelta(days=40))
    return [
        order(day, total_amount=bad("amount")),
        order(day, total_amount="$7391128577.1"),
        order(day, total_amount="73911285,5"),
        order(day, total_amount="73911285.123"),
        order(day, total_amount="-73911285.00"),
        order(day, order_date=bad("date")),
        order(day, order_date=f"{day} 25:43:21.739112"),
        order(day, order_date=f"{other_day} 10:43:21.739112"),
        order(day, status=bad("status")),
        order(day, customer_id=""),
        order(day, order_id=""),
        order(day, customer_id=f"\u200b{bad('customer')}"),
        order(day, customer_id=f"{bad('customer')}\0"),
        order(day, customer_id=f"{bad('customer')}{'x' * 300}"),
        order(day, customer_id=f"{bad('customer')}{'x' * 70_000}"),
    ]


def land_mixed(project: Project) -> None:
    day = MIXED
    columns = (*ORDERS, "coupon", bad("column"))
    kept = [order(day, is_good=True, coupon=bad("unknown")) for _ in range(30)]
    twice = order(day, order_id=kept[0]["order_id"])
    text = ",".join([bad("order"), bad("customer"), day, "73911285.00", "paid"])
    broken = (
        bad("few").encode(),
        f"{text},,{bad('many')},{bad('many')}".encode(),
        f'{text},,"{bad("quotes")}"{bad("quotes")}'.encode(),
        f"{text},,".encode() + bad("encoding").encode() + b"\xff",
    )
    land(project, "orders", day, in_csv(columns, [*kept, *bad_orders(day), twice], *broken))
    tickets = [ticket(day, is_good=True) | {"agent": bad("unknown"), bad("key"): bad("unknown")} for _ in range(20)]
    wrong = [
        ticket(day, customer_id={bad("key"): bad("nested")}),
        ticket(day, customer_id=[bad("listed")]),
        ticket(day, priority=bad("priority")),
        ticket(day, category=None),
        ticket(day, resolved_date=f"{day} 01:43:21.739112"),
        ticket(day, created_date=73911285),
        ticket(day, ticket_id=tickets[0]["ticket_id"]),
    ]
    broken_json = (
        f'{{"ticket_id": "{bad("cut")}", ',
        f'["{bad("array")}"]',
        f'"{bad("text")}"',
        f'{{"ticket_id": "{bad("twice")}", "ticket_id": "{bad("twice")}"}}',
        bad("plain"),
    )
    land(project, "support_tickets", day, in_json([*tickets, *wrong], *broken_json), "tickets.jsonl")
    events = [event(day, is_good=True, channel=bad("unknown")) for _ in range(10)]
    unfit = [
        event(day, event_type=bad("type")),
        event(day, event_date=bad("date")),
        event(day, customer_id=None),
        event(day, event_id=events[0]["event_id"]),
    ]
    land(project, "marketing_events", day, in_parquet([*events, *unfit]), "events.parquet")


def land_held_back(project: Project) -> None:
    day = HELD_BACK
    land(project, "orders", day, in_csv(ORDERS, [order(day), *bad_orders(day)]))
    tickets = [ticket(day), *(ticket(day, priority=bad("priority")) for _ in range(4))]
    land(project, "support_tickets", day, in_json(tickets), "tickets.jsonl")
    events = [event(day), *(event(day, event_type=bad("type")) for _ in range(4))]
    land(project, "marketing_events", day, in_parquet(events), "events.parquet")


def land_refused(project: Project) -> None:
    """Deliveries that cannot be read as a whole, each for a reason of its own."""
    first, second, third, fourth, fifth = REFUSED
    # Without a header the values of the first record are taken for names; these look like names.
    names = [bad("name").lower().replace("-", "_") for _ in range(6)]
    records = [order(first), order(first)]
    land(project, "orders", first, f"{','.join(names[:5])}\n{csv_line(list(order(first).values()))}\n")
    land(project, "orders", second, in_csv(ORDERS, records).decode().encode("utf-16"))
    land(project, "orders", third, in_csv(ORDERS, records, f'{bad("order")},"{bad("open")}'.encode()))
    # The first record stands on the line of the header, and one of its values stands there twice.
    customer = bad("customer")
    land(project, "orders", fourth, f"{','.join(ORDERS)},{bad('order')},{customer},{fourth},73911285.00,{customer}\n")
    land(project, "orders", fifth, in_csv(ORDERS, [order(str(date(2020, 1, 1))), order(str(date(2020, 1, 2)))]))

    land(project, "support_tickets", first, in_json([{bad("key"): bad("value")}]), "tickets.jsonl")
    cut = gzip.compress(os.urandom(64) + in_json([ticket(second) for _ in range(9)]).encode(), compresslevel=0)[:-40]
    land(project, "support_tickets", second, cut, "tickets.jsonl.gz")
    land(project, "support_tickets", third, in_json([ticket(third)]), "tickets.jsonl")
    (project.data / "landing/support_tickets" / third / "manifest.json").write_text(json.dumps(ticket(third)))
    land(project, "support_tickets", fourth, in_json([ticket(fourth)]), "tickets.jsonl")
    corrections = project.data / "corrections" / "support_tickets" / f"{fourth}.csv"
    corrections.parent.mkdir(parents=True, mode=0o700)
    corrections.touch(mode=0o600)
    corrections.write_text(
        f"_file,_line,_raw_sha256,ticket_id\n{bad('file')},{bad('line')},{bad('digest')},{bad('id')}\n"
    )
    corrections.with_name(f"{fifth}.csv").touch(mode=0o600)
    corrections.with_name(f"{fifth}.csv").write_bytes(
        f'_file,_line,_raw_sha256\n{bad("x")}"{bad("y")}\xff'.encode("latin-1")
    )
    land(project, "support_tickets", fifth, in_json([ticket(fifth)]), "tickets.jsonl")

    damaged = in_parquet([event(first) for _ in range(9)])
    land(project, "marketing_events", first, damaged[:-20], "events.parquet")
    nested = {**event(second), "customer_id": {"a": bad("nested")}}
    land(project, "marketing_events", second, in_parquet([nested]), "events.parquet")
    land(project, "marketing_events", third, parquet(dict.fromkeys(names, pa.array([bad("v")]))), "events.parquet")
    land(project, "marketing_events", fourth, in_csv(EVENTS, [event(fourth)]), "events.parquet")
    content = bytearray(in_parquet([event(fifth) for _ in range(50)]))
    content[40:400] = os.urandom(360)
    land(project, "marketing_events", fifth, bytes(content), "events.parquet")


def correct(told: Told) -> None:
    """Mend two records of the mixed day, one of them badly, and look at what that changed."""
    told.ask("quarantine", "show", "orders", MIXED, "--values")
    assert told.run("customer-analytics", "quarantine", "export", "orders", MIXED) == 0
    with (told.project.data / "exports" / f"quarantine_orders_{MIXED}.csv").open(newline="") as stream:
        csv.field_size_limit(10_000_000)
        rows = {row["_line"]: row for row in csv.DictReader(stream)}
    lines = sorted(rows, key=int)
    mended = {lines[0]: order(MIXED, is_good=True), lines[1]: order(MIXED, status=bad("status"))}
    path = told.project.root / "mended.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, next(iter(rows.values())))
        writer.writeheader()
        writer.writerows(rows[line] | mended[line] for line in lines[:2])
    assert told.run("customer-analytics", "quarantine", "release", str(path), "--json") == 0, told.said
    for form in ((), ("--json",)):
        told.ask("diff", "orders", MIXED, *form)


def marks(content: bytes) -> list[str]:
    """The marks in a content, each with what stands around it."""
    return [
        content[max(0, found.start() - 80) : found.end() + 40].decode(errors="replace")
        for found in ANY.finditer(content)
    ][:3]


def tables(database: Path) -> list[tuple[str, bytes]]:
    """Every table and its content as text."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        return [
            (name, repr(connection.execute(f"select columns(*)::varchar from {name}").fetchall()).encode())
            for (name,) in names
        ]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
