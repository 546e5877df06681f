"""Reports as tables in a terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from customer_analytics.contracts.changes import Change
from customer_analytics.reporting.diff import ChangedRecord
from customer_analytics.reporting.doctor import Finding
from customer_analytics.reporting.impact import Effect, Reach
from customer_analytics.reporting.masking import visible
from customer_analytics.reporting.quarantine import QuarantineCount, QuarantinedRecord
from customer_analytics.reporting.schedule import TimelyDay
from customer_analytics.reporting.status import DayStatus, count_states
from customer_analytics.reporting.summary import Summary
from customer_analytics.settings import Settings

_STATES = {"published": "green", "landed": "cyan", "stale": "yellow", "held_back": "bold red", "missing": "dim"}
_TIMELY = {
    "history": "dim",
    "not_expected": "dim",
    "waiting": "cyan",
    "in_time": "green",
    "late": "yellow",
    "not_landed": "bold red",
    "not_published": "bold red",
    "not_ready": "bold red",
}
_VERDICTS = {"ok": "green", "warning": "yellow", "error": "bold red"}
_OUTCOMES = {"warned": "yellow", "failed": "bold red"}
_LEVELS = {"major": "bold red", "minor": "yellow", "patch": "green"}


def print_summary(console: Console, summary: Summary, settings: Settings) -> None:
    """What came in, what became of it, what it says of customers, and where things are."""
    sources = _table("Records", "source", "days", "delivered", "accepted", "quarantined", "ignored")
    for source in summary.sources:
        counts = (source.days, source.records, source.accepted, source.quarantined, source.ignored)
        sources.add_row(source.source, *(f"{count:,}" for count in counts))
    reasons = _table("Quarantined by reason", "source", "column", "rule", "records")
    for name, column, rule, records in summary.quarantined_by_reason:
        reasons.add_row(name, column or "(record)", rule, f"{records:,}")
    checks = _table("Checks that did not pass", "dataset", "check", "outcome", "days")
    for dataset, check, outcome, days in summary.failed_checks:
        checks.add_row(dataset, check, _styled(outcome, _OUTCOMES), str(days))
    title = f"Whom to call first, of {summary.at_risk:,} at risk (as of {summary.as_of_date})"
    at_risk = _table(title, "", "customer", "value at risk", "why", "what to do")
    for customer in summary.most_at_risk:
        value = "no orders" if customer.value_at_risk is None else f"{customer.value_at_risk:,.2f}"
        why = escape("; ".join(customer.reasons))
        at_risk.add_row(str(customer.call_rank), escape(customer.customer_id), value, why, customer.recommended_action)
    for table in (sources, reasons, checks, at_risk):
        console.print(table)
    console.print(
        f"{summary.customers:,} customers are worth {summary.total_clv:,.2f} in all, as of {summary.as_of_date}.\n\n"
        f"  Deliveries     {settings.landing_dir}\n"
        f"  Tables         {settings.serving_path}  (for reading; e.g. marts.customer_lifetime_value)\n"
        f"  Warehouse      {settings.warehouse_path}  (quality.quarantine has what was set aside)\n"
        "  UI             make dev, then http://127.0.0.1:3000",
        highlight=False,
        soft_wrap=True,
    )


def print_status(console: Console, statuses: Sequence[DayStatus], days: int) -> None:
    """The latest days as a grid, then how many days are in which state."""
    datasets = list(dict.fromkeys(status.dataset for status in statuses))
    by_place = {(status.day, status.dataset): status for status in statuses}
    grid = _table("", "day", *datasets)
    grid.columns[0].no_wrap = True
    for day in sorted({status.day for status in statuses})[-days:]:
        grid.add_row(str(day), *(_cell(by_place[day, dataset]) for dataset in datasets))
    console.print(grid)
    for dataset in datasets:
        counts = count_states([status for status in statuses if status.dataset == dataset])
        words = ", ".join(f"{count} {_styled(state, _STATES)}" for state, count in counts.items())
        console.print(f"{dataset}: {words}", highlight=False)
    for dataset, outdated in Counter(status.dataset for status in statuses if status.is_outdated).items():
        console.print(
            f"{outdated} published days of {dataset} were judged under other rules than today's; "
            f"customer-analytics replay {dataset} --outdated judges them again.",
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )


def print_schedule(
    console: Console, days: Sequence[TimelyDay], shares: Mapping[str, float | None], conflicts: Sequence[str]
) -> None:
    """The latest days of every dataset against their times (UTC), the share in time, and times that cannot be kept."""
    for dataset, share in shares.items():
        in_time = "nothing was due yet" if share is None else f"{share:.1%} of days in time"
        table = _table(f"{dataset}: {in_time}", "day", "due", "landed", "started", "published", "")
        for day in (each for each in days if each.dataset == dataset):
            moments = map(_moment, (day.due_at, day.landed_at, day.started_at, day.published_at))
            table.add_row(str(day.day), *moments, _styled(day.state, _TIMELY))
        console.print(table)
    for conflict in conflicts:
        console.print(conflict, style="yellow", highlight=False, soft_wrap=True)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%m-%d %H:%M}" if moment else ""


def print_quarantine(console: Console, counts: Sequence[QuarantineCount]) -> None:
    """What stands in quarantine."""
    table = _table("In quarantine", "source", "day", "column", "rule", "records")
    for count in counts:
        table.add_row(count.source, str(count.day), count.column or "(record)", count.rule, f"{count.records:,}")
    console.print(table if counts else "Nothing stands in quarantine.")


def print_records(console: Console, records: Sequence[tuple[QuarantinedRecord, str | None]]) -> None:
    """Quarantined records, each with the text that is to be shown of it."""
    table = _table("", "place", "reasons", "record")
    for record, text in records:
        reasons = "; ".join(message for _, _, message in record.reasons)
        shown = "(erased: its retention has ended)" if text is None else text
        table.add_row(_plain(f"{record.file}:{record.line}"), _plain(reasons), _plain(shown))
    console.print(table if records else "There are none.")


def print_diff(console: Console, source: str, day: date, changes: Sequence[ChangedRecord]) -> None:
    """What the latest republication of a day changed."""
    table = _table(f"What the latest republication of {source} {day} changed", "key", "change", "before", "after")
    for each in changes:
        table.add_row(_plain(each.key), each.change, *(_values(side) for side in (each.before, each.after)))
    console.print(table if changes else f"{source} {day} was never republished with other content.")


def _values(values: dict[str, str | None] | None) -> str:
    if values is None:
        return "(erased)"
    return _plain(", ".join(f"{name}={'null' if value is None else value}" for name, value in values.items()))


def _plain(text: str) -> str:
    """What was delivered, for a terminal: neither rich nor the terminal takes it for anything but text."""
    return escape(visible(text))


def print_impact(console: Console, asset: str, day: date, effects: Iterable[Effect]) -> None:
    """Which assets, days and columns depend on a day of an asset."""
    table = _table(f"What depends on {asset} of {day}", "asset", "days", "columns")
    for effect in effects:
        table.add_row(effect.asset, f"{effect.first_day} to {effect.last_day}", ", ".join(effect.columns))
    console.print(table if table.row_count else f"Nothing that is derived depends on {asset} of {day}.")


def print_changes(console: Console, level: str | None, changes: Iterable[Change], reaches: Iterable[Reach]) -> None:
    """How grave a change of a contract is, what it consists of, and what is made from what it touches."""
    if level is None:
        console.print("Nothing changes.")
        return
    console.print(f"This is a {_styled(level, _LEVELS)} change.")
    table = _table("", "level", "column", "change")
    for change in changes:
        table.add_row(_styled(change.level, _LEVELS), change.column or "(record)", escape(change.what))
    console.print(table)
    reached = _table("What is made from it", "asset", "columns")
    for reach in reaches:
        reached.add_row(reach.asset, ", ".join(reach.columns))
    console.print(reached if reached.row_count else "Nothing that is derived is made from it.")


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    """What the doctor found."""
    table = _table("", "subject", "", "")
    for finding in findings:
        table.add_row(finding.subject, _styled(finding.verdict, _VERDICTS), escape(finding.words))
    console.print(table)


def _cell(status: DayStatus) -> str:
    checks = status.failed_checks or status.warned_checks
    words = f" ({', '.join(checks)})" if checks else ""
    return f"{_styled(status.state, _STATES)}{words}"


def _styled(word: str, styles: dict[str, str]) -> str:
    return f"[{styles.get(word, 'default')}]{word.replace('_', ' ')}[/]"


def _table(title: str, *columns: str) -> Table:
    folded = (Column(column, overflow="fold") for column in columns)  # Rather than cut: it may be what is looked for.
    table = Table(*folded, title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.title_style = "bold"
    return table
