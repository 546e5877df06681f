"""The daemon at work tells of what is wrong: once, whom it should, without a secret; and of what is ready."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from customer_analytics_tests.alerting.consumer import SECRET, Consumer, Handler, answer, consuming
from customer_analytics_tests.alerting.sinks import Sink, http_sink, smtp_sink
from customer_analytics_tests.end_to_end.project import Project, wait_until
from customer_analytics_tests.end_to_end.shop import (
    alice,
    at_risk,
    is_quiet,
    land_bad_orders,
    land_orders,
    land_tickets,
    revenue,
)

DAY, NEXT_DAY = "2026-11-01", "2026-11-02"
HELD_BACK = "orders: 1 day has been held back by a check"
NOT_LANDED = "orders: 1 day has not landed by the deadline"
TOKEN = "T0PS3CRET"
# In the copy sensors look every second; a machine that is busy with other tests, or stands still, takes longer.
ONE_LOOK = timedelta(minutes=2)


@dataclass(frozen=True)
class Told:
    """Everyone who is told: people by HTTP and by mail, and a system downstream."""

    http: Sink
    mail: Sink
    consumer: Consumer
    calls: list[dict[str, Any]] = field(default_factory=list)

    @property
    def announced(self) -> list[str]:
        """The days that the system downstream was told of, in order."""
        assert {call["type"] for call in self.calls} <= {"outputs.ready"}
        return [entry["day"] for call in self.calls for entry in call["data"]["days"]]

    def of(self, incident: str) -> list[str]:
        """The titles that all people have got of an incident; a machine that stands still may have others told."""
        titles = [[title for title in sink.titles if incident in title] for sink in (self.http, self.mail)]
        return titles[0] if titles[0] == titles[1] else []

    def take(self, handler: Handler) -> None:
        """Take a call as a system downstream should, if it is signed; at once, as signatures grow old."""
        request = self.consumer.requests[-1]
        self.calls.append(Webhook(SECRET).verify(request.body, request.headers))
        answer(204)(handler)

    @property
    def settings(self) -> dict[str, str]:
        """What a person would set, with a token in every URL."""
        return {
            "CUSTOMER_ANALYTICS_ALERTS_ON_CALL": f"{self.http.url}{TOKEN}?+X-Token={TOKEN}",
            "CUSTOMER_ANALYTICS_ALERTS_DATA_TEAM": f"{self.mail.url}&reply={TOKEN}@example.com",
            "CUSTOMER_ANALYTICS_WEBHOOK_URL": f"http://127.0.0.1:{self.consumer.port}/{TOKEN}?token={TOKEN}",
            "CUSTOMER_ANALYTICS_WEBHOOK_SECRET": SECRET,
            "CUSTOMER_ANALYTICS_WEBHOOK_ALLOW_PRIVATE": "true",
        }


@pytest.fixture
def told() -> Iterator[Told]:
    with ExitStack() as opened:
        sinks = opened.enter_context(http_sink()), opened.enter_context(smtp_sink())
        told = Told(*sinks, opened.enter_context(consuming()))
        told.consumer.answer = told.take
        yield told


@pytest.fixture
def project(project: Project) -> Project:
    project.hasten()
    return project


@pytest.mark.long
def test_a_day_that_is_held_back_is_told_once_although_the_daemon_is_killed_and_so_is_its_recovery(
    project: Project, told: Told
) -> None:
    with project.started("dagster-daemon", "run", **told.settings) as daemon:
        land_orders(project, DAY, "10.00")
        land_tickets(project, DAY)
        wait_until(lambda: revenue(project) == alice(day1="10.00"), "the day is published and counted")
        land_tickets(project, NEXT_DAY)  # Only now: a refresh computes all that is stale for all of its days.
        wait_until(lambda: len(at_risk(project)) == 2, "the tickets are counted")
        wait_until(lambda: told.announced == [DAY], "the day is announced")

        told.mail.status = 451  # Mail has to wait, so that there is something left to tell when the daemon dies.
        land_bad_orders(project, NEXT_DAY)
        wait_until(lambda: told.mail.asked > 0 and is_recorded(project, "on_call#1"), "the alert is sent")
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()
        assert told.mail.arrived == []
        told.mail.status = 250
        with project.started("dagster-daemon", "run", **told.settings):
            wait_until(lambda: told.mail.titles != [], "the mail is sent")
            look_by_hand(project, told)
            assert told.of(HELD_BACK) == [f"[critical] {HELD_BACK}"]
            assert told.announced == [DAY]

            land_orders(project, NEXT_DAY, "5.00")
            wait_until(lambda: revenue(project) == alice(day1="10.00", day2="15.00"), "the mended day is counted")
            wait_until(lambda: len(told.of(HELD_BACK)) == 2, "the recovery is told")
            wait_until(lambda: told.announced == [DAY, NEXT_DAY], "the mended day is announced")
            wait_until(lambda: is_quiet(project), "all runs have ended")
            look_by_hand(project, told)
    assert told.of(HELD_BACK) == [f"[critical] {HELD_BACK}", f"[resolved] {HELD_BACK}"]
    assert told.announced == [DAY, NEXT_DAY]
    assert len(told.consumer.requests) == 2
    assert files_with(project, TOKEN, SECRET.removeprefix("whsec_")) == []


def test_a_day_that_does_not_land_is_told_at_its_deadline_and_an_old_day_ends_nothing(
    project: Project, told: Told
) -> None:
    deadline = declare_deadline(project)
    day, day_before = (str((deadline - timedelta(days=ago)).date()) for ago in (1, 2))
    settings = told.settings | {"CUSTOMER_ANALYTICS_START_DATE": day_before, "CUSTOMER_ANALYTICS_END_DATE": None}
    with project.started("dagster-daemon", "run", **settings):
        wait_until(lambda: told.http.arrived != [], "the deadline passes")
        [incident] = incidents(project)
        assert incident["days"] == [day]
        assert deadline <= datetime.fromisoformat(incident["opened_at"]) <= deadline + ONE_LOOK

        land_orders(project, day_before, "10.00")
        wait_until(lambda: [row[0] for row in revenue(project)] == [day_before], "the old day is counted")
        look_by_hand(project, told, **settings)
        assert told.of(NOT_LANDED) == [f"[critical] {NOT_LANDED}"]

        land_orders(project, day, "5.00")
        wait_until(lambda: [row[0] for row in revenue(project)] == [day_before, day], "the late day is counted")
        wait_until(lambda: len(told.of(NOT_LANDED)) == 2, "the recovery is told")
        wait_until(lambda: is_quiet(project), "all runs have ended")
        look_by_hand(project, told, **settings)
    assert told.of(NOT_LANDED) == [f"[critical] {NOT_LANDED}", f"[resolved] {NOT_LANDED}"]


def declare_deadline(project: Project) -> datetime:
    """Orders are due within the next two minutes, everything else in half a day.

    All of it in a time zone in which it is noon, so that none of these times is on another day.
    """
    now = datetime.now(UTC)
    deadline = (now + timedelta(seconds=75)).replace(second=0, microsecond=0)
    east = 12 - deadline.hour
    zone = f"Etc/GMT{-east:+}"
    clock = f"12:{deadline:%M}"
    project.declare("orders", schedule={"expected": clock, "deadline": clock, "timezone": zone})
    for source in ("support_tickets", "marketing_events"):
        project.declare(source, schedule={"deadline": "23:00", "timezone": zone})
    outputs = ("customer_lifetime_value", "at_risk_customers")
    late = {"ready_by": "23:59", "timezone": zone}
    project.declare("customers", outputs={output: {"schedule": late} for output in outputs})
    return deadline


def look_by_hand(project: Project, told: Told, **settings: str | None) -> None:
    """One whole look that begins now; nobody else is at it meanwhile."""

    def has_looked() -> bool:
        watch = project.run("customer-analytics", "watch", "--json", **(told.settings | settings))
        assert watch.returncode == 0, watch.stdout
        return watch.stdout.strip() != "null"

    wait_until(has_looked, "nobody else looks")


def is_recorded(project: Project, address: str) -> bool:
    """Whether everything that was written to an address was sent, as far as the daemon remembers."""
    sent = asked(project, "select sent_at from messages where address = ?", address)
    return sent != [] and all(row["sent_at"] for row in sent)


def incidents(project: Project) -> list[dict[str, Any]]:
    found = asked(project, "select days, opened_at from incidents where resolved_at is null")
    return [{"days": json.loads(row["days"]), "opened_at": row["opened_at"]} for row in found]


def asked(project: Project, sql: str, *values: str) -> list[sqlite3.Row]:
    """What alerting remembers; nothing while that is not there."""
    file = project.data / "alerts.sqlite"
    if not file.exists():
        return []
    with closing(sqlite3.connect(file, timeout=10)) as store:
        store.row_factory = sqlite3.Row
        return store.execute(sql, values).fetchall()


def files_with(project: Project, *secrets: str) -> list[str]:
    """The files of the project, data, history and logs, that have one of the secrets in them."""
    files = [path for path in project.root.rglob("*") if path.is_file()]
    assert project.root / "dagster-daemon.log" in files
    return [str(path) for path in files if any(secret.encode() in path.read_bytes() for secret in secrets)]
