"""Where faults happen: orders of one day that have not landed, somebody to be told, and one look after the other."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import dagster as dg
import pytest

from customer_analytics.components.catalog import declared_watch
from customer_analytics.components.watch import Look, look
from customer_analytics.components.watched import Watched
from customer_analytics.settings import Settings
from customer_analytics_tests.alerting.sinks import Sink

DAY = "2026-11-01"
BEFORE = datetime(2026, 11, 2, 5, tzinfo=UTC)
DUE = datetime(2026, 11, 2, 6, 0, 30, tzinfo=UTC)
TITLE = "[critical] orders: 1 day has not landed by the deadline"
SINK, OTHER_SINK = "CUSTOMER_ANALYTICS_ALERTS_DATA_TEAM", "CUSTOMER_ANALYTICS_ALERTS_ON_CALL"


@cache
def orders_alone() -> Watched:
    """What is declared, for orders only."""
    watched = declared_watch()
    return replace(
        watched,
        timetable=replace(watched.timetable, deliveries={"orders": watched.timetable.deliveries["orders"]}, outputs={}),
        breakers={"orders": watched.breakers["orders"]},
    )


@dataclass
class Desk:
    """``sink`` is the data team's, ``other`` the one on call; both get everything that is critical."""

    data: Path
    instance: dg.DagsterInstance
    definitions: dg.Definitions
    sink: Sink
    other: Sink
    monkeypatch: pytest.MonkeyPatch
    now: datetime = DUE
    watched: Watched = field(default_factory=orders_alone)

    def set(self, **variables: str) -> None:
        """Environment variables."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)

    def begin(self) -> None:
        """The first look, before anything is due."""
        self.look(BEFORE)

    def look(self, now: datetime | None = None) -> Look:
        """One look, at ``now``; by default a tick after the last one."""
        self.now = now or self.now + timedelta(seconds=30)
        found = look(self.watched, Settings(), self.instance, self.now)
        assert found is not None
        return found

    def look_until_told(self, times: int = 1, minutes: int = 40) -> None:
        """Looks until the data team was told so often; and a few more, which must tell nothing again."""
        end = self.now + timedelta(minutes=minutes)
        while self.now < end and self.told() < times:
            self.look(self.now + timedelta(minutes=2))
        for _ in range(2):
            self.look(self.now + timedelta(minutes=16))

    def told(self, title: str = TITLE) -> int:
        """How often the data team was told."""
        return Counter(self.sink.titles)[title]

    def told_other(self, title: str = TITLE) -> int:
        return Counter(self.other.titles)[title]
