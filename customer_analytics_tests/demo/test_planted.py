"""Planted defects: exactly those announced are in the files, and none makes more than its own record bad."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from customer_analytics.demo.days import Today
from customer_analytics.demo.defects import DEFECTS, defects_on
from customer_analytics.demo.land import land_demo
from customer_analytics.demo.records import SOURCES, Source
from customer_analytics.demo.simulation import SimulatedDay
from customer_analytics_tests.demo.conftest import DAYS, FIRST_DAY
from customer_analytics_tests.demo.strict_reader import content, verdicts

IGNORED = {"blank line"}
ACCEPTED = {
    "byte order mark and CRLF",
    "header in another order and case",
    "line break in text",
    "markup in text",
    "no final newline",
    "spreadsheet formula in text",
}


@dataclass(frozen=True)
class Plant:
    """How many raw records a kind adds to a delivery: one row or line each, 0 where it only reshapes the files."""

    source: Source
    day: date
    kind: str
    records: int

    @property
    def outcome(self) -> str:
        """Where an id is repeated, the earlier record is good and stays; the planted one is quarantined."""
        if self.kind in IGNORED:
            return "ignored"
        return "accepted" if self.kind in ACCEPTED else "quarantined"


def planted(first_day: date, days: int) -> Iterator[Plant]:
    """What is planted in those days; the seed makes no difference to it."""
    for index in range(days):
        today = Today(index, first_day + timedelta(days=index))
        for source in SOURCES:
            for defect, times in Counter(defects_on(source, today)).items():
                yield Plant(source, today.date, defect.kind, times if defect.spoil else 0)


def announced(first_day: date, source: Source, day: date) -> Counter[str]:
    total: Counter[str] = Counter()
    for plant in planted(first_day, DAYS):
        if (plant.source, plant.day) == (source, day):
            total[plant.outcome] += plant.records
    return total


@pytest.mark.parametrize("source", SOURCES)
def test_each_day_has_its_good_records_and_the_announced_bad_and_blank_ones(
    source: Source, landing: Path, company: list[SimulatedDay]
) -> None:
    for simulated in company:
        day = simulated.today.date
        plants = announced(FIRST_DAY, source, day)
        assert verdicts(landing / source / day.isoformat()) == {
            "good": len(simulated.rows(source)) + plants["accepted"],
            "bad": plants["quarantined"],
            "blank": plants["ignored"],
        }, f"{source} {day}"


def test_every_kind_is_planted_within_ninety_days() -> None:
    found = {(plant.source, plant.kind) for plant in planted(FIRST_DAY, DAYS)}
    assert found == {(defect.source, defect.kind) for defect in DEFECTS}


def test_kinds_have_one_name_and_one_way_of_working() -> None:
    assert len({(defect.source, defect.kind) for defect in DEFECTS}) == len(DEFECTS)
    assert all((defect.spoil is None) != (defect.reshape is None) for defect in DEFECTS)


@pytest.mark.parametrize("first_day", [date(2026, 8, 23) + timedelta(days=shift) for shift in range(7)])
def test_on_whatever_weekday_the_demo_begins_eight_days_have_defects_and_bad_records_stay_rare(
    first_day: date, tmp_path: Path
) -> None:
    list(land_demo(tmp_path, first_day, DAYS, seed=7))
    for source in SOURCES:
        days = {plant.day for plant in planted(first_day, DAYS) if plant.source == source}
        assert len(days) == 8
        for day in days:
            found = verdicts(tmp_path / source / day.isoformat())
            assert found["bad"] == announced(first_day, source, day)["quarantined"]
            assert found["bad"] < 0.15 * (found["good"] + found["bad"]), f"{source} {day}"


def test_defects_come_back_after_ninety_days() -> None:
    kinds = Counter(plant.kind for plant in planted(FIRST_DAY, DAYS))
    assert Counter(plant.kind for plant in planted(FIRST_DAY, 2 * DAYS)) == kinds + kinds


@pytest.mark.parametrize(
    ("source", "kind", "trace"),
    [
        ("orders", "amount with a decimal comma", b'"1,50"'),
        ("orders", "byte order mark and CRLF", b"\xef\xbb\xbforder_id,customer_id,order_date,total_amount,status\r\n"),
        ("orders", "header in another order and case", b"STATUS,TOTAL_AMOUNT,ORDER_DATE,CUSTOMER_ID,ORDER_ID\n"),
        ("orders", "NUL byte", b"\x00"),
        ("orders", "invalid UTF-8", b"\xff"),
        ("orders", "year 290000", b"290000-01-01T00:00:00Z"),
        ("support_tickets", "lone surrogate", b"C\\ud800"),
        ("support_tickets", "line break in text", b"delivery\\n(see photo)"),
        ("support_tickets", "NUL character", b"\\u0000"),
        ("marketing_events", "two objects on a line", b"} {"),
    ],
)
def test_a_kind_can_be_found_in_the_bytes(source: Source, kind: str, trace: bytes, landing: Path) -> None:
    days = {plant.day for plant in planted(FIRST_DAY, DAYS) if (plant.source, plant.kind) == (source, kind)}
    for day in days:
        files = [path for path in (landing / source / day.isoformat()).iterdir() if path.suffix != ".parquet"]
        assert any(trace in content(path) for path in files), f"{source} {day}"


def test_the_trailer_ends_its_file(landing: Path) -> None:
    days = [plant.day for plant in planted(FIRST_DAY, DAYS) if plant.kind == "TOTAL trailer"]
    assert len(days) == 2
    for day in days:
        last_file = max((landing / "orders" / day.isoformat()).glob("orders*"))
        assert content(last_file).splitlines()[-1].startswith(b"TOTAL,")
