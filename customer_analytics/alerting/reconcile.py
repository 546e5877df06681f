"""From the problems that are seen now to incidents and the messages about them.

Everything follows from what is seen and what is stored, so a tick that was missed, cut short or done twice changes
nothing. A problem that goes and comes back within ``settle_minutes`` was never gone: its incident ends, and its
recovery is told, only after it has stayed away for so long. So a problem that flaps makes one opened message and one
resolved message, however often it flaps.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from customer_analytics.alerting.channels import Channels
from customer_analytics.alerting.incidents import Incident, insert_incident, open_incidents, update_incident
from customer_analytics.alerting.messages import Purpose, Text, cleaned, opened, resolved, updated
from customer_analytics.alerting.problem import Kind, Problem
from customer_analytics.alerting.routing import Routing
from customer_analytics.alerting.store import change, to_text


@dataclass
class Reconciled:
    """The keys of the incidents that opened, were told of again and ended."""

    opened: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)


def reconcile(
    store: sqlite3.Connection,
    problems: Iterable[Problem],
    observed_kinds: Collection[Kind],
    routing: Routing,
    channels: Channels,
    now: datetime,
) -> Reconciled:
    """Open, change and end incidents, and write what is to be told of them; all of it or nothing.

    An address that a route matches is told once that an incident is open, also where the route, the channel or the
    severity came later; and once that it is over. Incidents of kinds that could not be observed this time stay as they
    are. ``now`` is aware.

    Raises:
        sqlite3.Error: the store cannot be written; nothing was.
    """
    seen = _by_key(problems)
    outcome = Reconciled()
    with change(store):
        desk = _Desk(store, routing, channels, now, _told(store))
        open_by_key = {incident.problem.key: incident for incident in open_incidents(store)}
        for key, problem in seen.items():
            _see(desk, problem, open_by_key.get(key), outcome)
        for key, incident in open_by_key.items():
            if key not in seen and incident.problem.kind in observed_kinds:
                _miss(desk, incident, outcome)
    return outcome


@dataclass(frozen=True)
class _Desk:
    """Where a tick writes; ``told`` are the addresses that know of an open incident, by its id."""

    store: sqlite3.Connection
    routing: Routing
    channels: Channels
    now: datetime
    told: Mapping[int, set[str]]

    def addresses(self, problem: Problem) -> list[str]:
        names = self.routing.channels_for(problem.severity, problem.owners, problem.kind)
        return [address for name in names for address in self.channels.addresses(name)]

    def write(self, incident: Incident, addresses: Iterable[str], purpose: Purpose, text: Text) -> None:
        severity = incident.problem.severity
        self.store.executemany(
            """insert into messages (incident_id, address, purpose, severity, title, body, written_at)
               values (?, ?, ?, ?, ?, ?, ?)""",
            [
                [incident.id, address, purpose, severity, text.title, text.body, to_text(self.now)]
                for address in addresses
            ],
        )


def _see(desk: _Desk, problem: Problem, incident: Incident | None, outcome: Reconciled) -> None:
    if incident is None:
        incident = insert_incident(desk.store, problem, desk.now)
        desk.write(incident, desk.addresses(problem), "opened", opened(problem))
        outcome.opened.append(problem.key)
        return
    grown = _grown(incident.problem, problem)
    raised = grown.severity != incident.problem.severity
    has_news = incident.has_news or grown != incident.problem
    is_due = desk.now - incident.told_at >= timedelta(hours=desk.routing.update_hours)
    now_seen = replace(incident, problem=grown, has_news=has_news, unseen_since=None)
    addresses = desk.addresses(grown)
    told = desk.told.get(incident.id, set())
    shown = replace(grown, days=problem.days)
    if not told.issuperset(addresses):
        desk.write(now_seen, [each for each in addresses if each not in told], "opened", opened(shown))
    if raised or (has_news and is_due):
        now_seen = replace(now_seen, told_at=desk.now, has_news=False)
        desk.write(
            now_seen, [each for each in addresses if each in told], "updated", updated(shown, incident.opened_at)
        )
        outcome.updated.append(problem.key)
    if now_seen != incident:
        update_incident(desk.store, now_seen)


def _miss(desk: _Desk, incident: Incident, outcome: Reconciled) -> None:
    since = min(incident.unseen_since or desk.now, desk.now)
    ended = desk.now - since >= timedelta(minutes=desk.routing.settle_minutes)
    if ended:
        told = sorted(desk.told.get(incident.id, set()))
        desk.write(incident, told, "resolved", resolved(incident, since))
        outcome.resolved.append(incident.problem.key)
    now_missed = replace(incident, unseen_since=since, resolved_at=since if ended else None)
    if now_missed != incident:
        update_incident(desk.store, now_missed)


def _by_key(problems: Iterable[Problem]) -> dict[str, Problem]:
    """One problem of each key; two of the same are told as one."""
    seen: dict[str, Problem] = {}
    for each in map(cleaned, problems):
        before = seen.get(each.key)
        if before is not None and before != each:
            lines = (dict.fromkeys([*before.details, *each.details]), dict.fromkeys([*before.affected, *each.affected]))
            owners = dict.fromkeys([*before.owners, *each.owners])
            seen[each.key] = replace(
                _grown(before, each), details=tuple(lines[0]), affected=tuple(lines[1]), owners=tuple(owners)
            )
        else:
            seen[each.key] = each
    return seen


def _grown(before: Problem, now: Problem) -> Problem:
    """What is seen now, with every day and the highest severity that there have been."""
    return replace(
        now,
        severity="critical" if "critical" in (before.severity, now.severity) else "warning",
        days=tuple(sorted({*before.days, *now.days})),
    )


def _told(store: sqlite3.Connection) -> dict[int, set[str]]:
    told: defaultdict[int, set[str]] = defaultdict(set)
    rows = store.execute(
        """select incident_id, address from messages join incidents on incidents.id = messages.incident_id
           where purpose = 'opened' and resolved_at is null"""
    )
    for row in rows:
        told[row["incident_id"]].add(row["address"])
    return told
