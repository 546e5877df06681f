"""The command line: where every day stands, what depends on what, whether all is well, and the demo."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from customer_analytics.cli import app
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.warehouse.schema import migrations
from customer_analytics_tests.components.conftest import Company
from customer_analytics_tests.end_to_end.project import Project, copy_project, held_open

# The days that the company looks after; the first is a Sunday.
FIRST, LAST = "2026-11-01", "2026-11-10"


def run(*arguments: str) -> str:
    """What a command that succeeds prints."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def said_by_failing(*arguments: str) -> str:
    """What a command that ends with code 1 says, on both channels, on one line."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1, result.output
    return " ".join(result.output.split())


def states(dataset: str) -> dict[str, str]:
    """By day, where it stands, without the days of which nothing is known."""
    listed = json.loads(run("status", "--json"))
    return {each["day"]: each["state"] for each in listed if each["dataset"] == dataset and each["state"] != "missing"}


def findings(*arguments: str) -> dict[str, tuple[str, str]]:
    """What the doctor says, by subject."""
    result = CliRunner().invoke(app, ("doctor", "--json", *arguments))
    listed = json.loads(result.stdout)
    assert result.exit_code == int(any(each["verdict"] == "error" for each in listed))
    return {each["subject"]: (each["verdict"], each["words"]) for each in listed}


def test_without_a_command_it_says_what_there_is() -> None:
    printed = CliRunner().invoke(app, ["--help"]).stdout
    for command in ("demo", "status", "impact", "doctor"):
        assert command in printed


def options(command: Any, *names: str) -> Iterator[tuple[str, set[str]]]:
    """The options of a command, or of each below a group, by what is typed for it."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(names), {option for parameter in command.params for option in parameter.opts}
    for name, each in (below or {}).items():
        yield from options(each, *names, name)


def test_every_command_speaks_json() -> None:
    known = dict(options(get_command(app)))
    assert {"upgrade", "quarantine export", "contract diff"} <= set(known)
    assert [command for command, its in known.items() if "--json" not in its] == []


def test_an_upgrade_says_which_version_the_warehouse_has(company: Company) -> None:
    newest = max(migrations())
    path = company.data / "warehouse.duckdb"
    assert "There is no warehouse at" in said_by_failing("upgrade")
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    (company.data / "serving.duckdb").unlink()
    verdict, words = findings()["snapshot"]
    assert verdict == "warning"
    assert "`customer-analytics upgrade` makes it, and so does the next run" in words
    assert json.loads(run("upgrade", "--json")) == {"warehouse": str(path), "version": newest}
    assert run("upgrade") == f"{path} has version {newest}.\n"
    assert (company.data / "serving.duckdb").exists()


def test_in_a_new_folder_every_day_of_every_dataset_is_missing(company: Company) -> None:
    listed = json.loads(run("status", "--json"))
    assert {each["state"] for each in listed} == {"missing"}
    datasets = {"orders", "support_tickets", "marketing_events", *DERIVED_ASSETS}
    assert {each["dataset"] for each in listed} == datasets
    assert sorted({each["day"] for each in listed}) == [f"2026-11-{day:02}" for day in range(1, 11)]
    assert not company.data.exists()


def test_status_says_what_is_landed_held_back_published_and_stale(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02", "2026-11-04")
    company.land_bad_orders("2026-11-03")
    assert set(states("orders").values()) == {"landed"}
    company.materialize("orders", days=("2026-11-01", "2026-11-03"))
    assert states("orders") == {
        "2026-11-01": "published",
        "2026-11-02": "published",
        "2026-11-03": "held_back",
        "2026-11-04": "landed",
    }
    company.materialize("customer_lifetime_value", days=("2026-11-01", "2026-11-02"))
    assert states("customer_lifetime_value") == {"2026-11-01": "published", "2026-11-02": "published"}
    company.land_orders("2026-11-02", "alice,2026-11-02,99.00,paid")
    company.materialize("orders", day="2026-11-02")
    assert states("customer_lifetime_value") == {"2026-11-01": "published", "2026-11-02": "stale"}


def test_days_whose_files_were_put_back_from_a_backup_are_still_published(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    os.utime(company.data / "landing/orders/2026-11-01/delivery.csv", (1, 1))
    assert states("orders") == {"2026-11-01": "published"}
    company.land_good_orders("2026-11-01")
    assert states("orders") == {"2026-11-01": "published"}
    company.land_orders("2026-11-01", "alice,2026-11-01,99.00,paid")
    assert states("orders") == {"2026-11-01": "landed"}


def test_status_says_how_many_records_were_accepted_and_which_checks_did_not_pass(company: Company) -> None:
    company.land_orders("2026-11-01", "alice,2026-11-01,1.00,paid", ",2026-11-01,2.00,paid")
    company.land_bad_orders("2026-11-02")
    company.materialize("orders", days=("2026-11-01", "2026-11-02"))
    days = {each["day"]: each for each in json.loads(run("status", "--json")) if each["dataset"] == "orders"}
    good, bad = days["2026-11-01"], days["2026-11-02"]
    assert (good["records"], good["accepted"], good["quarantined"]) == (2, 1, 1)
    assert (good["warned_checks"], good["failed_checks"]) == (["nulls", "quality_score", "quarantine_rate"], [])
    assert (bad["records"], bad["failed_checks"]) == (None, ["nulls", "quarantine_rate"])


def test_status_prints_the_latest_days_and_counts_all(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customer_analytics.cli.common.console.width", 200, raising=False)
    company.land_good_orders("2026-11-09", "2026-11-10")
    printed = run("status", "--days", "2")
    assert "2026-11-09" in printed
    assert "2026-11-08" not in printed
    assert "orders: 8 missing, 2 landed" in printed


def test_while_a_run_writes_status_says_who_has_the_warehouse_and_what_was_published_before(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", "customer_lifetime_value", day="2026-11-01")
    company.land_good_orders("2026-11-02")
    before = run("status", "--json")
    with held_open(company.data / "warehouse.duckdb") as holder:
        result = CliRunner().invoke(app, ["status", "--json"])
    assert result.stdout == before
    assert f"(PID {holder.pid}). This is what was published before." in " ".join(result.stderr.split())


def test_a_command_that_needs_the_warehouse_waits_for_a_writer_and_says_for_whom(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    with held_open(company.data / "warehouse.duckdb") as holder:
        threading.Timer(1, holder.kill).start()
        result = CliRunner().invoke(app, ["quarantine", "list"])
        assert result.exit_code == 0
    assert f"(PID {holder.pid}). Waiting; giving up in 5 s." in " ".join(result.stderr.split())
    monkeypatch.setenv("CUSTOMER_ANALYTICS_LOCK_TIMEOUT_SECONDS", "0.2")
    with held_open(company.data / "warehouse.duckdb"):
        assert "The warehouse is in use by another program" in said_by_failing("quarantine", "list")


@pytest.mark.usefixtures("company")
def test_a_changed_day_of_orders_changes_customer_value_from_then_on() -> None:
    effects = json.loads(run("impact", "orders", "2026-11-04", "--json"))
    assert [each["asset"] for each in effects] == list(DERIVED_ASSETS)
    [effect] = [each for each in effects if each["asset"] == "customer_lifetime_value"]
    assert (effect["asset"], effect["first_day"], effect["last_day"]) == (
        "customer_lifetime_value",
        "2026-11-04",
        LAST,
    )
    assert {"total_revenue", "order_count", "estimated_clv"} <= set(effect["columns"])
    assert "as_of_date" not in effect["columns"]


@pytest.mark.usefixtures("company")
def test_a_changed_day_of_tickets_changes_all_but_customer_value_from_then_on() -> None:
    effects = json.loads(run("impact", "support_tickets", "2026-11-04", "--json"))
    found = {each["asset"]: (each["first_day"], each["last_day"]) for each in effects}
    assert found == dict.fromkeys(DERIVED_ASSETS.keys() - {"customer_lifetime_value"}, ("2026-11-04", LAST))


@pytest.mark.usefixtures("company")
def test_impact_of_what_nothing_depends_on_is_nothing() -> None:
    assert "Nothing that is derived depends on" in run("impact", "at_risk_customers", "2026-11-10")
    assert json.loads(run("impact", "at_risk_customers", "2026-11-10", "--json")) == []


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("command", ["impact", "replay"])
def test_a_day_that_is_not_looked_after_is_refused_with_those_that_are(command: str) -> None:
    words = said_by_failing(command, "orders", "2026-11-11")
    assert words == "2026-11-11 is none of the days that are looked after. They go from 2026-11-01 to 2026-11-10."


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((), "Say which days: one, or the first and the last one, or --outdated."),
        (("2026-11-04", "--outdated"), "Say which days: one, or the first and the last one, or --outdated."),
        (("2026-11-04", "2026-11-03"), "2026-11-03 is before 2026-11-04: the first day comes first."),
        (("2026-11-09", "2026-11-11"), "2026-11-11 is none of the days that are looked after."),
    ],
)
def test_a_replay_of_no_known_days_is_refused(days: tuple[str, ...], words: str) -> None:
    assert words in said_by_failing("replay", "orders", *days)


def test_where_no_rule_has_changed_nothing_is_judged_again(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    result = CliRunner().invoke(app, ["replay", "orders", "--outdated", "--json"])
    assert json.loads(result.stdout) == []
    assert "Every published day of orders was judged under today's rules." in result.stderr


@pytest.mark.usefixtures("company")
def test_an_asset_that_is_not_there_is_refused_with_those_that_are() -> None:
    words = said_by_failing("impact", "order", "2026-11-04")
    assert "There is no asset 'order'. There are: marketing_events, orders, support_tickets," in words


@pytest.mark.usefixtures("company")
def test_a_day_that_is_none_is_refused() -> None:
    result = CliRunner().invoke(app, ["impact", "orders", "2026-11-31"])
    assert result.exit_code == 2
    assert "2026-11-31" in result.output


def test_the_doctor_finds_a_new_folder_sane(company: Company) -> None:
    found = findings()
    assert {verdict for verdict, _ in found.values()} <= {"ok", "warning"}
    assert found["definitions"] == ("ok", "sources: marketing_events, orders, support_tickets")
    assert found["packages"][0] == "ok"
    assert found["warehouse"] == ("ok", "none yet; the first run makes it")
    assert found["landing"][0] == "warning"
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    found = findings()
    assert found["landing"] == ("ok", "orders: 1 days")
    assert found["warehouse"][0] == "ok"
    assert "nobody writes" in found["lock"][1]


@pytest.mark.usefixtures("company")
def test_settings_may_stand_in_a_file_and_what_is_set_already_counts_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ("CUSTOMER_ANALYTICS_START_DATE=2026-11-05", "CUSTOMER_ANALYTICS_END_DATE=2026-11-07")
    (tmp_path / ".env").write_text("\n".join(settings), encoding="utf-8")
    monkeypatch.setattr("customer_analytics.cli.PROJECT_ROOT", tmp_path)
    monkeypatch.delenv("CUSTOMER_ANALYTICS_END_DATE")
    days = sorted({each["day"] for each in json.loads(run("status", "--json"))})
    assert days == [f"2026-11-0{day}" for day in range(1, 7)]


def test_what_the_machine_refuses_ends_a_command_in_words(company: Company) -> None:
    company.data.mkdir(parents=True)
    (company.data / "alerts.sqlite").mkdir()
    assert said_by_failing("incidents") == f"{company.data / 'alerts.sqlite'}: Is a directory."
    (company.data / "replay.log").mkdir()
    assert said_by_failing("replay", "orders", "2026-11-01").endswith(f"{company.data / 'replay.log'}: Is a directory.")


@pytest.mark.usefixtures("company")
def test_the_doctor_names_a_setting_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_ANALYTICS_LOCK_TIMEOUT_SECONDS", "soon")
    verdict, words = findings()["settings"]
    assert verdict == "error"
    assert "CUSTOMER_ANALYTICS_LOCK_TIMEOUT_SECONDS" in words


def test_the_doctor_names_a_warehouse_of_a_newer_version(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    with duckdb.connect(str(company.data / "warehouse.duckdb")) as connection:
        connection.execute("insert into main.warehouse_version values (999, now()::timestamp)")
    verdict, words = findings()["warehouse"]
    assert verdict == "error"
    assert "schema version 999" in words
    assert "schema version 999" in said_by_failing("status")


def test_the_doctor_names_a_folder_that_cannot_be_written(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert company
    (tmp_path / "file").touch()
    monkeypatch.setenv("CUSTOMER_ANALYTICS_DATA_DIR", str(tmp_path / "file" / "data"))
    verdict, words = findings()["data folder"]
    assert verdict == "error"
    assert str(tmp_path / "file" / "data") in words
    monkeypatch.setenv("CUSTOMER_ANALYTICS_DATA_DIR", "/sys")
    assert findings()["lock"][0] == "error"


def test_where_it_cannot_be_seen_what_has_landed_commands_say_so(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    (company.data / "landing").rename(company.data / "elsewhere")
    (company.data / "landing").symlink_to("x" * 300)
    verdict, words = findings()["landing"]
    assert verdict == "error"
    assert f"{company.data}/landing cannot be read: File name too long" in words
    for command in ("status", "demo"):
        assert "cannot be read: File name too long" in said_by_failing(command)


def test_the_doctor_warns_while_someone_has_the_warehouse_open(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    with held_open(company.data / "warehouse.duckdb"):
        verdict, words = findings()["warehouse"]
    assert verdict == "warning"
    assert "in use by another program" in words


class TestDemo:
    """Five demo days, in a copy of the project; the demo always ends yesterday."""

    @pytest.fixture(scope="class")
    def project(self, tmp_path_factory: pytest.TempPathFactory) -> Project:
        return copy_project(tmp_path_factory.mktemp("demo") / "project")

    @pytest.fixture(scope="class")
    def first(self, project: Project) -> dict[str, Any]:
        """What the first run prints."""
        printed = demo(project, "--json")
        summary: dict[str, Any] = json.loads(printed[printed.index("{\n") :])
        return summary

    def test_it_lands_materializes_and_sums_up_five_days(self, project: Project, first: dict[str, Any]) -> None:
        assert first["as_of_date"] == str(last_day(project))
        assert [source["source"] for source in first["sources"]] == ["marketing_events", "orders", "support_tickets"]
        for source in first["sources"]:
            assert source["days"] == 5
            assert source["records"] == source["accepted"] + source["quarantined"] + source["ignored"]
            counted = f"select count(*) from sources.{source['source']}"
            assert project.query(counted, "serving.duckdb") == [(source["accepted"],)]
        query = "select count(*), sum(estimated_clv)::varchar from marts.customer_lifetime_value where as_of_date = "
        [(customers, total)] = project.query(f"{query}'{first['as_of_date']}'", "serving.duckdb")
        assert (first["customers"], first["total_clv"]) == (customers, total)
        assert customers > 0

    def test_run_again_it_changes_nothing_and_runs_nothing(self, project: Project, first: dict[str, Any]) -> None:
        before, log = tables(project.serving), (project.data / "demo.log").stat().st_mtime_ns
        printed = demo(project)
        assert f"{first['customers']:,} customers are worth" in printed
        assert tables(project.serving) == before
        assert (project.data / "demo.log").stat().st_mtime_ns == log

    def test_a_demo_that_was_begun_goes_on_with_its_own_days(self, project: Project, first: dict[str, Any]) -> None:
        assert first
        landed = set((project.data / "landing").glob("*/*"))
        assert len({folder.name for folder in landed}) >= 5
        demo(project, "--days", "8")
        earliest = min(folder.name for folder in landed)
        assert landed <= set((project.data / "landing").glob("*/*"))
        assert min(folder.name for folder in (project.data / "landing").glob("*/*")) == earliest


def demo(project: Project, *arguments: str) -> str:
    """Without set days, as a newcomer has it."""
    result = project.run(
        "customer-analytics",
        *("demo", "--days", "5", *arguments),
        CUSTOMER_ANALYTICS_START_DATE=None,
        CUSTOMER_ANALYTICS_END_DATE=None,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def last_day(project: Project) -> date:
    """The last landed day; it was yesterday when the demo ran."""
    day = date.fromisoformat(max(folder.name for folder in (project.data / "landing" / "orders").iterdir()))
    assert 1 <= (datetime.now(UTC).date() - day).days <= 2
    return day


def tables(database: Path) -> dict[str, str]:
    """The content of every table, hashed."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        return {
            name: hashlib.sha256(repr(connection.execute(f"from {name} order by all").fetchall()).encode()).hexdigest()
            for (name,) in names
        }
