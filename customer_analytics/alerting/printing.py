"""Incidents as tables in a terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from customer_analytics.alerting.incidents import Incident
from customer_analytics.alerting.messages import in_ranges
from customer_analytics.alerting.outbox import Waiting

_STYLES = {"critical": "bold red", "warning": "yellow"}


def print_open(console: Console, incidents: Sequence[Incident]) -> None:
    """What is wrong now, a line each."""
    for incident in incidents:
        problem = incident.problem
        style = _STYLES[problem.severity]
        since = f"since {_moment(incident.opened_at)}"
        console.print(f"[{style}]{escape(problem.title)}[/], {since}: {escape(problem.details[0])}", highlight=False)


def print_incidents(console: Console, incidents: Sequence[Incident], unsent: Sequence[Waiting]) -> None:
    """Each incident, the newest first, and the addresses that could not be told yet."""
    if not incidents:
        console.print("Nothing is wrong, nor was lately.")
    for incident in incidents:
        problem = incident.problem
        ended = f"over since {_moment(incident.resolved_at)}" if incident.resolved_at else "open"
        style = "dim" if incident.resolved_at else _STYLES[problem.severity]
        console.print(f"[{style}]{escape(problem.title)}[/] ({ended})", highlight=False, soft_wrap=True)
        facts = Table.grid(Column(), Column(overflow="fold"), padding=(0, 2))
        facts.add_row("  since", _moment(incident.opened_at))
        facts.add_row("  days", ", ".join(in_ranges(problem.days)[:10]) or "-")
        facts.add_row("  what", escape("\n".join(problem.details[:10])))
        facts.add_row("  affected", escape("\n".join(problem.affected[:10])) or "-")
        facts.add_row("  to do", escape(problem.to_do))
        if problem.link:
            facts.add_row("  page", escape(problem.link))
        console.print(facts)
    for each in unsent:
        why = f": {each.last_error}" if each.last_error else ""
        words = f"{each.address} has yet to get {each.messages:,} messages, since {_moment(each.since)}{why}"
        console.print(words, style="yellow", highlight=False, markup=False, soft_wrap=True)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"
