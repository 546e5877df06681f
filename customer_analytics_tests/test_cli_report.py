"""The commands ``report`` and ``uplift``: they read the snapshot, and say where things are and what is missing."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.reporting.health.scenario import TODAY, a_company
from customer_analytics_tests.test_cli import run, said_by_failing


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CUSTOMER_ANALYTICS_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a company with all that a page can show."""
    serving = tmp_path_factory.mktemp("company") / "serving.duckdb"
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        a_company(connection)
        refresh_serving(connection, serving)
    return serving


@pytest.fixture
def company(data: Path, snapshot: Path) -> Path:
    """With a snapshot of its own."""
    shutil.copyfile(snapshot, data / snapshot.name)
    return data


def test_the_latest_days_page_and_list_are_written_and_named(company: Path) -> None:
    page, calls = run("report").split("\n")[:2]
    assert Path(page) == company / "reports" / f"customer_health_{TODAY}.html"
    assert Path(calls) == company / "exports" / f"at_risk_{TODAY}.csv"
    assert Path(page).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert Path(calls).read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_day_can_be_named_and_the_answer_be_json(company: Path) -> None:
    answer = json.loads(run("report", "2024-08-20", "--ui-url", "https://ui.example/", "--json"))
    assert answer["day"] == "2024-08-20"
    assert "https://ui.example/assets/orders" in Path(answer["report"]).read_text(encoding="utf-8")
    assert answer["cautions"] == []
    assert Path(answer["call_list"]).exists()


def test_cautions_are_told_on_the_terminal_too(company: Path) -> None:
    assert "orders: this day was not delivered" in run("report", "2024-08-28")


def test_uplift_is_told_in_words_and_as_json(company: Path) -> None:
    said = run("uplift", "--since", "2024-08-01", "--until", "2024-08-10", "--horizon", "5")
    assert "Nothing can be told: nobody entered the list in this period." in said
    answer = json.loads(run("uplift", "--since", "2024-08-17", "--until", "2024-08-18", "--horizon", "5", "--json"))
    assert (answer["since"], answer["horizon_days"], answer["verdict"]) == ("2024-08-17", 5, "cannot_tell")
    assert answer["called"]["customers"] == 3


def test_without_a_snapshot_both_say_what_to_do(data: Path) -> None:
    for command in ("report", "uplift"):
        assert "There is no snapshot" in said_by_failing(command)


def test_a_snapshot_without_a_whole_day_asks_for_a_day(data: Path) -> None:
    with duckdb.connect(str(data / "serving.duckdb")) as connection:
        migrate(connection)
    assert "name one" in said_by_failing("report")
    assert run("report", "2024-08-20")


def test_wrong_arguments_are_explained(company: Path) -> None:
    assert "http://" in said_by_failing("report", "--ui-url", "ftp://here")
    assert "no period" in said_by_failing("uplift", "--since", "2024-08-02", "--until", "2024-08-01")


def test_a_folder_that_cannot_be_written_is_named(company: Path) -> None:
    (company / "reports").write_text("this is no folder", encoding="utf-8")
    assert "cannot be written" in said_by_failing("report")
