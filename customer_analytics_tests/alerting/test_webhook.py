"""A call is signed, goes where it should and nowhere else, and its outcome is what the consumer has said."""

import re
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Verifier

from customer_analytics.alerting.webhook import Outcome, Webhook, misconfigured, post
from customer_analytics_tests.alerting.consumer import (
    OTHER_SECRET,
    SECRET,
    Consumer,
    consuming,
    impatient,
    make_certificate,
    now,
)

BODY = '{"type":"outputs.ready","data":{"name":"Zoë"}}'


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    with consuming() as server:
        yield server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("certificates")
    hosts = ("consumer.example", "another.example")
    return {host: make_certificate(folder, host) for host in hosts}


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate.with_suffix(".crt")))


def at_home(host: str, port: int) -> list[str]:
    """A resolver that finds every host on this machine."""
    return ["127.0.0.1"]


def test_a_call_is_signed_as_standard_webhooks_has_it(consumer: Consumer) -> None:
    outcome = post(consumer.webhook(), "msg_1", BODY, now(), impatient())
    assert outcome == Outcome("delivered", "127.0.0.1 answered 204")
    [request] = consumer.requests
    assert (request.path, request.body) == ("/hook?token=hidden", BODY)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "msg_1"
    assert Verifier(SECRET).verify(request.body, request.headers)["data"] == {"name": "Zoë"}


def test_each_attempt_has_its_own_timestamp_and_the_same_id(consumer: Consumer) -> None:
    for seconds in (-200, 0):
        post(consumer.webhook(), "msg_1", BODY, now() + timedelta(seconds=seconds), impatient())
    first, second = (request.headers for request in consumer.requests)
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) in (200, 201)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]
    for headers in (first, second):
        Verifier(SECRET).verify(BODY, headers)


def test_a_timestamp_is_a_whole_number_that_the_signature_agrees_with(consumer: Consumer) -> None:
    moment = now().replace(microsecond=999_999)
    post(consumer.webhook(), "msg_1", BODY, moment, impatient())
    [request] = consumer.requests
    assert request.headers["webhook-timestamp"] == str(int(moment.timestamp()))
    Verifier(SECRET).verify(request.body, request.headers)


@pytest.mark.parametrize("host", ["consumer.example", "[::1]", "127.0.0.1"])
def test_a_consumer_hears_its_name_as_the_url_has_it(consumer: Consumer, host: str) -> None:
    post(consumer.webhook(host=host), "msg_1", BODY, now(), impatient(resolve=at_home))
    assert consumer.requests[0].headers["host"] == f"{host}:{consumer.port}"


def test_while_one_secret_replaces_another_both_sign(consumer: Consumer) -> None:
    webhook = replace(consumer.webhook(), secret=f"{SECRET} {OTHER_SECRET}")
    post(webhook, "msg_1", BODY, now(), impatient())
    for secret in (SECRET, OTHER_SECRET):
        Verifier(secret).verify(BODY, consumer.requests[0].headers)


def test_without_leave_the_machine_itself_is_not_called(consumer: Consumer) -> None:
    webhook = replace(consumer.webhook(), url=f"https://localhost:{consumer.port}/hook?token=hidden")
    outcome = post(webhook, "msg_1", BODY, now(), impatient(allow_private=False))
    assert outcome == Outcome("transient", "localhost is not called: its name stands for an in-house address")
    assert consumer.requests == []


def test_proxies_of_the_environment_are_not_asked(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(consumer.webhook(), "msg_1", BODY, now(), impatient()).state == "delivered"


def test_tls_asks_for_a_certificate_of_the_name_though_the_address_is_connected_to(
    certificates: dict[str, Path],
) -> None:
    certificate = certificates["consumer.example"]
    with consuming(certificate) as consumer:
        webhook = consumer.webhook(host="consumer.example", scheme="https")
        outcome = post(webhook, "msg_1", BODY, now(), impatient(tls=trusting(certificate), resolve=at_home))
    assert outcome.state == "delivered"
    assert consumer.requests[0].headers["host"] == f"consumer.example:{consumer.port}"


@pytest.mark.parametrize(
    ("host", "trusted", "why"),
    [
        ("consumer.example", None, "self-signed certificate"),
        ("consumer.example", "another.example", "self-signed certificate"),
        ("elsewhere.example", "consumer.example", "Hostname mismatch, .* 'elsewhere.example'"),
    ],
)
def test_a_certificate_that_cannot_be_trusted_ends_the_call_before_anything_is_said(
    certificates: dict[str, Path], host: str, trusted: str | None, why: str
) -> None:
    with consuming(certificates["consumer.example"]) as consumer:
        webhook = consumer.webhook(host=host, scheme="https")
        tls = trusting(certificates[trusted]) if trusted else None
        outcome = post(webhook, "msg_1", BODY, now(), impatient(tls=tls, resolve=at_home))
    assert outcome.state == "transient"
    assert re.search(f"has no certificate that can be trusted: {why}", outcome.words)
    assert consumer.requests == []


@pytest.mark.parametrize(
    ("url", "secret", "why"),
    [
        ("http://consumer.example/", SECRET, "does not begin with https://"),
        ("ftp://consumer.example/", SECRET, "does not begin with https://"),
        ("consumer.example/hook", SECRET, "names no host"),
        ("https:///hook", SECRET, "names no host"),
        ("https://consumer.example:99999/", SECRET, "no port that there is"),
        ("https://consumer.example:0/", SECRET, "no port that there is"),
        ("https://[::1/", SECRET, "names no host"),
        ("https://user:hidden@consumer.example/", SECRET, "a user or a password"),
        (r"https://consumer.example\@127.0.0.1/", SECRET, "a user or a password"),
        ("https://consumer.example/a b", SECRET, "percent-encoded"),
        ("https://consumer.example/\r\nX-Header: 1", SECRET, "percent-encoded"),
        ("https://cönsumer.example/", SECRET, "percent-encoded"),
        ("", SECRET, "names no host"),
        ("https://consumer.example/", "", "is not whsec_"),
        ("https://consumer.example/", "whsec_", "is not whsec_"),
        ("https://consumer.example/", "whsec_c2hvcnQ=", "is not whsec_"),
        ("https://consumer.example/", "hidden secret!", "is not whsec_"),
        ("https://consumer.example/", f"{SECRET} hidden", "is not whsec_"),
        ("https://consumer.example/", "A" * 200, "is not whsec_"),
        ("https://consumer.example/", f"{SECRET}!!!!", "is not whsec_"),
    ],
)
def test_a_webhook_that_is_set_wrongly_is_told_and_nobody_is_called(url: str, secret: str, why: str) -> None:
    webhook = Webhook("consumer", url, secret)
    wrong = misconfigured(webhook, allow_private=False)
    assert why in wrong
    assert "consumer" in wrong
    assert "hidden" not in wrong
    assert post(webhook, "msg_1", BODY, now()) == Outcome("transient", wrong)


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_"), f"{SECRET} {OTHER_SECRET}", SECRET + "=="])
def test_a_webhook_that_is_set_rightly_has_nothing_wrong(secret: str) -> None:
    assert misconfigured(Webhook("consumer", "https://consumer.example:8443/a?b=c", secret), allow_private=False) == ""
