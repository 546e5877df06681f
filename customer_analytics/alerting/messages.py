"""What people read: plain text, short enough for a phone, without anything that could act on where it is shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from customer_analytics.alerting.incidents import Incident
from customer_analytics.alerting.problem import Problem, Severity
from customer_analytics.landing.calendar import contiguous

# critical and warning: something is wrong. resolved: it no longer is.
Tone = Literal["critical", "warning", "resolved"]
Purpose = Literal["opened", "updated", "resolved"]

LISTED = 10
TITLE_CHARACTERS = 150
LINE_CHARACTERS = 300
# A link that is cut leads nowhere.
LINK_CHARACTERS = 2_000

_ORDER: tuple[Tone, ...] = ("critical", "warning", "resolved")


@dataclass(frozen=True)
class Text:
    """What is sent; ``subject`` is the same for all that is sent of one incident, and empty where several are told."""

    tone: Tone
    title: str
    body: str
    subject: str = ""


@dataclass(frozen=True)
class Notice:
    """What a digest needs of one of the messages that it gathers."""

    incident_id: int
    purpose: Purpose
    severity: Severity
    title: str
    link: str = ""

    @property
    def tone(self) -> Tone:
        """How it sounds."""
        return "resolved" if self.purpose == "resolved" else self.severity


def opened(problem: Problem) -> Text:
    """Something is wrong."""
    return _telling(problem, "")


def updated(problem: Problem, opened_at: datetime) -> Text:
    """It is still wrong, and not as it was."""
    return _telling(problem, f"Still so, since {_moment(opened_at)}, with changes:")


def resolved(incident: Incident, ended_at: datetime) -> Text:
    """It is over: how long it lasted, and which days it had."""
    problem = incident.problem
    lasted = _duration(ended_at - incident.opened_at)
    lines = [
        f"This is over. It lasted {lasted}, from {_moment(incident.opened_at)} to {_moment(ended_at)}.",
        *_days_line(problem.days),
        "There is nothing left to do.",
        *_link_lines(problem.link),
    ]
    return Text("resolved", _title("resolved", problem.title), "\n".join(lines))


def digest(notices: Sequence[Notice]) -> Text:
    """Several incidents in one message; each as it stands now, the gravest first. ``notices`` are in their order."""
    latest = sorted({notice.incident_id: notice for notice in notices}.values(), key=lambda each: _rank(each.tone))
    counts = Counter("resolved" if notice.tone == "resolved" else "open" for notice in latest)
    words = ", ".join(f"{counts[state]:,} {state}" for state in ("open", "resolved") if counts[state])
    noun = "incident" if len(latest) == 1 else "incidents"
    lines = [line for notice in latest[:LISTED] for line in (f"- {plain(notice.title)}", *_link_lines(notice.link))]
    if len(latest) > LISTED:
        lines.append(f"- and {len(latest) - LISTED:,} more")
    tone = latest[0].tone
    return Text(
        tone,
        _title(tone, f"{len(latest):,} {noun}: {words}"),
        "\n".join([*lines, "", "All of them: customer-analytics incidents"]),
    )


def in_ranges(days: Sequence[date]) -> list[str]:
    """Days in words, ascending; those that follow each other as ``2026-11-01 to 2026-11-05``."""
    return [f"{first}" if first == last else f"{first} to {last}" for first, last in contiguous(days)]


def cleaned(problem: Problem) -> Problem:
    """A problem whose texts can be stored and shown anywhere."""
    return replace(
        problem,
        subject=plain(problem.subject),
        title=plain(problem.title),
        details=tuple(plain(line) for line in problem.details),
        to_do=plain(problem.to_do),
        owners=tuple(plain(owner) for owner in problem.owners),
        affected=tuple(plain(line) for line in problem.affected),
        link=plain(problem.link, LINK_CHARACTERS),
    )


def plain(text: str, longest: int = LINE_CHARACTERS) -> str:
    """The text on one line, without control, direction or zero-width characters, cut where it is too long."""
    shown = text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
    line = " ".join(shown.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _telling(problem: Problem, before: str) -> Text:
    lines = [
        *([before] if before else []),
        *_listed(problem.details),
        *_days_line(problem.days),
        *(["", "Affected:", *_listed(problem.affected, bullet="- ")] if problem.affected else []),
        "",
        f"What to do: {plain(problem.to_do)}",
        *_link_lines(problem.link),
    ]
    return Text(problem.severity, _title(problem.severity, problem.title), "\n".join(lines))


def _title(tone: Tone, title: str) -> str:
    return f"[{tone}] {plain(title, TITLE_CHARACTERS)}"


def _days_line(days: Sequence[date]) -> list[str]:
    ranges = in_ranges(days)
    if not ranges:
        return []
    more = f" and {len(ranges) - LISTED:,} more" if len(ranges) > LISTED else ""
    return [f"{'Day' if len(set(days)) == 1 else 'Days'}: {', '.join(ranges[:LISTED])}{more}"]


def _link_lines(link: str) -> list[str]:
    return [plain(link, LINK_CHARACTERS)] if link else []


def _listed(lines: Sequence[str], bullet: str = "") -> list[str]:
    shown = [f"{bullet}{plain(line)}" for line in lines[:LISTED]]
    return [*shown, f"{bullet}and {len(lines) - LISTED:,} more"] if len(lines) > LISTED else shown


def _rank(tone: Tone) -> int:
    return _ORDER.index(tone)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _duration(lasted: timedelta) -> str:
    """In words, to the minute, or to the hour where it is days."""
    minutes = round(lasted / timedelta(minutes=1))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"
