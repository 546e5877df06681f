"""Calls are delivered at least once, within about a day, and no consumer waits for another one."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace

import pytest
from standardwebhooks import Webhook as Verifier

from customer_analytics.alerting import calls
from customer_analytics.alerting.calls import MAX_ATTEMPTS, deliver_due, overdue, write_calls
from customer_analytics.alerting.store import change, from_text
from customer_analytics.alerting.webhook import Outcome, Sending, Webhook
from customer_analytics_tests.alerting.consumer import SECRET, Consumer, answer, consuming, impatient, now, raw

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def start() -> Iterator[Callable[[], Consumer]]:
    """Starts as many consumers as a test wants."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(consuming())


def owe(store: sqlite3.Connection, *webhooks: str, body: str = "{}", at: datetime = NOON) -> None:
    with change(store):
        write_calls(store, webhooks, body, at)


def tick(store: sqlite3.Connection, *consumers: Webhook, at: datetime = NOON, seconds: float = 5) -> int:
    return deliver_due(store, consumers, at, Random(1), impatient(), seconds)


def rows(store: sqlite3.Connection) -> list[sqlite3.Row]:
    return store.execute("select * from calls order by written_at, id").fetchall()


def answers(monkeypatch: pytest.MonkeyPatch, outcome: Callable[[Webhook], Outcome]) -> list[tuple[str, str]]:
    """Instead of the network; what was called, by webhook and id, grows with every call."""
    called: list[tuple[str, str]] = []

    def post(webhook: Webhook, call_id: str, body: str, now: datetime, sending: Sending) -> Outcome:
        called.append((webhook.name, call_id))
        return outcome(webhook)

    monkeypatch.setattr(calls, "post", post)
    return called


def webhook(name: str) -> Webhook:
    return Webhook(name, "https://consumer.example/", SECRET)


def test_a_call_is_delivered_to_each_webhook_once(store: sqlite3.Connection, start: Callable[[], Consumer]) -> None:
    consumers = {"shop": start(), "finance": start()}
    webhooks = [consumer.webhook(name) for name, consumer in consumers.items()]
    owe(store, *consumers, body='{"type":"outputs.ready"}', at=now())
    assert tick(store, *webhooks, at=now()) == 2
    assert tick(store, *webhooks, at=now() + HOUR) == 0
    for consumer in consumers.values():
        [request] = consumer.requests
        assert Verifier(SECRET).verify(request.body, request.headers) == {"type": "outputs.ready"}
    assert len({consumer.requests[0].headers["webhook-id"] for consumer in consumers.values()}) == 2
    assert all(row["delivered_at"] and row["attempts"] == 1 for row in rows(store))


def test_a_call_that_failed_is_tried_again_later_under_the_same_id(
    store: sqlite3.Connection, start: Callable[[], Consumer]
) -> None:
    consumer = start()
    consumer.answer = answer(503)
    owe(store, "shop")
    assert tick(store, consumer.webhook("shop")) == 0
    [row] = rows(store)
    assert (row["attempts"], row["last_error"], row["delivered_at"]) == (1, "127.0.0.1 answered 503", None)
    assert NOON < from_text(row["next_attempt_at"]) <= NOON + timedelta(seconds=31)

    consumer.answer = answer(200)
    assert tick(store, consumer.webhook("shop"), at=NOON + timedelta(minutes=1)) == 1
    [row] = rows(store)
    assert (row["attempts"], row["last_error"]) == (2, None)
    assert len({request.headers["webhook-id"] for request in consumer.requests}) == 1


def test_nothing_is_tried_before_it_is_due(store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    called = answers(monkeypatch, lambda _: Outcome("transient", "busy", retry_after_seconds=600))
    owe(store, "shop")
    for seconds in (0, 30, 599):
        tick(store, webhook("shop"), at=NOON + timedelta(seconds=seconds))
    assert len(called) == 1
    tick(store, webhook("shop"), at=NOON + timedelta(seconds=601))
    assert len(called) == 2


def test_a_call_whose_delivery_was_not_recorded_is_made_again(
    store: sqlite3.Connection, start: Callable[[], Consumer], monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = start()
    owe(store, "shop")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(calls, "_record", killed)
        with pytest.raises(KeyboardInterrupt):
            tick(store, consumer.webhook("shop"))
    assert tick(store, consumer.webhook("shop")) == 1
    first, second = consumer.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_a_consumer_that_is_gone_is_asked_no_more(store: sqlite3.Connection, start: Callable[[], Consumer]) -> None:
    consumer = start()
    consumer.answer = answer(410)
    owe(store, "shop")
    tick(store, consumer.webhook("shop"))
    tick(store, consumer.webhook("shop"), at=NOON + 24 * HOUR)
    assert len(consumer.requests) == 1
    assert rows(store)[0]["given_up_at"]


def test_a_call_is_given_up_after_about_a_day(store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    called = answers(monkeypatch, lambda _: Outcome("transient", "down"))
    hours = []
    for seed in range(10):
        owe(store, "shop")
        at, random = NOON, Random(seed)
        while due := store.execute(
            "select next_attempt_at from calls where given_up_at is null and delivered_at is null"
        ).fetchone():
            at = max(at, from_text(due[0]))
            deliver_due(store, [webhook("shop")], at, random)
        hours.append((at - NOON) / HOUR)
    assert len(called) == 10 * MAX_ATTEMPTS
    assert 20 < statistics.median(hours) < 28
    assert 12 < min(hours) < max(hours) < 40


def test_waits_have_full_jitter(store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, lambda _: Outcome("transient", "down"))
    owe(store, *(f"consumer{number}" for number in range(200)))
    deliver_due(store, [webhook(f"consumer{number}") for number in range(200)], NOON, Random(1))
    waits = [(from_text(row["next_attempt_at"]) - NOON).total_seconds() for row in rows(store)]
    assert min(waits) < 3
    assert max(waits) > 27
    assert 12 < statistics.mean(waits) < 18


def test_consumers_that_are_down_keep_nobody_waiting(store: sqlite3.Connection, start: Callable[[], Consumer]) -> None:
    hanging = [start() for _ in range(5)]
    for consumer in hanging:
        consumer.answer = raw(b"", then_wait=10)
    well = start()
    webhooks = [consumer.webhook(f"down{number}") for number, consumer in enumerate(hanging)]
    for _ in range(3):
        owe(store, *(each.name for each in webhooks), "well")
    begun = time.monotonic()
    assert tick(store, *webhooks, well.webhook("well")) == 3
    assert time.monotonic() - begun < 5
    assert [len(consumer.requests) for consumer in hanging] == [1, 1, 1, 1, 1]


def test_a_tick_ends_in_time_and_the_next_one_goes_on(
    store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]

    def slowly(webhook: Webhook) -> Outcome:
        clock[0] += 0.3
        return Outcome("delivered", "200")

    monkeypatch.setattr(calls, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    answers(monkeypatch, slowly)
    for _ in range(6):
        owe(store, "shop")
    assert deliver_due(store, [webhook("shop")], NOON, Random(1), seconds=1.5) == 2
    assert deliver_due(store, [webhook("shop")], NOON, Random(1)) == 4


def test_no_call_lasts_longer_than_what_is_left_of_the_tick(
    store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds: list[float] = []

    def post(webhook: Webhook, call_id: str, body: str, now: datetime, sending: Sending) -> Outcome:
        seconds.append(sending.total_seconds)
        return Outcome("delivered", "200")

    monkeypatch.setattr(calls, "post", post)
    owe(store, "shop")
    deliver_due(store, [webhook("shop")], NOON, Random(1), Sending(total_seconds=15), seconds=7)
    assert 6 < seconds[0] <= 7


def test_what_cannot_even_be_tried_keeps_nobody_waiting(
    store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outcome(webhook: Webhook) -> Outcome:
        if webhook.name == "odd":
            message = "hidden"
            raise ValueError(message)
        return Outcome("delivered", "200")

    answers(monkeypatch, outcome)
    owe(store, "odd", "well")
    assert deliver_due(store, [webhook("odd"), webhook("well")], NOON, Random(1)) == 1
    assert [row["last_error"] for row in rows(store) if row["webhook"] == "odd"] == [
        "the call could not be made: ValueError"
    ]


def test_calls_of_a_webhook_that_is_declared_no_more_are_left_alone(
    store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = answers(monkeypatch, lambda _: Outcome("delivered", "200"))
    owe(store, "former", "shop")
    assert deliver_due(store, [webhook("shop")], NOON, Random(1)) == 1
    assert [name for name, _ in called] == ["shop"]
    assert overdue(store, ["shop"], NOON + 48 * HOUR) == []


def test_a_webhook_is_overdue_after_an_hour_and_says_why(
    store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, lambda _: Outcome("transient", "it is down"))
    owe(store, "shop")
    owe(store, "shop", at=NOON + timedelta(minutes=59))
    deliver_due(store, [webhook("shop")], NOON, Random(1))
    assert overdue(store, ["shop"], NOON + HOUR) == []
    [late] = overdue(store, ["shop"], NOON + HOUR + timedelta(seconds=1))
    assert (late.webhook, late.waiting, late.given_up, late.since, late.last_error) == (
        "shop",
        1,
        0,
        NOON,
        "it is down",
    )

    answers(monkeypatch, lambda _: Outcome("delivered", "200"))
    deliver_due(store, [webhook("shop")], NOON + 2 * HOUR, Random(1))
    assert overdue(store, ["shop"], NOON + 2 * HOUR) == []


def test_a_call_that_was_given_up_is_told_until_the_webhook_gets_one_again(
    store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, lambda _: Outcome("permanent", "it is gone"))
    owe(store, "shop")
    deliver_due(store, [webhook("shop")], NOON, Random(1))
    for at in (NOON, NOON + 99 * HOUR):
        [late] = overdue(store, ["shop"], at)
        assert (late.waiting, late.given_up, late.last_error) == (0, 1, "it is gone")

    answers(monkeypatch, lambda _: Outcome("delivered", "200"))
    owe(store, "shop", at=NOON + 99 * HOUR)
    deliver_due(store, [webhook("shop")], NOON + 99 * HOUR, Random(1))
    assert overdue(store, ["shop"], NOON + 100 * HOUR) == []


def test_calls_that_ended_long_ago_are_forgotten_and_those_that_are_owed_are_not(
    store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {"well": "delivered", "gone": "permanent"}
    answers(monkeypatch, lambda webhook: Outcome(states[webhook.name], "words"))  # type: ignore[arg-type]
    owe(store, "well", "gone", "former")
    deliver_due(store, [webhook("well"), webhook("gone")], NOON, Random(1))
    deliver_due(store, [], NOON + timedelta(days=90), Random(1))
    assert len(rows(store)) == 3
    deliver_due(store, [], NOON + timedelta(days=90, seconds=1), Random(1))
    assert [row["webhook"] for row in rows(store)] == ["former"]
