"""A contract may call its columns as it likes: no name is taken by what the project's own SQL calls things."""

import csv
import json
import re
from pathlib import Path

import pytest

from customer_analytics.contracts.contract import is_column_name
from customer_analytics.contracts.source import Source
from customer_analytics.landing.folder import LandingArea
from customer_analytics.reporting.corrections import add_corrections, days_in, export_quarantine, plan_corrections
from customer_analytics.reporting.quarantine import read_quarantine
from customer_analytics_tests.contracts.models import KEY, PromisedColumn, promise, text, whole
from customer_analytics_tests.scenario import DAY, LATER, LENIENT, NEXT_DAY, Scene

PACKAGE = Path(__file__).parents[2] / "customer_analytics"
CODE = "".join(
    path.read_text() for room in ("quality", "warehouse", "landing") for path in (PACKAGE / room).rglob("*.py")
)
# What SQL of the project gives a name to; what it reads in lists and in DuckDB itself.
OURS = sorted(
    {word for word in re.findall(r"\b(?:as|lambda) ([a-z][a-z0-9_]*)\b", CODE) if is_column_name(word)}
    | {"column", "entry", "max", "message", "min", "raw", "raw_sha256", "reason", "reasons", "rowid", "rule"}
)


def source_with(columns: dict[str, PromisedColumn]) -> Source:
    return Source("things", promise(columns), LENIENT)


def csv_of(*rows: dict[str, str]) -> str:
    return "".join(",".join(line) + "\n" for line in ([*rows[0]], *([*row.values()] for row in rows)))


def assert_goes_all_the_way(scene: Scene, source: Source, good: dict[str, str], key: str, number: str) -> None:
    """Good, bad and repeated records, within a day and across days; one is corrected, and a day is delivered again."""
    again, bad, other = good | {key: "A"}, good | {key: "B", number: "many"}, good | {key: "C"}
    good |= {key: "A"}
    assert scene.deliver(source, csv_of(good, again, bad)).state == "published"
    later = {"more.jsonl": json.dumps(good) + "\n" + json.dumps(other) + "\n"}
    assert scene.deliver(source, later, NEXT_DAY).state == "published"
    published = f'select "{key}", delivery_day from sources.things order by 1'
    assert scene.all(published) == [("A", DAY), ("C", NEXT_DAY)]

    area, path = LandingArea(scene.root), scene.folder / "export.csv"
    held = read_quarantine(scene.connection, area, source, DAY)
    assert [record.line for record in held] == [3, 4]
    export_quarantine(path, source, held)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[2][rows[0].index(number)] = "7"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    assert days_in(path, ["things"]) == [("things", DAY)]
    add_corrections(area.corrections_file("things", DAY), source, plan_corrections(path, source, DAY, held))
    scene.load(source, DAY, run_id="run-2", now=LATER)
    assert scene.all(published) == [("A", DAY), ("B", DAY), ("C", NEXT_DAY)]
    assert scene.column(f'select "{number}" from sources.things where "{key}" = \'B\'') == [7]


def test_every_name_of_ours_can_be_a_column(scene: Scene) -> None:
    assert {"line", "file", "reason", "source", "day", "kept", "cells"} <= set(OURS)
    source = source_with({name: text(nullable=True) for name in OURS} | {"amount_of_it": whole()})
    good = dict.fromkeys(OURS, "x") | {"thing_id": "", "made_at": f"{DAY} 09:00:00", "amount_of_it": "1"}
    assert_goes_all_the_way(scene, source, good, "thing_id", "amount_of_it")


@pytest.mark.parametrize("key", ["day", "key", "line", "file", "owner", "value", "hash", "lowest", "source", "cells"])
def test_a_key_may_have_such_a_name_too(scene: Scene, key: str) -> None:
    source = source_with({"thing_id": text(), key: KEY, "number": whole()})
    good = {"thing_id": "x", key: "", "made_at": f"{DAY} 09:00:00", "number": "1"}
    assert_goes_all_the_way(scene, source, good, key, "number")
