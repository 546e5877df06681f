"""A company whose automation lives through a plan of arrivals, and what must be true of it at every tick."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import dagster as dg
import duckdb

from customer_analytics.components.breaker import read_breaker
from customer_analytics.components.catalog import declared_watch
from customer_analytics.components.names import REPORT_SENSOR
from customer_analytics.components.runs import UNDER_WAY, days_of, days_under_way
from customer_analytics.components.source_automation import MOST_REQUESTS
from customer_analytics.components.watched import Watched
from customer_analytics.landing.calendar import contiguous
from customer_analytics.landing.unchanged import _fingerprint
from customer_analytics_tests.simulation.arrivals import SOURCES, Arrival, Supplier
from customer_analytics_tests.simulation.carrying_out import Fate
from customer_analytics_tests.simulation.clock import TICK, Clock
from customer_analytics_tests.simulation.daemon import Daemon

Subject = tuple[str, date]
FATES: tuple[tuple[Fate, int], ...] = (("well", 88), ("died", 4), ("killed", 5), ("cancelled", 3))
# Minutes of the day at which something may be due though nothing arrives.
DUE = (361, 410, 421, 1080)


@dataclass
class Counts:
    """What a life consisted of."""

    ticks: int = 0
    requests: int = 0
    most_requests: int = 0
    restarts: int = 0
    fates: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class House:
    """``loaded`` has, for each day, what lay there whenever a run took it, and what became of that run."""

    data: Path
    clock: Clock
    supplier: Supplier
    daemon: Daemon
    random: Random
    downtime: tuple[datetime, datetime]
    counts: Counts = field(default_factory=Counts)
    loaded: defaultdict[Subject, list[tuple[str | None, Fate]]] = field(default_factory=lambda: defaultdict(list))
    scheduled_until: datetime | None = None
    is_calm: bool = False
    has_worked: bool = False
    watched: Watched = field(default_factory=declared_watch)

    @property
    def instance(self) -> dg.DagsterInstance:
        return self.daemon.instance

    def live(self, arrivals: list[Arrival], until: datetime) -> None:
        """Let the arrivals happen at their moments, and the automation tick whenever something may be to be done."""
        self.scheduled_until = self.clock.now
        waiting = list(reversed(arrivals))
        while self.clock.now < until:
            while waiting and waiting[-1].moment <= self.clock.now:
                self.supplier.carry_out(waiting.pop())
            is_down = self.downtime[0] <= self.clock.now < self.downtime[1]
            if not is_down:
                self.tick()
            wake = self.downtime[1] if is_down else self._next_wake()
            self.clock.now = min([wake, *([waiting[-1].moment] if waiting else []), until])

    def calm_down(self) -> None:
        """Nothing arrives and nothing breaks any more; in the end nothing is left to be done."""
        self.is_calm = True
        self.live([], self.clock.now + timedelta(hours=12))

    def tick(self) -> None:
        """Everything that Dagster's daemons do in one round, in any order, some of it twice."""
        self.counts.ticks += 1
        if not self.is_calm and self.random.random() < 0.01:
            self._restart()
        self.daemon.start_again_what_crashed()
        assert self.scheduled_until
        for moment, schedule in self.daemon.schedules_between(self.scheduled_until, self.clock.now):
            self.daemon.ask_schedule(schedule, moment)
        self.scheduled_until = self.clock.now
        sensors = [each for each in self.daemon.sensors if each != "watch"]
        twice = [each for each in sensors if self.random.random() < 0.1]
        for sensor in self.random.sample([*sensors, *twice], len(sensors) + len(twice)):
            self._ask(sensor)
        assert_no_day_twice_under_way(self)
        self._work()
        self.daemon.ask("watch")
        assert_told_as_it_is(self)

    def _restart(self) -> None:
        self.counts.restarts += 1
        _fingerprint.cache_clear()
        self.daemon.restart()
        for sensor in self.daemon.sensors:
            self.daemon.cursors[sensor] = self.random.choice([None, "0", self.daemon.cursors.get(sensor)])

    def _ask(self, sensor: str) -> None:
        expected = self._due(sensor.removesuffix("_flag")) if sensor.endswith("_flag") else None
        if (
            sensor != REPORT_SENSOR  # It reads the snapshot, which is never held.
            and self.random.random() < 0.03
            and (self.data / "warehouse.duckdb").exists()
        ):
            with duckdb.connect(str(self.data / "warehouse.duckdb")):
                assert self.daemon.ask(sensor) == []
            return
        requests = self.daemon.ask(sensor)
        self.counts.requests += len(requests)
        self.counts.most_requests = max(self.counts.most_requests, len(requests))
        if expected is not None:
            found = [_range_of(request) for request in requests]
            assert found == expected, f"{self.clock.now} {sensor}: asked for {found}, due is {expected}"

    def _due(self, source: str) -> list[tuple[date, date]]:
        """What a flag sensor must ask for: as few runs as possible, the oldest first, bounded; nothing while paused."""
        under_way = days_under_way(self.instance, source)
        days = [
            day
            for of, day in self.supplier.flagged
            if of == source and day < self.clock.now.date() and day not in under_way
            if self._tried(source, day) != (self.supplier.content[source, day],)
        ]
        breaker = read_breaker(self.instance, source, self.watched.breakers[source], self.clock.now)
        if breaker.lets_nothing_through or (breaker.state == "half_open" and under_way):
            return []
        ranges = contiguous(days)
        return ranges[:MOST_REQUESTS] if breaker.state == "closed" else [(last, last) for _, last in ranges[-1:]]

    def _tried(self, source: str, day: date) -> tuple[str | None, ...]:
        return tuple(content for content, _ in self.loaded[source, day][-1:])

    def _work(self) -> None:
        fates, weights = [fate for fate, _ in FATES], [weight for _, weight in FATES]
        fate: Fate = "well" if self.is_calm else self.random.choices(fates, weights)[0]
        before = len(self.daemon.ended)
        while self.daemon.work(fate, ticks=self.random.choice([0, 0, 0, 1, 2, 5])):
            fate = "well"
        self.has_worked = len(self.daemon.ended) > before
        for run, became in self.daemon.ended[before:]:
            self.counts.fates[became] += 1
            for key in run.asset_selection or ():
                if key.to_user_string() in SOURCES:
                    self._note_load(key.to_user_string(), run, became)

    def _note_load(self, source: str, run: dg.DagsterRun, fate: Fate) -> None:
        for day in days_of(run):
            if (source, day) in self.supplier.flagged:
                self.loaded[source, day].append((self.supplier.content[source, day], fate))

    def _next_wake(self) -> datetime:
        if self.has_worked or not self.daemon.is_idle:
            return self.clock.now + TICK
        if self._is_something_due():
            return self.clock.now + timedelta(minutes=10)  # A run key that was used up is good again by the hour.
        midnight = self.clock.now.replace(hour=0, minute=0, second=0)
        moments = (midnight + timedelta(days=days, minutes=minute) for days in (0, 1) for minute in DUE)
        return next(moment for moment in moments if moment > self.clock.now)

    def _is_something_due(self) -> bool:
        return any(self._due(source) for source in SOURCES)

    def has_been_published(self, source: str, day: date) -> bool:
        """Whether a run has published any version of the day, and written that down."""
        loads = self.loaded[source, day]
        return any(fate == "well" and content not in self.supplier.broken for content, fate in loads)

    def incidents(self) -> Iterator[tuple[str, list[date], bool]]:
        """Kind and subject, days, and whether it is open and was seen at the last look."""
        with sqlite3.connect(self.data / "alerts.sqlite") as store:
            rows = store.execute("select key, days, resolved_at is null and unseen_since is null from incidents")
            for key, days, is_open in rows:
                yield key, [date.fromisoformat(day) for day in json.loads(days)], bool(is_open)


def assert_no_day_twice_under_way(house: House) -> None:
    """Of each asset no two runs that wait or are at work have a day in common."""
    days: Counter[tuple[str, date]] = Counter()
    for run in house.instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY)):
        for key in run.asset_selection or ():
            days.update((key.to_user_string(), day) for day in days_of(run))
    assert [day for day, runs in days.items() if runs > 1] == []


def assert_told_as_it_is(house: House) -> None:
    """A day that has not landed by its deadline is told of at once, and nothing is told that is not so."""
    told = {key: set(days) for key, days, is_open in house.incidents() if is_open}
    missing = not_landed(house)
    for source in SOURCES:
        days = missing[source]
        assert days <= told.get(f"not_landed:{source}", set()), f"{house.clock.now}: {source} {days} is not told of"
        assert days or f"not_landed:{source}" not in told, f"{house.clock.now}: {source} is told of wrongly"


def not_landed(house: House) -> dict[str, set[date]]:
    """The days whose deadline has passed, that lie nowhere, and were never published."""
    since = house.supplier.first
    found: dict[str, set[date]] = {source: set() for source in SOURCES}
    last = house.clock.now.date() - timedelta(days=1)
    for number in range((last - since).days + 1):
        day = since + timedelta(days=number)
        deadline = house.clock.now.replace(hour=6, minute=0, second=0) if day == last else None
        if deadline and house.clock.now <= deadline:
            continue
        for source in SOURCES:
            if (source, day) not in house.supplier.flagged and not house.has_been_published(source, day):
                found[source].add(day)
    return found


def _range_of(request: dg.RunRequest) -> tuple[date, date]:
    days = list(days_of(dg.DagsterRun(job_name="", tags=dict(request.tags))))
    if request.partition_key:
        return (date.fromisoformat(request.partition_key),) * 2
    return days[0], days[-1]
