"""Faults of systems downstream: what becomes of the call that one is owed, and of everybody else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from customer_analytics.alerting.calls import write_calls
from customer_analytics.alerting.routing import WebhookVariables
from customer_analytics.alerting.store import change, open_store
from customer_analytics.alerting.webhook import Sending
from customer_analytics.components import watch
from customer_analytics_tests.alerting.consumer import SECRET, Answer, Consumer, answer, consuming, drip, raw
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import DUE, Desk, orders_alone

HOUR = timedelta(hours=1)
FAULTY = "[warning] The webhook consumers cannot be called"
URL, KEY = "CUSTOMER_ANALYTICS_WEBHOOK_URL", "CUSTOMER_ANALYTICS_WEBHOOK_SECRET"
OTHER_URL, OTHER_KEY = "OTHER_WEBHOOK_URL", "OTHER_WEBHOOK_SECRET"
OTHER = WebhookVariables(name="others", url=OTHER_URL, secret=OTHER_KEY)


def _happens(
    desk: Desk,
    outcome: Outcome,
    answers: Answer | None = None,
    url: str = "",
    secret: str = SECRET,
    private: str = "true",
) -> None:
    """One consumer is at fault, another one is not; each is owed a call."""
    desk.monkeypatch.setattr(
        watch, "Sending", partial(Sending, connect_seconds=0.4, read_seconds=0.2, total_seconds=0.5)
    )
    desk.watched = replace(orders_alone(), webhooks=[*orders_alone().webhooks, OTHER])
    with consuming() as consumer, consuming() as other:
        desk.set(**{OTHER_URL: other.webhook().url if private == "true" else "", OTHER_KEY: SECRET})
        desk.set(**{URL: url.format(port=consumer.port) or consumer.webhook().url, KEY: secret})
        desk.set(CUSTOMER_ANALYTICS_WEBHOOK_ALLOW_PRIVATE=private)
        consumer.answer = answers or consumer.answer
        desk.begin()
        with open_store(desk.data / "alerts.sqlite") as store, change(store):
            write_calls(store, ["consumers", "others"], "{}", DUE)
        desk.look(DUE)
        assert desk.told_other() == 1
        assert len(other.requests) == (private == "true")
        assert _ended(desk.data) == {"delivered_later": (0, 0), "given_up": (0, 1), "refused": (0, 0)}[outcome]
        assert desk.told(FAULTY) == (outcome == "refused")
        desk.look(DUE + HOUR + timedelta(minutes=2))
        desk.look()
        assert desk.told(FAULTY) == 1
        _cure(desk, consumer, outcome)


def _cure(desk: Desk, consumer: Consumer, outcome: Outcome) -> None:
    consumer.answer = answer(204)
    consumer.requests.clear()
    desk.set(CUSTOMER_ANALYTICS_WEBHOOK_ALLOW_PRIVATE="true", **{URL: consumer.webhook().url, KEY: SECRET})
    for hours in (4, 8, 12, 16):
        desk.look(DUE + hours * HOUR)
    assert len(consumer.requests) == (outcome != "given_up")
    assert _ended(desk.data) == ((0, 1) if outcome == "given_up" else (1, 0))
    assert desk.told(FAULTY) == 1
    over = [title for title in desk.sink.titles if title.startswith("[resolved]")]
    assert len(over) == (outcome != "given_up")


def _ended(data: Path) -> tuple[int, int]:
    """How many calls of the one at fault were delivered, and given up."""
    with open_store(data / "alerts.sqlite") as store:
        query = "select count(delivered_at), count(given_up_at) from calls where webhook = 'consumers'"
        row = store.execute(query).fetchone()
    return int(row[0]), int(row[1])


OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS: Mapping[str, Answer] = {
    **{f"answers {status}": answer(status) for status in (400, 401, 404, 408, 409, 425, 429, 500, 502, 503, 504)},
    **{f"redirects by {status}": answer(status, location="/elsewhere") for status in (301, 302, 303, 307, 308)},
    "redirects into the house": answer(302, location="http://169.254.169.254/"),
    "asks for ten minutes": answer(503, retry_after="600"),
    "asks for patience without end": answer(503, retry_after="99999999"),
    "hangs up": raw(b""),
    "resets": raw(b"", then_reset=True),
    "says nothing": raw(b"", then_wait=1),
    "drips its headers": drip(OK, b"x-header: x\r\n"),
    "says garbage": raw(b"\x00\xff\x16\x03 nonsense\r\n\r\n"),
    "speaks another protocol": raw(b"220 mail.example ESMTP\r\n"),
}
PRIVATE = (
    "127.0.0.1",
    "localhost",
    "[::1]",
    "10.0.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "0.0.0.0",
)
WRONG_URLS = {
    "plain http": "http://consumer.example/",
    "another scheme": "ftp://consumer.example/",
    "no host": "https:///hook",
    "a port that there is not": "https://consumer.example:99999/",
    "a password in it": "https://user:hidden@consumer.example/",
    "a space in it": "https://consumer.example/a b",
    "a line break in it": "https://consumer.example/\r\nx: 1",
}
WRONG_SECRETS = {"none": "", "short": "whsec_c2hvcnQ=", "not base64": "hidden secret!", "long": "A" * 200}
WEBHOOKS = [
    *(Case("webhook", fault, "delivered_later", partial(_happens, answers=each)) for fault, each in ANSWERS.items()),
    Case("webhook", "answers 410", "given_up", partial(_happens, answers=answer(410))),
    Case("webhook", "nobody listens", "delivered_later", partial(_happens, url="http://127.0.0.1:9/")),
    Case("webhook", "the name has no address", "delivered_later", partial(_happens, url="https://consumer.invalid/")),
    Case("webhook", "TLS is not spoken", "delivered_later", partial(_happens, url="https://127.0.0.1:{port}/")),
    *(
        Case(
            "webhook",
            f"is at {host}",
            "delivered_later",
            partial(_happens, url=f"https://{host}:{{port}}/", private="false"),
        )
        for host in PRIVATE
    ),
    *(
        Case("webhook", f"the URL is wrong: {fault}", "refused", partial(_happens, url=url, private="false"))
        for fault, url in WRONG_URLS.items()
    ),
    *(
        Case("webhook", f"the secret is wrong: {fault}", "refused", partial(_happens, secret=secret))
        for fault, secret in WRONG_SECRETS.items()
    ),
]
