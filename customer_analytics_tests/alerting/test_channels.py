"""Channels reach real sinks through Apprise, say why where they do not, and never show a URL."""

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from apprise.plugins.custom_json import NotifyJSON

from customer_analytics.alerting.channels import Channels, NotSentError, read_channels
from customer_analytics.alerting.messages import Text, Tone
from customer_analytics_tests.alerting.sinks import Arrived, Sink, http_sink, smtp_sink

SECRET = "T0PSECRET"
TEXT = Text("critical", "[critical] orders: 2 days have not landed", "First line.\n\n- support_tickets <b>&\n- two")


@pytest.fixture
def http() -> Iterator[Sink]:
    with http_sink() as sink:
        yield sink


def channels_at(*urls: str) -> Channels:
    return read_channels({"on_call": "ALERTS_ON_CALL"}, {"ALERTS_ON_CALL": " ".join(urls)})


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(("tone", "kind"), [("critical", "failure"), ("warning", "warning"), ("resolved", "success")])
def test_a_plain_webhook_gets_title_body_and_kind(http: Sink, tone: Tone, kind: str) -> None:
    channels_at(http.url).senders["on_call#1"](Text(tone, TEXT.title, TEXT.body))
    assert http.arrived == [Arrived(TEXT.title, TEXT.body, kind)]


def test_a_mail_gets_subject_and_body() -> None:
    with smtp_sink() as sink:
        channels_at(sink.url).senders["on_call#1"](TEXT)
        assert sink.arrived == [Arrived(TEXT.title, TEXT.body)]


def test_every_url_of_a_variable_is_an_address(http: Sink) -> None:
    with smtp_sink() as mail:
        channels = channels_at(http.url, mail.url)
        assert channels.addresses("on_call") == ["on_call#1", "on_call#2"]
        assert channels.addresses("on") == []
        for send in channels.senders.values():
            send(TEXT)
        assert [len(http.arrived), len(mail.arrived)] == [1, 1]


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_set_is_a_channel_that_is_off(value: str | None) -> None:
    channels = read_channels({"on_call": "ALERTS_ON_CALL"}, {} if value is None else {"ALERTS_ON_CALL": value})
    assert channels == Channels({}, ())


@pytest.mark.parametrize(
    "wrong", [f"https://example.com/{SECRET}", f"slack://{SECRET}", f"nothing://{SECRET}", SECRET, f"mailto://{SECRET}"]
)
def test_a_wrong_url_is_named_by_its_variable_and_waits_without_harm_to_others(
    http: Sink, wrong: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    channels = channels_at(wrong, http.url)
    assert channels.faults == ("ALERTS_ON_CALL: URL 1 of 2 is not one that Apprise can use",)
    with pytest.raises(NotSentError, match="ALERTS_ON_CALL: URL 1 of 2") as refused:
        channels.senders["on_call#1"](TEXT)
    channels.senders["on_call#2"](TEXT)
    assert http.titles == [TEXT.title]
    assert_hidden(repr(refused.value), repr(channels), caplog.text, *capfd.readouterr())


@pytest.mark.parametrize(
    ("status", "why"), [(503, "it answered 503"), (403, "it answered 403"), (302, "it answered 302")]
)
def test_what_is_refused_was_not_sent(http: Sink, status: int, why: str) -> None:
    http.status = status
    with pytest.raises(NotSentError, match=why):
        channels_at(http.url).senders["on_call#1"](TEXT)
    assert http.asked == 1


@pytest.mark.parametrize("scheme", ["json", "mailto"])
def test_who_cannot_be_reached_was_not_told(scheme: str) -> None:
    url = f"{scheme}://user:{SECRET}@127.0.0.1:{free_port()}/{SECRET}?from=a@example.com&to=b@example.com"
    with pytest.raises(NotSentError, match="it cannot be reached, or refuses"):
        channels_at(url).senders["on_call#1"](TEXT)


def test_a_mail_server_that_refuses_was_not_told() -> None:
    with smtp_sink() as sink:
        sink.status = 451
        with pytest.raises(NotSentError):
            channels_at(sink.url).senders["on_call#1"](TEXT)


def test_a_message_that_is_too_long_for_a_service_is_cut_and_stays_one(
    http: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NotifyJSON, "body_maxlen", 20)
    channels_at(f"{http.url}?overflow=split").senders["on_call#1"](TEXT)
    assert [len(each.body) for each in http.arrived] == [20]


def test_what_pagerduty_is_told_of_one_incident_is_one_incident_there(monkeypatch: pytest.MonkeyPatch) -> None:
    posted = []

    def post(*_: Any, data: str, **__: Any) -> requests.Response:
        posted.append(json.loads(data))
        response = requests.Response()
        response.status_code = 202
        return response

    monkeypatch.setattr(requests, "post", post)
    send = channels_at("pagerduty://A1B2C3D4E5F6G7H8@T0K3N/alerts/pipeline?action=map").senders["on_call#1"]
    for tone in ("critical", "resolved"):
        send(Text(tone, f"[{tone}] orders", "Words.", "customer-analytics incident 7"))
    assert [(each["event_action"], each["dedup_key"]) for each in posted] == [
        ("trigger", "customer-analytics incident 7"),
        ("resolve", "customer-analytics incident 7"),
    ]


def assert_hidden(*shown: str) -> None:
    assert not [text for text in shown if SECRET.lower() in text.lower()]
