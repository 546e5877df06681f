"""What is set or declared wrongly: refused with words that say what is wrong, and never show a secret."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from customer_analytics.alerting.routing import Routing, WebhookVariables
from customer_analytics.components.declarations import BreakerPolicy, Retries
from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule
from customer_analytics.settings import setting_errors
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import DUE, SINK, Desk

SECRET = "T0PSECRET"


def _setting(desk: Desk, _: Outcome, name: str, value: str) -> None:
    """A look is not even begun; the words name the variable."""
    desk.set(**{f"CUSTOMER_ANALYTICS_{name}": value})
    with pytest.raises(ValidationError) as refused:
        desk.look(DUE)
    said = setting_errors(refused.value)
    assert f"CUSTOMER_ANALYTICS_{name}" in said
    assert SECRET not in f"{said} {refused.value}"
    assert desk.sink.titles == []
    assert not desk.data.exists()


def _declaration(_: Desk, __: Outcome, model: type[BaseModel], declared: Any, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(declared)
    said = str(refused.value)
    assert words in said
    assert SECRET not in said


def _channel(desk: Desk, _: Outcome, urls: str) -> None:
    """Whoever is named rightly is told; a note names the variable, and the place in it, without the URL."""
    desk.set(**{SINK: f"{desk.sink.url} {urls}"})
    desk.begin()
    found = desk.look(DUE)
    assert (desk.told(), desk.told_other()) == (1, 1)
    said = " ".join(found.notes)
    assert f"{SINK}: URL 2 of 2" in said
    assert SECRET not in said
    desk.look_until_told()
    assert (desk.told(), desk.told_other()) == (1, 1)


SETTINGS = (
    ("LOCK_TIMEOUT_SECONDS", "soon"),
    ("LOCK_TIMEOUT_SECONDS", "0"),
    ("LOCK_TIMEOUT_SECONDS", "-1"),
    ("START_DATE", "yesterday"),
    ("START_DATE", "2026-13-01"),
    ("START_DATE", "2026-02-29"),
    ("END_DATE", "soon"),
    ("END_DATE", "2026-10-01"),
    ("LOG_FORMAT", "xml"),
    ("WEBHOOK_ALLOW_PRIVATE", "perhaps"),
    *(
        ("HEARTBEAT_URL", url)
        for url in (
            f"https://monitor.example:99999/{SECRET}",
            f"https://monitor.example:0/{SECRET}",
            f"https://[::1/{SECRET}",
            f"https://m\u00f6nitor.example/{SECRET}",
            f"https://monitor.example/{SECRET} ",
            f"https://{'m' * 64}.example/{SECRET}",
            f"https://monitor..example/{SECRET}",
            f"https:///{SECRET}",
            f"ftp://monitor.example/{SECRET}",
            SECRET,
        )
    ),
)
URLS = (f"{SECRET}", f"carrier-pigeon://{SECRET}", "json://", f"slack://{SECRET}", "mailto://", f"pagerduty://{SECRET}")
DECLARED: Mapping[str, tuple[type[BaseModel], Any, str]] = {
    "an unknown zone": (DeliverySchedule, {"timezone": "Europe/Atlantis"}, "timezone"),
    "a zone that is a path": (DeliverySchedule, {"timezone": "../../etc/passwd"}, "timezone"),
    "an empty zone": (DeliverySchedule, {"timezone": ""}, "timezone"),
    "an unknown zone of an output": (OutputSchedule, {"timezone": "Mars/Base"}, "timezone"),
    "a time without quotes": (DeliverySchedule, {"deadline": 960}, "in quotes"),
    "a time that there is not": (DeliverySchedule, {"deadline": "25:00"}, "time of day"),
    "a time with seconds": (DeliverySchedule, {"deadline": "06:00:00"}, "time of day"),
    "no time at all": (OutputSchedule, {"ready_by": None}, "time of day"),
    "expected after the deadline": (DeliverySchedule, {"expected": "07:00"}, "must not be after the deadline"),
    "grace below zero": (DeliverySchedule, {"grace_minutes": -1}, "grace_minutes"),
    "a load that takes no time": (DeliverySchedule, {"takes_minutes": 0}, "takes_minutes"),
    "a weekday that there is not": (DeliverySchedule, {"without_delivery": {"weekdays": ["caturday"]}}, "weekdays"),
    "a day that there is not": (DeliverySchedule, {"without_delivery": {"days": ["2026-02-30"]}}, "days"),
    "a word that means nothing": (DeliverySchedule, {"dead_line": "06:00"}, "dead_line"),
    "a breaker that is never closed": (BreakerPolicy, {"failures": 0}, "failures"),
    "a pause of no time": (BreakerPolicy, {"pause_minutes": 0}, "pause_minutes"),
    "retries below zero": (Retries, {"max_retries": -1}, "max_retries"),
    "retries without delay": (Retries, {"delay_seconds": 0}, "delay_seconds"),
    "a route to nowhere": (Routing, {"routes": [{"channel": "moon"}]}, "which there is not"),
    "a URL for a channel's variable": (Routing, {"channels": {"on_call": f"slack://{SECRET}"}}, "on_call"),
    "a severity that there is not": (
        Routing,
        {"channels": {"a": "A"}, "routes": [{"channel": "a", "severity": "mild"}]},
        "severity",
    ),
    "an owner that is nobody": (Routing, {"channels": {"a": "A"}, "routes": [{"channel": "a", "owner": "x"}]}, "owner"),
    "a kind that there is not": (Routing, {"channels": {"a": "A"}, "routes": [{"channel": "a", "kind": "x"}]}, "kind"),
    "updates without pause": (Routing, {"update_hours": 0}, "update_hours"),
    "a URL for a webhook's variable": (
        WebhookVariables,
        {"name": "shop", "url": f"https://{SECRET}/", "secret": "A"},
        "url",
    ),
    "a secret for a webhook's variable": (
        WebhookVariables,
        {"name": "shop", "url": "A", "secret": f"whsec_{SECRET}"},
        "secret",
    ),
    "a webhook without a secret": (WebhookVariables, {"name": "shop", "url": "A"}, "secret"),
    "a webhook with a name for a path": (WebhookVariables, {"name": "../shop", "url": "A", "secret": "B"}, "name"),
}
WRONG = [
    *(
        Case("setting", f"{name} is {value}", "refused_with_words", partial(_setting, name=name, value=value))
        for name, value in SETTINGS
    ),
    *(
        Case("YAML", fault, "refused_with_words", partial(_declaration, model=model, declared=declared, words=words))
        for fault, (model, declared, words) in DECLARED.items()
    ),
    *(Case("channel", f"{url.partition(':')[0]} is no URL", "goes_on", partial(_channel, urls=url)) for url in URLS),
]
