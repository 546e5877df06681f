"""The outbox tells everything at least once and in order, and nobody more than twenty times in an hour."""

import logging
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event

import pytest

from customer_analytics.alerting.channels import Channels, NotSentError, Send, read_channels
from customer_analytics.alerting.messages import Text
from customer_analytics.alerting.outbox import dispatch, waiting
from customer_analytics.alerting.problem import Problem
from customer_analytics.alerting.routing import Route, Routing
from customer_analytics.alerting.store import open_store
from customer_analytics_tests.alerting.scenario import (
    HOUR,
    MINUTE,
    NOON,
    channels_to,
    problem,
    silent,
    tick,
)
from customer_analytics_tests.alerting.sinks import http_sink, smtp_sink

SECRET = "T0PSECRET"
TICK = timedelta(seconds=30)
TWO_CHANNELS = Routing(
    channels={"on_call": "ALERTS_ON_CALL", "data_team": "ALERTS_DATA_TEAM"},
    routes=(Route(channel="on_call"), Route(channel="data_team")),
)


@dataclass
class Inbox:
    """An address that keeps what it gets and when, by a clock that the test moves; or it is down."""

    now: datetime = NOON
    is_down: bool = False
    asked: list[datetime] = field(default_factory=list)
    texts: list[tuple[datetime, Text]] = field(default_factory=list)

    def __call__(self, text: Text) -> None:
        self.asked.append(self.now)
        if self.is_down:
            raise NotSentError("it answered 503")  # noqa: EM101
        self.texts.append((self.now, text))

    @property
    def titles(self) -> list[str]:
        return [text.title for _, text in self.texts]


def run(store: sqlite3.Connection, inbox: Inbox, problems: Iterable[Problem], since: datetime, until: datetime) -> None:
    """Tick every half minute from ``since`` on, before ``until``."""
    problems = list(problems)
    channels = channels_to("on_call#1", send=inbox)
    random = Random(7)
    inbox.now = since
    while inbox.now < until:
        tick(store, problems, inbox.now, channels=channels)
        dispatch(store, channels, inbox.now, random)
        inbox.now += TICK


def most_in_an_hour(moments: list[datetime]) -> int:
    return max((sum(first <= each < first + HOUR for each in moments) for first in moments), default=0)


def attempts(store: sqlite3.Connection) -> list[sqlite3.Row]:
    return store.execute("select * from sends order by id").fetchall()


# --- Once, in order, recorded after it was sent. ---


def test_a_failure_and_its_end_arrive_once_each_and_in_order(store: sqlite3.Connection) -> None:
    inbox = Inbox()
    run(store, inbox, [problem()], NOON, NOON + HOUR)
    run(store, inbox, [], NOON + HOUR, NOON + 2 * HOUR)
    assert inbox.titles == ["[critical] orders: it has not landed", "[resolved] orders: it has not landed"]
    assert waiting(store) == []


def test_a_message_counts_as_sent_only_once_it_was(store: sqlite3.Connection) -> None:
    recorded: list[object] = []
    path = store.execute("pragma database_list").fetchone()["file"]

    def look(_: Text) -> None:
        with open_store(Path(path)) as other:
            recorded.append(other.execute("select sent_at from messages").fetchone()["sent_at"])

    channels = channels_to("on_call#1", send=look)
    tick(store, [problem()], NOON, channels=channels)
    assert dispatch(store, channels, NOON, Random(1)).sent == 1
    assert recorded == [None]
    assert store.execute("select sent_at from messages").fetchone()["sent_at"] == "2026-11-06T12:00:00.000000+00:00"


KILLED_AFTER_SENDING = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from random import Random
from customer_analytics.alerting.channels import Channels, read_channels
from customer_analytics.alerting.outbox import dispatch
from customer_analytics.alerting.store import open_store

path, url, now, point = sys.argv[1:]
real = read_channels({"on_call": "URL"}, {"URL": url}).senders["on_call#1"]

def send(text):
    if point == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(text)
    os.kill(os.getpid(), signal.SIGKILL)

with open_store(Path(path)) as store:
    dispatch(store, Channels({"on_call#1": send}), datetime.fromisoformat(now), Random(1))
"""


@pytest.mark.parametrize(("point", "copies"), [("before", 1), ("after", 2)])
def test_a_process_killed_around_a_send_sends_again_later_never_not_at_all(
    tmp_path: Path, point: str, copies: int
) -> None:
    path = tmp_path / "alerts.sqlite"
    with http_sink() as sink:
        channels = read_channels({"on_call": "URL"}, {"URL": sink.url})
        with open_store(path) as store:
            tick(store, [problem()], NOON, channels=channels)
        command = [sys.executable, "-c", KILLED_AFTER_SENDING, str(path), sink.url, NOON.isoformat(), point]
        assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
        with open_store(path) as store:
            assert dispatch(store, channels, NOON + timedelta(seconds=5), Random(1)).sent == 0
            assert dispatch(store, channels, NOON + MINUTE, Random(1)).sent == 1
            assert dispatch(store, channels, NOON + 2 * MINUTE, Random(1)).sent == 0
        assert sink.titles == ["[critical] orders: it has not landed"] * copies


def test_real_sinks_get_a_failure_and_its_end(store: sqlite3.Connection) -> None:
    with http_sink() as sink, smtp_sink() as mail:
        variables = {"on_call": "ON_CALL", "data_team": "DATA_TEAM"}
        channels = read_channels(variables, {"ON_CALL": sink.url, "DATA_TEAM": mail.url})
        for minutes, problems in [(0, [problem()]), (1, [problem()]), (2, []), (12, []), (13, [])]:
            tick(store, problems, NOON + minutes * MINUTE, routing=TWO_CHANNELS, channels=channels)
            assert dispatch(store, channels, NOON + minutes * MINUTE, Random(1)).failures == {}
        assert sink.titles == mail.titles
        assert sink.titles == ["[critical] orders: it has not landed", "[resolved] orders: it has not landed"]
        assert [each.tone for each in sink.arrived] == ["failure", "success"]
        assert sink.arrived[0].body == mail.arrived[0].body
        assert "It lasted 2 min" in mail.arrived[1].body


# --- Sinks that are down, slow or wrong. ---


def test_an_address_that_is_down_is_asked_ever_less_often_but_every_quarter_of_an_hour(
    store: sqlite3.Connection,
) -> None:
    inbox = Inbox(is_down=True)
    run(store, inbox, [problem()], NOON, NOON + 24 * HOUR)
    waits = [later - earlier for earlier, later in zip(inbox.asked, inbox.asked[1:], strict=False)]
    assert waits[0] <= MINUTE
    assert max(waits) <= 15 * MINUTE + TICK
    assert len(set(waits[6:])) > 5, "the waits have jitter"
    assert most_in_an_hour(inbox.asked) <= 20
    (left,) = waiting(store)
    assert (left.address, left.messages, left.since, left.last_error) == ("on_call#1", 1, NOON, "it answered 503")
    assert left.failures == len(inbox.asked)


def test_an_hour_of_silence_loses_nothing(store: sqlite3.Connection) -> None:
    inbox = Inbox(is_down=True)
    run(store, inbox, [problem("orders")], NOON, NOON + HOUR / 2)
    run(store, inbox, [problem("tickets")], NOON + HOUR / 2, NOON + HOUR)
    assert inbox.texts == []
    inbox.is_down = False
    run(store, inbox, [problem("tickets")], NOON + HOUR, NOON + 2 * HOUR)
    assert inbox.titles == ["[critical] 2 incidents: 1 open, 1 resolved"]
    listed = [line for line in inbox.texts[0][1].body.splitlines() if line.startswith("- ")]
    assert listed == ["- [critical] tickets: it has not landed", "- [resolved] orders: it has not landed"]
    assert waiting(store) == []


def test_a_short_outage_delays_messages_and_changes_nothing_about_them(store: sqlite3.Connection) -> None:
    inbox = Inbox(is_down=True)
    run(store, inbox, [problem("orders"), problem("tickets")], NOON, NOON + MINUTE)
    inbox.is_down = False
    run(store, inbox, [problem("orders"), problem("tickets")], NOON + MINUTE, NOON + 10 * MINUTE)
    assert inbox.titles == ["[critical] orders: it has not landed", "[critical] tickets: it has not landed"]


def test_a_week_of_silence_is_one_digest_when_the_address_comes_back(store: sqlite3.Connection) -> None:
    inbox = Inbox(is_down=True)
    channels = channels_to("on_call#1", send=inbox)
    for hours in range(24 * 7):
        inbox.now = NOON + hours * HOUR
        tick(store, [problem(f"source {hours}"), problem("orders")], inbox.now, channels=channels)
        dispatch(store, channels, inbox.now, Random(hours))
    inbox.is_down = False
    run(store, inbox, [problem("orders")], NOON + 24 * 7 * HOUR, NOON + 24 * 8 * HOUR)
    assert inbox.titles[0].startswith("[critical] 169 incidents: ")
    assert len(inbox.titles) <= 2, "the digest, and perhaps what had not settled by then"
    assert waiting(store) == []


def test_one_address_that_hangs_keeps_nobody_waiting_and_is_left_alone_meanwhile(store: sqlite3.Connection) -> None:
    released, asked, inbox = Event(), [], Inbox()

    def hang(text: Text) -> None:
        asked.append(text.title)
        released.wait(30)

    senders: dict[str, Send] = {"on_call#1": hang, "data_team#1": inbox}
    channels = Channels(senders)
    tick(store, [problem("orders")], NOON, routing=TWO_CHANNELS, channels=channels)
    begun = time.monotonic()
    first = dispatch(store, channels, NOON, Random(1), seconds=0.3)
    tick(store, [problem("orders"), problem("tickets")], NOON + HOUR, routing=TWO_CHANNELS, channels=channels)
    second = dispatch(store, channels, NOON + HOUR, Random(1), seconds=0.3)
    assert time.monotonic() - begun < 10
    released.set()
    assert first.failures == {"on_call#1": "it did not answer in time"}
    assert [(each.address, each.last_error) for each in waiting(store)] == list(first.failures.items())
    assert (first.sent, second.sent, len(asked)) == (1, 1, 1)
    assert len(inbox.texts) == 2


def test_a_real_sink_that_hangs_is_given_up_in_time(store: sqlite3.Connection) -> None:
    with http_sink() as sink, smtp_sink() as mail:
        sink.hangs = True
        variables = {"on_call": "ON_CALL", "data_team": "DATA_TEAM"}
        channels = read_channels(variables, {"ON_CALL": f"{sink.url}?rto=1", "DATA_TEAM": mail.url})
        tick(store, [problem()], NOON, routing=TWO_CHANNELS, channels=channels)
        begun = time.monotonic()
        outcome = dispatch(store, channels, NOON, Random(1))
        assert time.monotonic() - begun < 10
        assert outcome.failures == {"on_call#1": "it cannot be reached, or refuses"}
        assert mail.titles == ["[critical] orders: it has not landed"]
        sink.hangs = False
        dispatch(store, channels, NOON + MINUTE, Random(1))
        assert sink.titles == mail.titles


def test_what_waits_for_a_channel_that_is_off_goes_out_when_it_is_on_again(store: sqlite3.Connection) -> None:
    inbox = Inbox()
    tick(store, [problem()], NOON)
    assert dispatch(store, Channels({}), NOON, Random(1)).sent == 0
    assert [each.messages for each in waiting(store)] == [1]
    assert dispatch(store, channels_to("on_call#1", send=inbox), NOON + 9 * HOUR, Random(1)).sent == 1


def test_a_clock_that_was_in_the_future_silences_nobody(store: sqlite3.Connection) -> None:
    inbox = Inbox(is_down=True)
    run(store, inbox, [problem("orders")], NOON + 9_000 * HOUR, NOON + 9_005 * HOUR)
    assert len(inbox.asked) > 20, "an hour's messages"
    inbox.is_down = False
    run(store, inbox, [problem("orders")], NOON, NOON + MINUTE)
    assert len(inbox.texts) == 1


# --- The budget. ---


@pytest.mark.parametrize("failures", [1_500, pytest.param(10_000, marks=pytest.mark.long)])
def test_any_number_of_failures_in_an_hour_are_at_most_twenty_messages_and_nothing_is_lost(
    store: sqlite3.Connection, failures: int
) -> None:
    inbox = Inbox()
    channels = channels_to("on_call#1", send=inbox)
    for minute in range(0, 60, 2):
        run(
            store,
            inbox,
            [problem(f"source {each}") for each in range((minute + 2) * failures // 60)],
            NOON + minute * MINUTE,
            NOON + minute * MINUTE + TICK,
        )
    for minute in range(60, 130):
        inbox.now = NOON + minute * MINUTE
        if minute in (75, 85):
            tick(store, [], inbox.now, channels=channels)
        dispatch(store, channels, inbox.now, Random(minute))
    assert waiting(store) == []
    assert most_in_an_hour([moment for moment, _ in inbox.texts]) <= 20
    assert sum(moment < NOON + HOUR for moment, _ in inbox.texts) <= 20
    told = store.execute(
        "select purpose, count(*), count(distinct incident_id), sum(sent_in is null) from messages group by purpose"
    ).fetchall()
    assert [tuple(row) for row in told] == [("opened", failures, failures, 0), ("resolved", failures, failures, 0)]
    assert sum(each["messages"] for each in attempts(store)) == 2 * failures
    assert any(f"{failures:,} incidents: {failures:,} resolved" in title for title in inbox.titles)


def test_a_failure_amid_a_flood_is_told_within_ten_minutes(store: sqlite3.Connection) -> None:
    inbox = Inbox()
    flood = []
    for minute in range(180):
        flood.append(problem(f"source {minute}", severity="warning"))
        run(store, inbox, flood, NOON + minute * MINUTE, NOON + (minute + 1) * MINUTE)
    rows = store.execute("select written_at, sent_at from messages where sent_at is not null").fetchall()
    delays = [datetime.fromisoformat(row["sent_at"]) - datetime.fromisoformat(row["written_at"]) for row in rows]
    assert max(delays) <= 10 * MINUTE
    assert most_in_an_hour(inbox.asked) <= 20


def test_a_sink_that_takes_messages_and_denies_it_gets_twenty_an_hour_all_the_same(store: sqlite3.Connection) -> None:
    arrived: list[datetime] = []
    now = NOON

    def take(_: Text) -> None:
        arrived.append(now)
        if len(arrived) % 2:
            raise NotSentError("it answered 504")  # noqa: EM101

    channels = channels_to("on_call#1", send=take)
    for ticks in range(400):
        now = NOON + ticks * TICK
        tick(store, [problem(f"source {each}") for each in range(ticks // 2)], now, channels=channels)
        dispatch(store, channels, now, Random(ticks))
    assert most_in_an_hour(arrived) == 20


def test_an_address_that_is_slow_gets_the_next_message_in_the_next_dispatch(store: sqlite3.Connection) -> None:
    arrived = []

    def take(text: Text) -> None:
        time.sleep(0.3)
        arrived.append(text.title)

    channels = channels_to("on_call#1", send=take)
    tick(store, [problem("orders"), problem("tickets")], NOON, channels=channels)
    outcomes = [dispatch(store, channels, NOON + each * TICK, Random(1), seconds=0.5) for each in (0, 1)]
    assert [(each.sent, each.failures) for each in outcomes] == [(1, {}), (1, {})]
    assert arrived == ["[critical] orders: it has not landed", "[critical] tickets: it has not landed"]


# --- Secrets. ---


def test_no_token_or_password_gets_into_logs_errors_the_store_or_messages(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with http_sink() as http, smtp_sink() as mail:
        http_url = http.url.replace("//", f"//{SECRET}:{SECRET}@") + f"{SECRET}?-token={SECRET}&+X-Token={SECRET}"
        mail_url = mail.url.replace("//", f"//{SECRET}:{SECRET}@")
        channels = read_channels(
            {"on_call": "ON_CALL", "data_team": "DATA_TEAM"},
            {"ON_CALL": f"{http_url} json://{SECRET}.invalid/ slack://{SECRET}", "DATA_TEAM": mail_url},
        )
        problems = [problem()]
        with open_store(tmp_path / "alerts.sqlite") as store:
            for minutes, status in [(0, 500), (1, 404), (5, 200)]:
                http.status = mail.status = status
                tick(store, problems, NOON + minutes * MINUTE, routing=TWO_CHANNELS, channels=channels)
                outcome = dispatch(store, channels, NOON + minutes * MINUTE, Random(1))
                logging.getLogger("tests").warning("%r %r", outcome, waiting(store))
        assert len(http.arrived) == 1
        sent = repr([http.arrived, mail.arrived])
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for shown in (caplog.text, *capfd.readouterr(), sent, stored.decode(errors="replace"), repr(channels)):
        assert SECRET.lower() not in shown.lower()
    assert "on_call#1" in caplog.text


def test_an_error_of_another_kind_is_told_by_its_name_alone(store: sqlite3.Connection) -> None:
    def fail(_: Text) -> None:
        raise ValueError(SECRET)

    channels = channels_to("on_call#1", send=fail)
    tick(store, [problem()], NOON, channels=channels)
    assert dispatch(store, channels, NOON, Random(1)).failures == {"on_call#1": "sending failed: ValueError"}


def test_silent_addresses_take_everything(store: sqlite3.Connection) -> None:
    tick(store, [problem()], NOON)
    assert dispatch(store, channels_to("on_call#1", send=silent), NOON, Random(1)).sent == 1
