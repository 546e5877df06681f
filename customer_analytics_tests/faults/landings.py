"""Faults of the landing area, and clocks that change or are wrong."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from customer_analytics.contracts.schedule import DeliverySchedule
from customer_analytics.landing.folder import FLAG
from customer_analytics_tests.faults.automation import MORNING, asked, land
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import Desk


def _landing(desk: Desk, outcome: Outcome, spoil: Callable[[Path], object]) -> None:
    """A good day has landed; beside it, or to it, something happens."""
    spoil(land(desk))
    assert asked(desk, "orders_flag") == (outcome == "goes_on")
    desk.begin()
    found = desk.look(MORNING + timedelta(seconds=30))
    assert found.notes == []
    assert desk.told() == (outcome == "told_once")


def _moved_away(folder: Path, parents: int) -> None:
    place = [folder, *folder.parents][parents]
    place.rename(place.with_name("away"))


def _a_file_instead(folder: Path, parents: int) -> None:
    place = [folder, *folder.parents][parents]
    _moved_away(folder, parents)
    place.write_text("")


def _beside(folder: Path, name: str) -> None:
    (folder.parent / name).mkdir()
    (folder.parent / name / FLAG).touch()


def _flag_is(folder: Path, make: Callable[[Path], object]) -> None:
    (folder / FLAG).unlink()
    make(folder / FLAG)


def _dated(folder: Path, moment: datetime) -> None:
    for path in folder.iterdir():
        os.utime(path, (moment.timestamp(), moment.timestamp()))


LANDINGS: Mapping[str, tuple[Outcome, Callable[[Path], object]]] = {
    "nothing is wrong": ("goes_on", lambda _: None),
    "all of it is gone": ("told_once", partial(_moved_away, parents=2)),
    "the source's folder is gone": ("told_once", partial(_moved_away, parents=1)),
    "the day's folder is gone": ("told_once", partial(_moved_away, parents=0)),
    "a file is in its place": ("told_once", partial(_a_file_instead, parents=2)),
    "a file is in the place of the source": ("told_once", partial(_a_file_instead, parents=1)),
    "a file is in the place of the day": ("told_once", partial(_a_file_instead, parents=0)),
    "the flag leads nowhere": ("told_once", partial(_flag_is, make=lambda path: path.symlink_to("nowhere"))),
    "the flag is a folder": ("told_once", partial(_flag_is, make=lambda path: path.mkdir())),
    "a day beside it is none": ("goes_on", partial(_beside, name="2026-13-01")),
    "a folder beside it is hidden": ("goes_on", partial(_beside, name=".2026-11-02")),
    "a day beside it is long ago": ("goes_on", partial(_beside, name="1800-01-01")),
    "a day beside it is to come": ("goes_on", partial(_beside, name="2099-01-01")),
    "its files are of the future": ("goes_on", partial(_dated, moment=datetime(2099, 1, 1, tzinfo=UTC))),
    "its files are of 1970": ("goes_on", partial(_dated, moment=datetime(1970, 1, 2, tzinfo=UTC))),
}
LANDING = [
    Case("landing", fault, outcome, partial(_landing, spoil=spoil)) for fault, (outcome, spoil) in LANDINGS.items()
]


# --- Clocks. ---


def _clock(desk: Desk, _: Outcome, zone: str, day: str, deadline: str, due: str) -> None:
    """A deadline on the day after a change of the clock: not told a moment before, told within a tick."""
    times = DeliverySchedule.model_validate({"expected": "00:00", "deadline": deadline, "timezone": zone})
    desk.watched = replace(desk.watched, timetable=replace(desk.watched.timetable, deliveries={"orders": times}))
    moment = datetime.fromisoformat(f"{due}:00+00:00")
    desk.set(CUSTOMER_ANALYTICS_START_DATE=day)
    desk.look(moment - timedelta(hours=3))
    desk.look(moment)
    assert desk.told() == 0
    desk.look(moment + timedelta(seconds=30))
    desk.look_until_told()
    assert desk.told() == 1


CLOCKS = (
    ("Europe/Berlin", "2026-03-28", "01:59", "2026-03-29T00:59"),
    ("Europe/Berlin", "2026-03-28", "02:30", "2026-03-29T01:30"),
    ("Europe/Berlin", "2026-03-28", "06:00", "2026-03-29T04:00"),
    ("Europe/Berlin", "2026-03-27", "06:00", "2026-03-28T05:00"),
    ("Europe/Berlin", "2026-10-24", "02:30", "2026-10-25T00:30"),
    ("Europe/Berlin", "2026-10-24", "06:00", "2026-10-25T05:00"),
    ("Europe/Berlin", "2026-10-23", "06:00", "2026-10-24T04:00"),
    ("America/New_York", "2026-03-07", "02:30", "2026-03-08T07:30"),
    ("America/New_York", "2026-03-07", "06:00", "2026-03-08T10:00"),
    ("America/New_York", "2026-10-31", "01:30", "2026-11-01T05:30"),
    ("America/New_York", "2026-10-31", "06:00", "2026-11-01T11:00"),
    ("Australia/Lord_Howe", "2026-04-04", "06:00", "2026-04-04T19:30"),
    ("Australia/Lord_Howe", "2026-10-03", "06:00", "2026-10-03T19:00"),
    ("Asia/Kathmandu", "2026-11-01", "06:00", "2026-11-02T00:15"),
    ("Pacific/Kiritimati", "2026-11-01", "06:00", "2026-11-01T16:00"),
    ("Pacific/Pago_Pago", "2026-11-01", "06:00", "2026-11-02T17:00"),
    ("Africa/Casablanca", "2026-11-01", "06:00", "2026-11-02T05:00"),
    ("UTC", "2026-02-28", "06:00", "2026-03-01T06:00"),
    ("UTC", "2026-12-31", "00:00", "2027-01-01T00:00"),
)
TIMES = [
    Case(
        "clock",
        f"{zone}, {deadline} after {day}",
        "told_once",
        partial(_clock, zone=zone, day=day, deadline=deadline, due=due),
    )
    for zone, day, deadline, due in CLOCKS
]


def _set(desk: Desk, _: Outcome, change: timedelta) -> None:
    """The clock is wrong for one look, and then right again."""
    desk.begin()
    desk.look(MORNING + timedelta(seconds=30))
    before = desk.now
    desk.look(desk.now + change)
    desk.now = before
    desk.look_until_told()
    assert desk.told() == 1


JUMPS = {"back an hour": -1, "back a day": -24, "on an hour": 1, "on by eleven hours": 11}
JUMPING = [
    Case("clock", f"is set {words} for a moment", "told_once", partial(_set, change=timedelta(hours=hours)))
    for words, hours in JUMPS.items()
]
LANDINGS_AND_CLOCKS = [*LANDING, *TIMES, *JUMPING]
