"""Every day against its times: expected, landed, started, published, ready; and the share of days that were in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb

from customer_analytics.contracts.schedule import DeliverySchedule
from customer_analytics.contracts.timetable import Output
from customer_analytics.landing.folder import LandingArea
from customer_analytics.warehouse.timeline import Moments, timeline

# history: its time was before deadlines were watched. not_expected: the calendar has no delivery. waiting: there is
# time left. in_time, late: it is there. not_landed, not_published, not_ready: its time has come, and it is not there.
TimelyState = Literal[
    "history", "not_expected", "waiting", "in_time", "late", "not_landed", "not_published", "not_ready"
]
KEPT: frozenset[TimelyState] = frozenset({"in_time"})
BROKEN: frozenset[TimelyState] = frozenset({"late", "not_landed", "not_published", "not_ready"})


@dataclass(frozen=True)
class Timetable:
    """What is declared: when each source delivers, and by when each output must be ready."""

    deliveries: Mapping[str, DeliverySchedule]
    outputs: Mapping[str, Output]


@dataclass(frozen=True)
class TimelyDay:
    """One day of one dataset. ``due_at`` is a source's deadline, or the time by which an output must be ready; UTC."""

    dataset: str
    day: date
    state: TimelyState
    due_at: datetime
    expected_at: datetime | None = None
    landed_at: datetime | None = None
    started_at: datetime | None = None
    published_at: datetime | None = None


@dataclass(frozen=True)
class _Clock:
    """Since when deadlines are watched, and what time it is."""

    since: datetime
    now: datetime


def timely_days(
    serving: duckdb.DuckDBPyConnection | None,
    area: LandingArea,
    timetable: Timetable,
    days: Sequence[date],
    *,
    since: datetime,
    now: datetime,
) -> list[TimelyDay]:
    """Every one of ``days`` of every dataset, as of ``now``. All times are aware.

    What had to be published, or ready, before ``since`` does not count. ``serving`` is the snapshot, None while there
    is none.
    """
    clock = _Clock(since, now)
    found: list[TimelyDay] = []
    for source, schedule in timetable.deliveries.items():
        published = timeline(serving, source) if serving else {}
        found += [_delivery(area, source, schedule, day, published.get(day), clock) for day in days]
    for name, output in timetable.outputs.items():
        published = timeline(serving, name) if serving else {}
        found += [_output(name, output, day, published.get(day), clock) for day in days]
    return found


def share_in_time(days: Sequence[TimelyDay]) -> float | None:
    """The share of days that were in time, of those whose time has come; None where there are none yet."""
    kept = sum(day.state in KEPT for day in days)
    broken = sum(day.state in BROKEN for day in days)
    return kept / (kept + broken) if kept + broken else None


def shares_in_time(days: Sequence[TimelyDay]) -> dict[str, float | None]:
    """The share in time of each dataset, in the order in which they come."""
    by_dataset: dict[str, list[TimelyDay]] = {}
    for day in days:
        by_dataset.setdefault(day.dataset, []).append(day)
    return {dataset: share_in_time(of_dataset) for dataset, of_dataset in by_dataset.items()}


def _delivery(
    area: LandingArea, source: str, schedule: DeliverySchedule, day: date, first: Moments | None, clock: _Clock
) -> TimelyDay:
    landed_at = first.landed_at if first else area.landed_at(source, day)
    return TimelyDay(
        dataset=source,
        day=day,
        state=_delivery_state(schedule, day, landed_at, first, clock),
        due_at=schedule.deadline_at(day),
        expected_at=schedule.expected_at(day),
        landed_at=landed_at,
        started_at=first.started_at if first else None,
        published_at=first.published_at if first else None,
    )


def _delivery_state(
    schedule: DeliverySchedule, day: date, landed_at: datetime | None, first: Moments | None, clock: _Clock
) -> TimelyState:
    deadline, published_by = schedule.deadline_at(day), schedule.published_by(day)
    if not schedule.is_expected(day):
        return "not_expected"
    if published_by < clock.since:
        return "history"
    if first:
        landed = landed_at or first.started_at
        return "in_time" if landed <= deadline and first.published_at <= published_by else "late"
    if landed_at is None:
        return "not_landed" if clock.now > deadline else "waiting"
    return "not_published" if clock.now > published_by else "waiting"


def _output(name: str, output: Output, day: date, first: Moments | None, clock: _Clock) -> TimelyDay:
    ready_at = output.schedule.ready_at(day)
    state: TimelyState = "waiting"
    if ready_at < clock.since:
        state = "history"
    elif first:
        state = "in_time" if first.published_at <= ready_at else "late"
    elif clock.now > ready_at:
        state = "not_ready"
    return TimelyDay(
        dataset=name,
        day=day,
        state=state,
        due_at=ready_at,
        started_at=first.started_at if first else None,
        published_at=first.published_at if first else None,
    )
