"""However a consumer answers, and whatever happens on the way, the outcome is the declared one, and soon."""

import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from customer_analytics.alerting.webhook import LONGEST_RETRY_AFTER_SECONDS, Outcome, Webhook, post
from customer_analytics_tests.alerting.consumer import (
    SECRET,
    Answer,
    Consumer,
    answer,
    consuming,
    drip,
    impatient,
    make_certificate,
    now,
    raw,
)

BODY = "{}"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    with consuming() as server:
        yield server


REDIRECTS = {
    f"redirect {status}": (answer(status, location="/elsewhere"), "transient", f"answered {status}, a redirect")
    for status in (300, 301, 302, 303, 304, 307, 308)
}
STATUSES = {
    f"status {status}": (answer(status), "transient", f"answered {status}$")
    for status in (400, 401, 403, 404, 405, 408, 409, 413, 415, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504, 599)
}
SUCCESSES = {
    f"status {status}": (answer(status), "delivered", f"answered {status}$")
    for status in (200, 201, 202, 203, 204, 205, 206, 226, 299)
}
# How a consumer can answer, the outcome, and what is said of it.
FAULTS: dict[str, tuple[Answer, str, str]] = {
    **SUCCESSES,
    **REDIRECTS,
    **STATUSES,
    "gone": (answer(410), "permanent", "answered 410: it wants no more"),
    "status 600": (raw(b"HTTP/1.1 600 What\r\n\r\n"), "transient", "answered 600|not HTTP"),
    "switching protocols": (raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "transient", "not HTTP"),
    "early hints, then success": (raw(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK + b"\r\n"), "delivered", "200"),
    "early hints for ever": (drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "transient", "did not answer in time"),
    "nothing said": (raw(b"", then_wait=10), "transient", "did not answer in time"),
    "half a status line, then nothing": (raw(b"HTTP/1.1 2", then_wait=10), "transient", "did not answer in time"),
    "hung up": (raw(b""), "transient", "ended too early"),
    "reset": (raw(b"", then_reset=True), "transient", "Connection reset|ended too early"),
    "reset in the headers": (raw(OK + b"content-le", then_reset=True), "transient", "reset|ended too early"),
    "reset in the body": (raw(OK + b"content-length: 9\r\n\r\nabc", then_reset=True), "delivered", "200"),
    "body cut short": (raw(OK + b"content-length: 9\r\n\r\nabc"), "delivered", "200"),
    "body drips": (drip(OK + b"content-length: 999999\r\n\r\n", b"x"), "delivered", "200"),
    "body without end": (drip(OK + b"\r\n", b"x" * 65536, 0), "delivered", "200"),
    "headers drip": (drip(OK, b"x-header: x\r\n"), "transient", "did not answer in time"),
    "headers without end": (drip(OK, b"x-header: " + b"x" * 65536 + b"\r\n", 0), "transient", "not HTTP"),
    "one letter at a time": (drip(b"", b"H", 0.1), "transient", "not HTTP|did not answer in time"),
    "garbage": (raw(b"\x00\xff\x16\x03 nonsense\r\n\r\n"), "transient", "not HTTP"),
    "another protocol": (raw(b"220 mail.example ESMTP\r\n"), "transient", "not HTTP"),
    "no status": (raw(b"HTTP/1.1 abc OK\r\n\r\n"), "transient", "not HTTP"),
    "two lengths": (raw(OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\n"), "transient", "not HTTP"),
    "HTTP/1.0": (raw(b"HTTP/1.0 200 OK\r\n\r\n"), "delivered", "200"),
    "HTTP/2 in the open": (raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00"), "transient", "not HTTP|ended too early"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_has_its_declared_outcome(consumer: Consumer, fault: str) -> None:
    consumer.answer, state, words = FAULTS[fault]
    begun = time.monotonic()
    outcome = post(consumer.webhook(), "msg_1", BODY, now(), impatient())
    assert time.monotonic() - begun < 8
    assert outcome.state == state
    assert re.search(words, outcome.words), outcome.words
    assert len(consumer.requests) == 1


def test_nobody_listening_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outcome = post(Webhook("down", f"http://127.0.0.1:{port}/", SECRET), "msg_1", BODY, now(), impatient())
    assert outcome == Outcome("transient", "127.0.0.1 cannot be called: Connection refused")


def test_a_host_that_takes_no_connection_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(server.getsockname())
        webhook = Webhook("full", f"http://127.0.0.1:{server.getsockname()[1]}/", SECRET)
        outcome = post(webhook, "msg_1", BODY, now(), impatient(connect_seconds=0.1, total_seconds=20))
        for each in waiting:
            each.close()
    assert outcome == Outcome("transient", "127.0.0.1 did not answer in time")


def test_tls_that_is_never_spoken_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        webhook = Webhook("mute", f"https://127.0.0.1:{server.getsockname()[1]}/", SECRET)
        outcome = post(webhook, "msg_1", BODY, now(), impatient(connect_seconds=0.1, total_seconds=20))
    assert outcome == Outcome("transient", "127.0.0.1 did not answer in time")


def test_http_where_tls_is_expected_is_transient(consumer: Consumer) -> None:
    outcome = post(
        consumer.webhook(scheme="https"), "msg_1", BODY, now(), impatient(connect_seconds=10, total_seconds=20)
    )
    assert outcome == Outcome("transient", "127.0.0.1 does not speak TLS as it should")


def test_tls_where_http_is_expected_is_transient(tmp_path: Path) -> None:
    with consuming(make_certificate(tmp_path, "consumer.example")) as consumer:
        outcome = post(consumer.webhook(), "msg_1", BODY, now(), impatient())
    assert outcome.state == "transient"
    assert consumer.requests == []


MOMENT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's local time is nine hours ahead of UTC."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("99999999999999999999", LONGEST_RETRY_AFTER_SECONDS),
        (format_datetime(MOMENT + timedelta(minutes=5), usegmt=True), 300),
        ("Sat, 21 Nov 2026 06:05:00 -0000", 300),
        (format_datetime(MOMENT - timedelta(minutes=5), usegmt=True), 0),
        (format_datetime(MOMENT + timedelta(days=99), usegmt=True), LONGEST_RETRY_AFTER_SECONDS),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Sat, 99 Nov 2026 06:05:00 GMT", None),
        ("2026-11-21T06:05:00Z", None),
    ],
)
def test_a_consumer_may_say_how_long_to_wait(consumer: Consumer, value: str, seconds: float | None) -> None:
    consumer.answer = answer(503, retry_after=value)
    assert post(consumer.webhook(), "msg_1", BODY, MOMENT, impatient()).retry_after_seconds == seconds


@pytest.mark.parametrize("fault", ["gone", "status 503", "redirect 302", "garbage", "reset", "nothing said"])
def test_neither_secret_nor_query_is_ever_told(consumer: Consumer, fault: str) -> None:
    consumer.answer = FAULTS[fault][0]
    told = repr((consumer.webhook(), post(consumer.webhook(), "msg_1", BODY, now(), impatient())))
    assert "hidden" not in told
    assert SECRET.removeprefix("whsec_") not in told
