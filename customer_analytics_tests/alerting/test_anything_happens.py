"""Whatever happens in whatever order, every incident is told once, in order, to everybody, within the budget.

Problems come, grow, flap and go; sinks fail, take a message without saying so, and recover; the process dies before or
after sending, and starts again; observing fails. What the addresses got is held against what happened.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import enumerate as living_threads
from typing import Literal
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from customer_analytics.alerting import outbox
from customer_analytics.alerting.channels import THREAD_PREFIX, Channels, NotSentError, Send
from customer_analytics.alerting.incidents import history
from customer_analytics.alerting.messages import Notice, Text
from customer_analytics.alerting.outbox import AN_HOUR, dispatch, waiting
from customer_analytics.alerting.problem import Problem, Severity
from customer_analytics.alerting.routing import Route, Routing
from customer_analytics.alerting.store import open_store
from customer_analytics_tests.alerting.scenario import ALL_KINDS, HOUR, MINUTE, NOON, problem, tick
from customer_analytics_tests.effort import long, quick

SUBJECTS = [f"source {number}" for number in range(6)]
ADDRESSES = ("on_call#1", "data_team#1", "data_team#2")
ROUTING = Routing(
    channels={"on_call": "ALERTS_ON_CALL", "data_team": "ALERTS_DATA_TEAM"},
    routes=(Route(channel="on_call", severity="critical"), Route(channel="data_team")),
)

# works; is down; takes the message and breaks off before it says so.
State = Literal["works", "down", "breaks off"]


PURPOSES = ["opened", "resolved"]


def digest_of_all(notices: Sequence[Notice]) -> Text:
    """A digest that says of every incident what the real one counts and lists."""
    told = {notice.incident_id: "resolved" if notice.purpose == "resolved" else "opened" for notice in notices}
    return Text("warning", "digest", " ".join(f"{number}:{purpose}" for number, purpose in told.items()))


def what_it_tells(text: Text) -> list[tuple[str, str]]:
    if text.title != "digest":
        return [(text.subject.rpartition(" ")[2], "resolved" if text.tone == "resolved" else "opened")]
    return [(number, purpose) for number, _, purpose in (each.partition(":") for each in text.body.split())]


class Crash(BaseException):
    """The process died."""


class AlertingLives(RuleBasedStateMachine):
    """A store that outlives processes, addresses in three states, and a clock that only this moves."""

    @initialize(seed=st.integers(0, 2**16))
    def start(self, seed: int) -> None:
        self.resources = ExitStack()
        self.path = Path(self.resources.enter_context(TemporaryDirectory())) / "alerts.sqlite"
        self.store = self.resources.enter_context(open_store(self.path))
        self.random = Random(seed)
        self.now = NOON
        self.problems: dict[str, Problem] = {}
        self.states: dict[str, State] = dict.fromkeys(ADDRESSES, "works")
        self.asked: defaultdict[str, list[datetime]] = defaultdict(list)
        self.arrived: defaultdict[str, list[Text]] = defaultdict(list)
        self.doubtful: defaultdict[str, int] = defaultdict(int)
        self.is_dying = False
        self.resources.enter_context(patch.object(outbox, "digest", digest_of_all))

    def channels(self) -> Channels:
        return Channels({address: self.sender(address) for address in ADDRESSES})

    def sender(self, address: str) -> Send:
        def send(text: Text) -> None:
            self.asked[address].append(self.now)
            if self.states[address] == "down":
                raise NotSentError("it is down")  # noqa: EM101
            self.arrived[address].append(text)
            self.doubtful[address] += self.is_dying or self.states[address] == "breaks off"
            if self.states[address] == "breaks off":
                raise NotSentError("it broke off")  # noqa: EM101

        return send

    def restart(self) -> None:
        """Another process opens the store."""
        self.store.close()
        self.store = self.resources.enter_context(open_store(self.path))

    @rule(subject=st.sampled_from(SUBJECTS), severity=st.sampled_from(["critical", "warning"]), days=st.integers(1, 3))
    def goes_wrong(self, subject: str, severity: Severity, days: int) -> None:
        on = [date(2026, 11, 1) + timedelta(days=each) for each in range(days)]
        self.problems[subject] = problem(subject, severity=severity, days=on, details=[f"{days} days"])

    @rule(subject=st.sampled_from(SUBJECTS))
    def is_mended(self, subject: str) -> None:
        self.problems.pop(subject, None)

    @rule(address=st.sampled_from(ADDRESSES), state=st.sampled_from(["works", "works", "down", "breaks off"]))
    def becomes(self, address: str, state: State) -> None:
        self.states[address] = state

    @rule(minutes=st.sampled_from([0, 0.5, 0.5, 1, 5, 11, 30, 60, 1500]))
    def time_passes(self, minutes: float) -> None:
        self.now += minutes * MINUTE

    @rule()
    def ticks(self) -> None:
        self.observe()
        self.send()

    @rule()
    def ticks_for_an_hour(self) -> None:
        for _ in range(60):
            self.now += MINUTE
            self.observe()
            self.send()

    @rule()
    def observing_fails(self) -> None:
        tick(self.store, [], self.now, routing=ROUTING, channels=self.channels(), observed=[])
        self.send()

    @rule(writes=st.integers(1, 12))
    def dies_while_it_reconciles(self, writes: int) -> None:
        left = [writes]

        def count(*_: object) -> int:
            left[0] -= 1
            return sqlite3.SQLITE_DENY if left[0] < 0 else sqlite3.SQLITE_OK

        before = self.written()
        self.store.set_authorizer(count)
        try:
            self.observe()
        except sqlite3.DatabaseError:
            self.restart()
            assert self.written() == before
        else:
            self.store.set_authorizer(None)

    @rule()
    def dies_between_sending_and_recording(self) -> None:
        self.observe()
        self.is_dying = True
        try:
            with patch.object(outbox, "_record", side_effect=Crash):
                self.send()
        except Crash:
            self.wait_for_senders()
            self.restart()
        self.is_dying = False

    def wait_for_senders(self) -> None:
        for thread in living_threads():
            if thread.name.startswith(THREAD_PREFIX):
                thread.join()

    def observe(self) -> None:
        tick(
            self.store,
            self.problems.values(),
            self.now,
            routing=ROUTING,
            channels=self.channels(),
            observed=ALL_KINDS,
        )

    def send(self) -> None:
        dispatch(self.store, self.channels(), self.now, self.random)

    def written(self) -> list[tuple[object, ...]]:
        rows = self.store.execute("select incident_id, address, purpose from messages order by id")
        return [tuple(row) for row in rows]

    @invariant()
    @precondition(lambda self: hasattr(self, "store"))
    def nobody_gets_more_than_the_budget(self) -> None:
        for moments in self.asked.values():
            for number, moment in enumerate(moments[AN_HOUR:]):
                assert moment - moments[number] >= HOUR

    @invariant()
    @precondition(lambda self: hasattr(self, "store"))
    def every_incident_is_written_about_once_and_in_order(self) -> None:
        purposes: defaultdict[tuple[object, object], list[object]] = defaultdict(list)
        for incident, address, purpose in self.written():
            purposes[incident, address].append(purpose)
        for words in purposes.values():
            assert words[0] == "opened"
            assert words.count("opened") == 1
            assert words.count("resolved") <= 1
            assert "resolved" not in words[:-1]

    @invariant()
    @precondition(lambda self: hasattr(self, "store"))
    def what_counts_as_sent_was_sent_in_order(self) -> None:
        rows = self.store.execute("select address, sent_at is null as waits from messages order by address, id")
        waits: defaultdict[str, list[int]] = defaultdict(list)
        for row in rows:
            waits[row["address"]].append(row["waits"])
        assert all(each == sorted(each) for each in waits.values())

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        self.states = dict.fromkeys(ADDRESSES, "works")
        self.problems.clear()
        for _ in range(100):
            self.ticks()
            self.now += MINUTE
        assert waiting(self.store) == []
        self.everybody_knows_everything()
        self.resources.close()

    def everybody_knows_everything(self) -> None:
        for incident in history(self.store, NOON):
            assert incident.resolved_at is not None
            told = {address for number, address, _ in self.written() if number == incident.id}
            assert told == (set(ADDRESSES) if incident.problem.severity == "critical" else set(ADDRESSES[1:]))
        for address in ADDRESSES:
            heard: defaultdict[str, list[str]] = defaultdict(list)
            for text in self.arrived[address]:
                for told_of, purpose in what_it_tells(text):
                    heard[told_of].append(purpose)
            assert set(heard) == {str(number) for number, each, _ in self.written() if each == address}
            assert all(words == sorted(words, key=PURPOSES.index) for words in heard.values())
            assert all(words[-1] == "resolved" for words in heard.values())
            sends = self.store.execute(
                "select count(*), sum(messages) from sends where address = ? and failures = 0", [address]
            ).fetchone()
            assert len(self.arrived[address]) == sends[0] + self.doubtful[address]
            assert (sends[1] or 0) == sum(each == address for _, each, _ in self.written())


def test_anything_happens() -> None:
    run_state_machine_as_test(AlertingLives, settings=settings(quick(100), stateful_step_count=30))


@pytest.mark.long
def test_anything_at_all_happens() -> None:
    run_state_machine_as_test(AlertingLives, settings=settings(long(3_000), stateful_step_count=60))
