"""Incidents as the store has them."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from customer_analytics.alerting.problem import Kind, Problem
from customer_analytics.alerting.store import from_text, to_text


@dataclass(frozen=True)
class Incident:
    """A problem from its first sighting to its end.

    ``problem`` is the latest sighting, but with the highest severity and every day that there have been. While it has
    not been seen for a short time (``unseen_since``) it is still open. Times are aware, UTC.
    """

    id: int
    problem: Problem
    opened_at: datetime
    told_at: datetime
    has_news: bool
    unseen_since: datetime | None
    resolved_at: datetime | None


def open_incidents(store: sqlite3.Connection) -> list[Incident]:
    """Those that are not over, oldest first."""
    return _incidents(store.execute("select * from incidents where resolved_at is null order by opened_at, id"))


def over_since(store: sqlite3.Connection, kind: Kind, subject: str, now: datetime) -> datetime | None:
    """Since when the latest incident of this kind and subject is over: ``now`` while one is open; None without any."""
    row = store.execute(
        "select max(coalesce(resolved_at, ?)) as moment from incidents where kind = ? and subject = ?",
        [to_text(now), kind, subject],
    ).fetchone()
    return from_text(row["moment"]) if row["moment"] else None


def history(store: sqlite3.Connection, since: datetime) -> list[Incident]:
    """Those that were open at any time since then, newest first."""
    return _incidents(
        store.execute(
            "select * from incidents where resolved_at is null or resolved_at >= ? order by opened_at desc, id desc",
            [to_text(since)],
        )
    )


def insert_incident(store: sqlite3.Connection, problem: Problem, now: datetime) -> Incident:
    """Open an incident."""
    inserted = store.execute(
        """insert into incidents (key, kind, subject, severity, title, details, days, owners, affected, to_do, link,
             opened_at, told_at, has_news)
           values (:key, :kind, :subject, :severity, :title, :details, :days, :owners, :affected, :to_do, :link,
             :now, :now, 0)""",
        _columns(problem) | {"key": problem.key, "now": to_text(now)},
    )
    return Incident(int(inserted.lastrowid or 0), problem, now, now, False, None, None)


def update_incident(store: sqlite3.Connection, incident: Incident) -> None:
    """Write what has changed of an incident."""
    changed = {
        "id": incident.id,
        "told_at": to_text(incident.told_at),
        "has_news": incident.has_news,
        "unseen_since": incident.unseen_since and to_text(incident.unseen_since),
        "resolved_at": incident.resolved_at and to_text(incident.resolved_at),
    }
    store.execute(
        """update incidents set kind = :kind, subject = :subject, severity = :severity, title = :title,
             details = :details, days = :days, owners = :owners, affected = :affected, to_do = :to_do, link = :link,
             told_at = :told_at, has_news = :has_news, unseen_since = :unseen_since, resolved_at = :resolved_at
           where id = :id""",
        _columns(incident.problem) | changed,
    )


def _columns(problem: Problem) -> dict[str, object]:
    return {
        "kind": problem.kind,
        "subject": problem.subject,
        "severity": problem.severity,
        "title": problem.title,
        "details": json.dumps(problem.details),
        "days": json.dumps([day.isoformat() for day in problem.days]),
        "owners": json.dumps(problem.owners),
        "affected": json.dumps(problem.affected),
        "to_do": problem.to_do,
        "link": problem.link,
    }


def _incidents(rows: Iterable[sqlite3.Row]) -> list[Incident]:
    return [
        Incident(
            id=row["id"],
            problem=Problem(
                kind=row["kind"],
                subject=row["subject"],
                severity=row["severity"],
                title=row["title"],
                details=tuple(json.loads(row["details"])),
                to_do=row["to_do"],
                owners=tuple(json.loads(row["owners"])),
                days=tuple(date.fromisoformat(day) for day in json.loads(row["days"])),
                affected=tuple(json.loads(row["affected"])),
                link=row["link"],
            ),
            opened_at=from_text(row["opened_at"]),
            told_at=from_text(row["told_at"]),
            has_news=bool(row["has_news"]),
            unseen_since=row["unseen_since"] and from_text(row["unseen_since"]),
            resolved_at=row["resolved_at"] and from_text(row["resolved_at"]),
        )
        for row in rows
    ]
