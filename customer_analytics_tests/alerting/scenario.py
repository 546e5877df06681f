"""Problems, routes and a store for tests of alerting."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import get_args

from customer_analytics.alerting.channels import Channels, Send
from customer_analytics.alerting.messages import Text
from customer_analytics.alerting.problem import Kind, Problem, Severity
from customer_analytics.alerting.reconcile import Reconciled, reconcile
from customer_analytics.alerting.routing import Route, Routing

NOON = datetime(2026, 11, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ALL_KINDS: tuple[Kind, ...] = get_args(Kind)
EVERYTHING = Routing(channels={"on_call": "ALERTS_ON_CALL"}, routes=(Route(channel="on_call"),))


def problem(
    subject: str = "orders",
    *,
    kind: Kind = "not_landed",
    severity: Severity = "critical",
    title: str = "",
    details: Sequence[str] = ("Nothing was delivered by 06:00 UTC.",),
    days: Iterable[date] = (date(2026, 11, 5),),
    owners: Sequence[str] = (),
) -> Problem:
    return Problem(
        kind=kind,
        subject=subject,
        severity=severity,
        title=title or f"{subject}: it has not landed",
        details=tuple(details),
        to_do="Ask the shop for the delivery.",
        owners=tuple(owners),
        days=tuple(days),
        affected=("customer_lifetime_value from 2026-11-05 on", "team:finance"),
        link="http://127.0.0.1:3000/assets/orders",
    )


def silent(_: Text) -> None:
    """An address that takes everything."""


def channels_to(*addresses: str, send: Send = silent) -> Channels:
    return Channels(dict.fromkeys(addresses, send))


def tick(
    store: sqlite3.Connection,
    problems: Iterable[Problem],
    now: datetime,
    *,
    routing: Routing = EVERYTHING,
    channels: Channels | None = None,
    observed: Sequence[Kind] = ALL_KINDS,
) -> Reconciled:
    return reconcile(store, problems, observed, routing, channels or channels_to("on_call#1"), now)


def written(store: sqlite3.Connection, address: str = "on_call#1") -> list[str]:
    """What was written to an address, in order: purpose and title."""
    rows = store.execute("select purpose, title from messages where address = ? order by id", [address])
    return [f"{row['purpose']}: {row['title']}" for row in rows]
