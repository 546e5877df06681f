"""``quarantine``, ``replay`` and ``diff``: nothing is shown that was not asked for, and what is mended is published."""

import csv
import json
import shutil
import stat
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from customer_analytics.cli import app
from customer_analytics_tests.components.conftest import ORDERS_HEADER, Company
from customer_analytics_tests.end_to_end.project import Project, copy_project
from customer_analytics_tests.test_cli import run, said_by_failing

DAY, NEXT_DAY = "2026-11-03", "2026-11-04"
GOOD = tuple(f"alice,{DAY} 10:00:00,{amount}.00,paid" for amount in range(10, 22))
# Stands at line 14 of its file: the status is none that was promised.
BAD = f"Zoë [red]Müller,{DAY} 11:00:00,12.75,lost"
MASKED = "9999-99-99-99,Aaa [aaa]Aaaaaa,9999-99-99 99:99:99,99.99,aaaa"

Rows = list[dict[str, str]]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customer_analytics.cli.common.console.width", 250, raising=False)


@pytest.fixture
def mixed(company: Company) -> Company:
    """A published day with twelve good orders and one that was set aside."""
    company.land_orders(DAY, *GOOD, BAD)
    assert company.materialize("orders", day=DAY).success
    return company


@pytest.fixture
def held_back(company: Company) -> Company:
    """A day that was never published: nine of its ten orders have no customer."""
    company.land_bad_orders(DAY)
    assert not company.materialize("orders", day=DAY).success
    return company


@pytest.fixture
def republished(mixed: Company) -> Company:
    """The day once more, with another amount of the first order and without the second."""
    mixed.land_orders(DAY, GOOD[0].replace("10.00", "98.76"), GOOD[1].replace("alice", "Bob"), *GOOD[2:], BAD)
    assert mixed.materialize("orders", day=DAY).success
    return mixed


def erase(company: Company, statement: str) -> None:
    with duckdb.connect(str(company.data / "warehouse.duckdb")) as connection:
        connection.execute(statement)


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def exported(path: Path, day: str = DAY) -> Rows:
    run("quarantine", "export", "orders", day, "--out", str(path))
    return rows_of(path)


def corrections(company: Company) -> list[Path]:
    return [path for path in (company.data / "corrections").rglob("*") if path.is_file()]


class TestList:
    """How much stands in quarantine."""

    def test_it_counts_by_source_day_column_and_rule(self, mixed: Company) -> None:
        assert mixed
        counted = {"source": "orders", "day": DAY, "column": "status", "rule": "isin", "records": 1}
        assert json.loads(run("quarantine", "list", "--json")) == [counted]
        assert json.loads(run("quarantine", "list", "orders", "--json")) == [counted]
        assert json.loads(run("quarantine", "list", "support_tickets", "--json")) == []
        assert run("quarantine", "list").split()[-5:] == ["orders", DAY, "status", "isin", "1"]

    def test_a_record_that_was_released_does_not_stand_there_any_more(self, mixed: Company) -> None:
        erase(mixed, "update quality.quarantine set released_at = now()::timestamp")
        assert run("quarantine", "list") == "Nothing stands in quarantine.\n"


class TestShow:
    """The records of a day."""

    def test_values_are_masked_unless_they_are_asked_for(self, mixed: Company) -> None:
        assert mixed
        printed = run("quarantine", "show", "orders", DAY)
        assert MASKED in printed
        assert "delivery.csv:14" in printed
        assert "status must be one of" in printed
        for value in ("Zoë", "Müller", "12.75", "lost", "11:00:00"):
            assert value not in printed
        assert f"{DAY}-12,{BAD}" in run("quarantine", "show", "orders", DAY, "--values")

    def test_json_is_masked_in_the_same_way(self, mixed: Company) -> None:
        assert mixed
        [record] = json.loads(run("quarantine", "show", "orders", DAY, "--json"))
        assert (record["raw"], record["cells"]) == (MASKED, None)
        assert (record["file"], record["line"], record["released_at"]) == ("delivery.csv", 14, None)
        assert [reason[:2] for reason in record["reasons"]] == [["isin", "status"]]
        [record] = json.loads(run("quarantine", "show", "orders", DAY, "--json", "--values"))
        assert record["raw"] == f"{DAY}-12,{BAD}"
        assert record["cells"]["customer_id"] == "Zoë [red]Müller"

    def test_a_held_back_day_can_be_looked_at(self, held_back: Company) -> None:
        assert held_back
        records = json.loads(run("quarantine", "show", "orders", DAY, "--json", "--values"))
        assert [record["line"] for record in records] == list(range(3, 12))
        assert {record["cells"]["customer_id"] for record in records} == {None}
        assert json.loads(run("quarantine", "list", "--json")) == []

    def test_a_day_whose_latest_delivery_was_held_back_shows_that_delivery(self, mixed: Company) -> None:
        mixed.land_bad_orders(DAY)
        assert not mixed.materialize("orders", day=DAY).success
        assert len(json.loads(run("quarantine", "show", "orders", DAY, "--json"))) == 9

    def test_a_delivery_that_cannot_be_read_is_said_to_be_so(self, company: Company) -> None:
        company.land("orders", DAY, f"{DAY}-1,Zoë,{DAY},1.00,paid\n")
        assert not company.materialize("orders", day=DAY).success
        for command in ("show", "export"):
            words = said_by_failing("quarantine", command, "orders", DAY)
            assert "the header lacks order_id, customer_id" in words
            assert "Zo" not in words

    def test_erased_values_are_said_to_be_erased(self, mixed: Company) -> None:
        erase(mixed, "update quality.quarantine set raw = null, cells = null")
        assert "(erased: its retention has ended)" in run("quarantine", "show", "orders", DAY, "--values")
        [record] = json.loads(run("quarantine", "show", "orders", DAY, "--values", "--json"))
        assert (record["raw"], record["cells"], record["raw_sha256"]) == (None, None, None)

    def test_released_records_are_shown_where_they_are_asked_for(self, mixed: Company) -> None:
        erase(mixed, "update quality.quarantine set released_at = timestamp '2026-11-05 06:00:00'")
        assert run("quarantine", "show", "orders", DAY) == "There are none.\n"
        [record] = json.loads(run("quarantine", "show", "orders", DAY, "--released", "--json"))
        assert (record["line"], record["released_at"]) == (14, "2026-11-05 06:00:00")

    def test_a_day_without_quarantine_has_none(self, mixed: Company) -> None:
        assert mixed
        assert run("quarantine", "show", "orders", NEXT_DAY) == "There are none.\n"

    @pytest.mark.parametrize("values", [(), ("--values",)])
    def test_what_was_delivered_cannot_steer_the_terminal(self, company: Company, values: tuple[str, ...]) -> None:
        company.land_orders(DAY, *GOOD, f"\x1b[2J\x1b]0;title\x07\x9b31m,{DAY},1.00,lost")
        company.materialize("orders", day=DAY)
        printed = run("quarantine", "show", "orders", DAY, *values)
        assert [character for character in printed if ord(character) < 32 and character != "\n"] == []
        assert "\x9b" not in printed


class TestExport:
    """A file to correct records in."""

    def test_it_has_places_reasons_raw_records_and_cells_as_a_spreadsheet_may_see_them(self, company: Company) -> None:
        company.land_orders(DAY, *GOOD, f"=cmd(),{DAY} 11:00:00,-5.00,lost")
        company.materialize("orders", day=DAY)
        printed = run("quarantine", "export", "orders", DAY)
        path = company.data / "exports" / f"quarantine_orders_{DAY}.csv"
        assert printed == (
            f"1 records are in {path}. Correct their cells, then: customer-analytics quarantine release {path}\n"
        )
        [row] = rows_of(path)
        assert (row["_source"], row["_delivery_day"], row["_file"], row["_line"]) == (
            "orders",
            DAY,
            "delivery.csv",
            "14",
        )
        assert row["_reasons"].startswith("status must be one of")
        assert row["_raw"] == f"{DAY}-12,'=cmd(),{DAY} 11:00:00,'-5.00,lost"
        assert (row["customer_id"], row["total_amount"], row["status"]) == ("'=cmd()", "-5.00", "lost")

    def test_json_says_where_it_is_and_how_many_records_it_has(self, mixed: Company, tmp_path: Path) -> None:
        assert mixed
        told = json.loads(run("quarantine", "export", "orders", DAY, "--out", str(tmp_path / "out.csv"), "--json"))
        assert told == {"file": str(tmp_path / "out.csv"), "records": 1}
        assert len(rows_of(tmp_path / "out.csv")) == 1

    def test_only_its_owner_may_read_it(self, mixed: Company) -> None:
        run("quarantine", "export", "orders", DAY)
        [path] = (mixed.data / "exports").iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(mixed.data.stat().st_mode)

    def test_a_held_back_day_can_be_exported(self, held_back: Company, tmp_path: Path) -> None:
        assert held_back
        assert [row["_line"] for row in exported(tmp_path / "out.csv")] == [str(line) for line in range(3, 12)]

    @pytest.mark.parametrize("gone", ["released_at = now()::timestamp", "raw = null, cells = null"])
    def test_of_what_was_released_or_erased_there_is_nothing_to_export(
        self, mixed: Company, tmp_path: Path, gone: str
    ) -> None:
        erase(mixed, f"update quality.quarantine set {gone}")
        words = said_by_failing("quarantine", "export", "orders", DAY, "--out", str(tmp_path / "out.csv"))
        assert f"orders {DAY} has no record in quarantine that could be corrected: nothing to export." in words
        assert not (tmp_path / "out.csv").exists()

    def test_where_it_cannot_be_written_it_says_so(self, mixed: Company, tmp_path: Path) -> None:
        assert mixed
        (tmp_path / "file").touch()
        words = said_by_failing("quarantine", "export", "orders", DAY, "--out", str(tmp_path / "file" / "out.csv"))
        assert "file/out.csv cannot be written" in words


class TestRelease:
    """Files that are not taken: nothing is written, nothing runs."""

    def refusal(self, company: Company, path: Path) -> str:
        words = said_by_failing("quarantine", "release", str(path))
        assert corrections(company) == []
        return words

    def test_a_file_in_which_nothing_was_changed(self, mixed: Company, tmp_path: Path) -> None:
        exported(tmp_path / "out.csv")
        assert "out.csv has no line that was changed: nothing to release." in self.refusal(mixed, tmp_path / "out.csv")

    def test_a_file_with_a_very_long_record_in_which_nothing_was_changed(
        self, company: Company, tmp_path: Path
    ) -> None:
        company.land_orders(DAY, *GOOD, f"{'x' * 150_000},{DAY} 11:00:00,5.00,paid")
        company.materialize("orders", day=DAY)
        csv.field_size_limit(131_072)  # As a new process has it.
        run("quarantine", "export", "orders", DAY, "--out", str(tmp_path / "out.csv"))
        assert "has no line that was changed" in self.refusal(company, tmp_path / "out.csv")

    def test_a_file_with_formulas_in_which_nothing_was_changed(self, company: Company, tmp_path: Path) -> None:
        texts = ("'=1", "a;=1+1", "\uff1d1+1", '"" =1""', "\u200b=cmd", "x\n=1\r\n'tis")
        company.land_orders(DAY, *GOOD, *(f'"{text}",{DAY} 11:00:00,-5.00,lost' for text in texts))
        company.materialize("orders", day=DAY)
        assert len(exported(tmp_path / "out.csv")) == len(texts)
        assert "has no line that was changed" in self.refusal(company, tmp_path / "out.csv")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"_source": "order"}, "there is no source order. There are: marketing_events, orders, support_tickets."),
            (
                {"_delivery_day": "03.11.26"},
                "line 2: this is no line of an exported quarantine: it needs _source and",
            ),
            ({"_delivery_day": DAY.replace("-", "")}, "the day as 2026-11-01. A spreadsheet may have changed it."),
            ({"_raw_sha256": "0" * 64}, "has no record in quarantine at delivery.csv:14 with that _raw_sha256"),
            ({"_line": "15"}, "has no record in quarantine at delivery.csv:15 with that _raw_sha256"),
            ({"_line": "x"}, "line 2: _line must be a whole number"),
            ({"_delivery_day": NEXT_DAY}, f"orders {NEXT_DAY} has no record in quarantine at delivery.csv:14"),
        ],
    )
    def test_a_line_that_is_for_nothing_in_quarantine(
        self, mixed: Company, tmp_path: Path, change: Mapping[str, str], words: str
    ) -> None:
        [row] = exported(tmp_path / "out.csv")
        write_rows(tmp_path / "out.csv", [{**row, **change, "status": "paid"}])
        assert words in self.refusal(mixed, tmp_path / "out.csv")

    def test_one_wrong_line_keeps_all_others_from_being_taken(self, mixed: Company, tmp_path: Path) -> None:
        [row] = exported(tmp_path / "out.csv")
        write_rows(tmp_path / "out.csv", [{**row, "status": "paid"}, {**row, "_line": "99"}])
        assert "delivery.csv:99" in self.refusal(mixed, tmp_path / "out.csv")

    def test_a_file_that_lacks_a_column(self, mixed: Company, tmp_path: Path) -> None:
        [row] = exported(tmp_path / "out.csv")
        del row["total_amount"]
        write_rows(tmp_path / "out.csv", [row | {"status": "paid"}])
        assert "the header lacks total_amount. Export it again." in self.refusal(mixed, tmp_path / "out.csv")

    def test_a_file_that_is_none(self, mixed: Company, tmp_path: Path) -> None:
        (tmp_path / "out.csv").write_bytes(b"\xff\xfe\x00")
        assert "out.csv, line 1: this is not a CSV file in UTF-8" in self.refusal(mixed, tmp_path / "out.csv")
        assert "other.csv cannot be read: No such file or directory." in self.refusal(mixed, tmp_path / "other.csv")

    def test_corrections_that_lie_there_and_cannot_be_read(self, mixed: Company, tmp_path: Path) -> None:
        [row] = exported(tmp_path / "out.csv")
        write_rows(tmp_path / "out.csv", [row | {"status": "paid"}])
        there = mixed.data / "corrections" / "orders" / f"{DAY}.csv"
        there.parent.mkdir(parents=True)
        there.write_text("whatever", encoding="utf-8")
        words = said_by_failing("quarantine", "release", str(tmp_path / "out.csv"))
        assert f"{DAY}.csv, line 1: the header lacks _file, _line, _raw_sha256" in words
        assert there.read_text(encoding="utf-8") == "whatever"


class TestDiff:
    """What a republication changed."""

    def test_values_are_masked_unless_they_are_asked_for(self, republished: Company) -> None:
        assert republished
        printed = run("diff", "orders", DAY)
        assert "total_amount=99.99" in printed
        assert "customer_id=aaaaa" in printed
        for value in ("98.76", "alice", "Bob"):
            assert value not in printed
        printed = run("diff", "orders", DAY, "--values")
        for words in ("total_amount=10.00", "total_amount=98.76", "customer_id=alice", "customer_id=Bob"):
            assert words in printed

    def test_json_counts_and_lists_them_masked_in_the_same_way(self, republished: Company) -> None:
        assert republished
        found = json.loads(run("diff", "orders", DAY, "--json"))
        assert found["counts"] == {"changed": 2}
        assert [(each["before"], each["after"]) for each in found["records"]] == [
            ({"total_amount": "99.99"}, {"total_amount": "99.99"}),
            ({"customer_id": "aaaaa"}, {"customer_id": "Aaa"}),
        ]
        [first, _] = json.loads(run("diff", "orders", DAY, "--json", "--values"))["records"]
        assert (first["before"], first["after"]) == ({"total_amount": "10.00"}, {"total_amount": "98.76"})

    def test_erased_values_are_said_to_be_erased(self, republished: Company) -> None:
        erase(republished, "update quality.changes set before = null, after = null")
        assert run("diff", "orders", DAY, "--values").count("(erased)") == 4
        assert {each["before"] for each in json.loads(run("diff", "orders", DAY, "--json"))["records"]} == {None}

    def test_a_day_that_was_published_once_has_no_diff(self, mixed: Company) -> None:
        assert mixed
        assert run("diff", "orders", DAY) == f"orders {DAY} was never republished with other content.\n"
        assert json.loads(run("diff", "orders", DAY, "--json")) == {"counts": {}, "records": []}


COMMANDS = (
    ("quarantine", "list", "order"),
    ("quarantine", "show", "order", DAY),
    ("quarantine", "export", "order", DAY),
    ("diff", "order", DAY),
    ("replay", "order", DAY),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_source_that_is_not_there_is_refused_with_those_that_are(mixed: Company, command: tuple[str, ...]) -> None:
    assert mixed
    words = said_by_failing(*command)
    assert "There is no source 'order'. There are: marketing_events, orders, support_tickets." in words


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("command", COMMANDS[:-1], ids=" ".join)
def test_without_a_warehouse_there_is_nothing_to_ask(command: tuple[str, ...]) -> None:
    words = said_by_failing(*(word.replace("order", "orders") for word in command))
    assert "There is no warehouse at" in words
    assert "load a day first" in words


def test_without_a_command_quarantine_says_what_there_is() -> None:
    printed = CliRunner().invoke(app, ["quarantine", "--help"]).stdout
    for command in ("list", "show", "export", "release"):
        assert command in printed


class TestStory:
    """A copy of the project: two days with bad records, one of them held back, are mended and released."""

    @pytest.fixture(scope="class")
    def project(self, tmp_path_factory: pytest.TempPathFactory) -> Project:
        project = copy_project(tmp_path_factory.mktemp("release") / "project")
        land(project, FIRST, *(f"alice,{FIRST} 10:00:00,10.00,paid" for _ in range(9)), f",{FIRST} 11:00:00,5.00,paid")
        land(project, SECOND, f"bob,{SECOND} 10:00:00,1.00,paid", *(f"bob,{SECOND},lots,paid" for _ in range(4)))
        land(project, THIRD, f"alice,{THIRD} 10:00:00,2.00,paid")
        launched = project.run("dg", "launch", "--assets", "orders", "--partition-range", f"{FIRST}...{THIRD}")
        assert f"Held back: {SECOND}" in launched.stdout
        launched = project.run(
            *("dg", "launch", "--assets", "customer_lifetime_value"),
            *("--partition-range", f"{FIRST}...{THIRD}"),
        )
        assert launched.returncode == 0, launched.stdout
        return project

    @pytest.fixture(scope="class")
    def released(self, project: Project) -> list[dict[str, Any]]:
        """What ``release`` says of one file with the mended lines of both days."""
        assert revenue(project) == {(FIRST, "alice"): 90, (SECOND, "alice"): 90, (THIRD, "alice"): 92}
        rows = []
        for day in (FIRST, SECOND):
            command(project, "quarantine", "export", "orders", day, "--out", f"{day}.csv")
            rows += rows_of(project.root / f"{day}.csv")
        assert [row["_line"] for row in rows] == ["11", "3", "4", "5", "6"]
        path = write_rows(project.root / "mended.csv", [row | mended(row) for row in rows])
        said = command(project, "quarantine", "release", str(path), "--json")
        found: list[dict[str, Any]] = json.loads(said[said.index("[\n") :])
        return found

    def test_release_says_what_became_of_each_day(self, released: list[dict[str, Any]]) -> None:
        counts = ("day", "records", "accepted", "quarantined", "released")
        assert [tuple(each[count] for count in counts) for each in released] == [
            (FIRST, 10, 10, 0, 1),
            (SECOND, 5, 4, 1, 3),
        ]

    def test_readers_see_the_mended_orders_and_what_is_derived_from_them(
        self, project: Project, released: list[dict[str, Any]]
    ) -> None:
        assert released
        assert revenue(project) == {
            (FIRST, "alice"): 90,
            (FIRST, "carol"): 5,
            (SECOND, "alice"): 90,
            (SECOND, "bob"): 7,
            (SECOND, "carol"): 5,
            (THIRD, "alice"): 92,
            (THIRD, "bob"): 7,
            (THIRD, "carol"): 5,
        }
        statuses = json.loads(project.ask("status", "--json").stdout)
        states = {(each["dataset"], each["day"]): each["state"] for each in statuses}
        for dataset in ("orders", "customer_lifetime_value"):
            assert {states[dataset, day] for day in (FIRST, SECOND, THIRD)} == {"published"}

    def test_the_diff_is_the_released_record(self, project: Project, released: list[dict[str, Any]]) -> None:
        assert released
        found = json.loads(project.ask("diff", "orders", FIRST, "--json", "--values").stdout)
        assert found["counts"] == {"added": 1}
        assert [(each["key"], each["after"]["customer_id"]) for each in found["records"]] == [(f"{FIRST}-9", "carol")]

    def test_only_the_record_that_was_not_mended_still_stands_there(
        self, project: Project, released: list[dict[str, Any]]
    ) -> None:
        assert released
        [left] = json.loads(project.ask("quarantine", "list", "--json").stdout)
        assert (left["day"], left["column"], left["rule"], left["records"]) == (SECOND, "total_amount", "type", 1)
        [history] = json.loads(project.ask("quarantine", "show", "orders", FIRST, "--released", "--json").stdout)
        assert history["line"] == 11

    def test_the_replay_job_ends_in_the_same(self, project: Project, released: list[dict[str, Any]]) -> None:
        assert released
        before = project.query("select source, delivery_day, content_hash, revision from quality.deliveries order by 2")
        launched = project.run("dg", "launch", "--job", "replay_orders", "--partition", FIRST)
        assert launched.returncode == 0, launched.stdout
        after = project.query("select source, delivery_day, content_hash, revision from quality.deliveries order by 2")
        assert after == before
        [run_id] = {run_id for (run_id,) in project.query(f"{RUNS_OF} '{FIRST}'")}
        assert run_id in launched.stdout

    def test_replay_judges_days_again(self, project: Project, released: list[dict[str, Any]]) -> None:
        assert released
        said = command(project, "replay", "orders", FIRST, SECOND)
        assert f"orders {FIRST}: 10 of 10 records published, 1 of them corrected; 0 set aside." in said
        assert f"orders {SECOND}: 4 of 5 records published, 3 of them corrected; 1 set aside." in said

    def test_days_judged_under_rules_that_changed_since_are_judged_again(
        self, project: Project, released: list[dict[str, Any]]
    ) -> None:
        assert released
        project.declare("orders", policy={"null_tokens": ["", "none"]})
        shutil.rmtree(project.data / "landing" / "orders" / THIRD)
        said = command(project, "replay", "orders", "--outdated")
        assert f"1 days stay as they are, since their deliveries are gone: {THIRD} to {THIRD}." in said
        assert f"Judging orders again, {FIRST} to {SECOND} ..." in said
        [outdated] = [line for line in command(project, "status").splitlines() if "--outdated" in line]
        assert outdated == (
            "1 published days of orders were judged under other rules than today's; "
            "customer-analytics replay orders --outdated judges them again."
        )


FIRST, SECOND, THIRD = "2026-11-01", "2026-11-02", "2026-11-03"
RUNS_OF = "select run_id from quality.deliveries where delivery_day ="


def land(project: Project, day: str, *rows: str) -> None:
    project.land("orders", day, ORDERS_HEADER + "".join(f"{day}-{n},{row}\n" for n, row in enumerate(rows)))


def mended(row: dict[str, str]) -> dict[str, str]:
    """What is right for a row; the last one of the second day stays as it is."""
    if row["_delivery_day"] == FIRST:
        return {"customer_id": "carol"}
    return {} if row["_line"] == "6" else {"total_amount": "2.00"}


def command(project: Project, *arguments: str) -> str:
    result = project.run("customer-analytics", *arguments)
    assert result.returncode == 0, result.stdout
    return result.stdout


def revenue(project: Project) -> dict[tuple[str, str], Decimal]:
    """By day and customer, as readers see it."""
    rows = project.query(
        "select as_of_date::varchar, customer_id, total_revenue from marts.customer_lifetime_value", "serving.duckdb"
    )
    return {(day, customer): total for day, customer, total in rows}
