"""The harness of benchmarks/speed: made-up files are what they say, and ratios are told apart from noise."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from benchmarks.speed.data import Shape, generate
from benchmarks.speed.measuring import (
    Contender,
    ContenderFailedError,
    Figure,
    Result,
    Skipped,
    alternate,
    figure,
    run,
    take_turns,
)
from benchmarks.speed.report import Measured, read, store, together, worse
from benchmarks.speed.sources import shipped_source
from benchmarks.speed.whole_job import differences
from customer_analytics_tests.scenario import Scene, scene

__all__ = ["scene"]

Format = Literal["csv", "jsonl", "parquet"]

SHAPE = Shape(orders=200, days=1, customers=50, tickets=100, events=100, bad_share=0.1)
RESULT = Result("a room", "a day", Figure(3.0), "the limit", Figure(2.0), goal=1.6)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def python(code: str) -> Contender:
    return Contender("one", [sys.executable, "-c", code])


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_a_shape_always_gives_the_same_bytes(tmp_path: Path, file_format: Format) -> None:
    shape = replace(SHAPE, format=file_format, days=3)
    generate(tmp_path / "once", shape)
    generate(tmp_path / "again", shape)
    generate(tmp_path / "otherwise", replace(shape, seed=2))
    assert content(tmp_path / "once") == content(tmp_path / "again")
    assert content(tmp_path / "once") != content(tmp_path / "otherwise")
    assert len(content(tmp_path / "once")) == 3 * 3 * 2


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_made_up_files_are_published_and_their_bad_records_are_set_aside(scene: Scene, file_format: Format) -> None:
    shape = replace(SHAPE, format=file_format)
    generate(scene.root, shape)
    for name, records in shape.records().items():
        [report] = scene.load(shipped_source(name), shape.last_day)
        ledger = scene.ledger(shipped_source(name), shape.last_day)
        assert report.state == "published", report.message
        assert ledger is not None
        assert ledger["records"] == records
        assert 0.04 < ledger["quarantined"] / records < 0.2
    # Each has one defect; an amount that is none is missing from Parquet.
    assert scene.column("select max(len(reasons)) from quality.quarantine") == [1]
    rules = set(scene.column("select reasons[1].rule from quality.quarantine"))
    assert rules == {"not_null", "isin", "unique"} | (set() if file_format == "parquet" else {"type"})


def test_without_a_bad_share_every_record_is_good(scene: Scene) -> None:
    generate(scene.root, replace(SHAPE, tickets=0, events=0, bad_share=0))
    [report] = scene.load(shipped_source("orders"), SHAPE.last_day)
    assert [check.check for check in report.checks if check.blocks] == []
    assert scene.column("select count(*) from sources.orders") == [200]


def test_records_are_spread_over_the_days(tmp_path: Path) -> None:
    generate(tmp_path, replace(SHAPE, orders=10, days=4, tickets=0, events=0))
    lines = [len(path.read_text().splitlines()) - 1 for path in sorted(tmp_path.rglob("*.csv"))]
    assert lines == [2, 3, 2, 3]


def test_the_seconds_that_a_command_prints_are_those_of_its_own_work() -> None:
    of_its_own = run(python("print('loading'); print('{\"seconds\": 0.25, \"rows\": 7}')"))
    assert (of_its_own.seconds, of_its_own.said["rows"]) == (0.25, 7)
    assert run(python("print('done')")).seconds > 0


def test_memory_of_what_a_command_starts_counts() -> None:
    hungry = "import time; kept = bytearray(200_000_000); time.sleep(0.2)"
    peak = run(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hungry!r}])")).peak_mb
    assert 200 < peak < 400 or not Path("/proc").is_dir()


def test_a_command_that_fails_says_why_in_its_last_line() -> None:
    with pytest.raises(ContenderFailedError, match="one: ZeroDivisionError: division by zero"):
        run(python("1 / 0"))


def test_commands_take_turns(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    diary.touch()
    words = [replace(python(f"open({str(diary)!r}, 'a').write({name!r})"), name=name) for name in "ab"]
    runs = take_turns(words, 2)
    assert diary.read_text() == "abab"
    assert [len(each) for each in runs.values()] == [2, 2]


def test_figures_are_medians_with_the_range_of_their_rounds() -> None:
    assert figure([4.0, 1.0, 2.0], 7.0) == Figure(2.0, 7.0, spread=1.5)
    constant = alternate([python("print('{\"seconds\": 0.5}')")], 2)["one"]
    assert (constant.value, constant.spread) == (0.5, 0.0)


def test_a_ratio_is_held_against_its_goal() -> None:
    assert RESULT.ratio == 1.5
    assert RESULT.meets_goal
    assert not replace(RESULT, goal=1.4).meets_goal
    assert replace(RESULT, goal=1.4, higher_is_better=True).meets_goal
    assert replace(RESULT, goal=None).meets_goal


def test_a_ratio_is_worse_only_beyond_the_noise() -> None:
    slower = replace(RESULT, ours=Figure(3.6))
    assert list(worse([RESULT], [slower])) == ["a room, a day: 1.80, stored 1.50, noise 10%"]
    assert not list(worse([RESULT], [replace(RESULT, ours=Figure(3.2))]))
    assert not list(worse([RESULT], [replace(slower, theirs=Figure(2.0, spread=0.3))]))
    assert not list(worse([slower], [RESULT]))
    assert not list(worse([], [slower]))


def test_where_more_is_better_less_is_worse() -> None:
    throughput = replace(RESULT, higher_is_better=True)
    assert list(worse([throughput], [replace(throughput, ours=Figure(2.0))]))
    assert not list(worse([throughput], [replace(throughput, ours=Figure(4.0))]))


def test_what_is_stored_is_read_again_with_the_rooms_that_a_run_left_out(tmp_path: Path) -> None:
    other = replace(RESULT, room="another room")
    store(tmp_path, Measured("small", "a machine", [RESULT, other], [Skipped("a room", "a peer", "no network")]))
    faster = replace(RESULT, ours=Figure(1.0))
    store(tmp_path, together(read(tmp_path, "small"), Measured("small", "a machine", [faster])))
    assert read(tmp_path, "small") == Measured("small", "a machine", [other, faster], [])
    assert "a room: a day | 1 s | the limit | 2 s | 0.50 | <= 1.6" in (tmp_path / "speed.md").read_text()
    assert (tmp_path / "speed.png").stat().st_size > 0


def test_contenders_must_get_the_same_totals() -> None:
    ours = {"accepted": 90, "quarantined": 10, "revenue": "5.00", "clv": 1_000_000, "rules": {"isin": 10}}
    assert differences(ours | {"clv": 1_000_001}, ours) == []
    assert differences({"records": 100}, ours) == []
    assert differences({"records": 99}, ours) == ["records: 99, not 100"]
    assert differences(ours | {"accepted": 89, "clv": 1_000_002}, ours) == [
        "accepted: 89, not 90",
        "clv: 1000002, not 1000000",
    ]
    assert differences({}, {"at_risk": 1}) == ["at_risk: None, not 1"]
