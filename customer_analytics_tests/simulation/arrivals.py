"""What arrives and when: a seeded plan of deliveries, and who knows what was delivered last."""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Literal

from customer_analytics.landing.folder import FLAG

SOURCES = ("orders", "support_tickets", "marketing_events")
# delivered: files, then the flag. again: the same files, written anew. corrected: other content. broken: content that
# a check holds back. touched: only the files' times change. flag: before any file. files: without the flag being set
# anew. withdrawn: flag and files are taken away.
Kind = Literal["delivered", "again", "corrected", "broken", "touched", "flag", "files", "withdrawn"]
FOLLOWING: tuple[tuple[Kind, int], ...] = (
    ("again", 30),
    ("corrected", 35),
    ("touched", 22),
    ("broken", 5),
    ("withdrawn", 4),
    ("files", 4),
)
# Deliveries come in waves: minutes after the end of the delivery day.
EARLY, ON_TIME, AFTERNOON = 2 * 60 + 10, 4 * 60 + 50, 15 * 60
BEFORE_MIDNIGHT = -20
DAY = timedelta(days=1)
NAMES = {"orders": "delivery.csv", "support_tickets": "tickets.jsonl", "marketing_events": "events.csv"}
HEADERS = {
    "orders": "order_id,customer_id,order_date,total_amount,status\n",
    "support_tickets": "",
    "marketing_events": "event_id,customer_id,event_type,event_date,campaign_id\n",
}
RECORDS = 5


@dataclass(frozen=True, order=True)
class Arrival:
    """Something happens to a day's folder."""

    moment: datetime
    source: str
    day: date
    kind: Kind


def plan(seed: int, first: date, days: int, arrivals: int) -> list[Arrival]:
    """So many arrivals about ``days`` days from ``first`` on, in order; the same for the same seed."""
    random = Random(seed)
    planned: list[Arrival] = []
    subjects = [(source, first + number * DAY) for number in range(days) for source in SOURCES]
    for source, day in subjects:
        planned += _first_delivery(random, source, day)
    never = {subject for subject in subjects if not any((each.source, each.day) == subject for each in planned)}
    may_follow = [subject for subject in subjects if subject not in never]
    end = first + (days + 1) * DAY
    while len(planned) < arrivals:
        source, day = random.choice(may_follow)
        [kind] = random.choices([kind for kind, _ in FOLLOWING], [weight for _, weight in FOLLOWING])
        later = random.choice([0, 0, 1, 1, 2, 3, 5, 8, 13, 21])
        moment = _moment(day + later * DAY, random.choice([EARLY, ON_TIME, 8 * 60 + 20, AFTERNOON]))
        if moment.date() < end:
            planned.append(Arrival(moment, source, day, kind))
    return sorted(planned)


def _first_delivery(random: Random, source: str, day: date) -> Iterator[Arrival]:
    choice = random.random()
    if choice < 0.06:
        return  # It never comes.
    late = random.choice([0, 0, 1, 2, 4]) * DAY
    minutes = {0: BEFORE_MIDNIGHT, 1: EARLY, 2: AFTERNOON}.get(int((choice - 0.06) * 8), ON_TIME)
    moment = _moment(day, minutes) + (late if minutes == AFTERNOON else 0 * DAY)
    if choice > 0.92:
        yield Arrival(moment, source, day, "flag")
        yield Arrival(moment + timedelta(minutes=random.choice([0.5, 2, 90])), source, day, "files")
        return
    yield Arrival(moment, source, day, "delivered")


def _moment(day: date, minutes: int) -> datetime:
    return datetime.combine(day + DAY, time(), UTC) + timedelta(minutes=minutes)


@dataclass
class Supplier:
    """Carries arrivals out, and knows what was delivered last: the oracle.

    ``flagged`` are the days whose flag is set; ``content`` what lies there, None where a flag has no files; ``broken``
    what a check must hold back.
    """

    root: Path
    first: date
    broken: set[str | None] = field(default_factory=lambda: {None})
    versions: dict[tuple[str, date], int] = field(default_factory=dict)
    content: dict[tuple[str, date], str | None] = field(default_factory=dict)
    flagged: set[tuple[str, date]] = field(default_factory=set)

    def carry_out(self, arrival: Arrival) -> None:
        """Do it, at its moment."""
        subject = (arrival.source, arrival.day)
        folder = self.root / arrival.source / arrival.day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        file, moment = folder / NAMES[arrival.source], arrival.moment.timestamp()
        if arrival.kind == "withdrawn":
            for each in folder.iterdir():
                each.unlink()
            self.content[subject] = None
            self.flagged.discard(subject)
            return
        if arrival.kind == "flag":
            self.content.setdefault(subject, None)
        elif arrival.kind != "touched" or self.content.get(subject) is None:
            text = self._text(arrival)
            file.write_text(text, encoding="utf-8")
            self.content[subject] = text
        if file.exists():
            os.utime(file, (moment, moment))
        if arrival.kind in ("touched", "files") and subject in self.flagged:
            return
        (folder / FLAG).touch()
        os.utime(folder / FLAG, (moment, moment))
        self.flagged.add(subject)

    def _text(self, arrival: Arrival) -> str:
        subject = (arrival.source, arrival.day)
        if arrival.kind in ("corrected", "broken") or self.content.get(subject) is None:
            self.versions[subject] = self.versions.get(subject, 0) + 1
        elif arrival.kind in ("again", "delivered", "files", "touched"):
            return str(self.content[subject])
        is_broken = arrival.kind == "broken"
        text = content(arrival.source, arrival.day, self.versions[subject], is_broken=is_broken)
        if is_broken:
            self.broken.add(text)
        return text


def content(source: str, day: date, version: int, *, is_broken: bool = False) -> str:
    """A version of a day's delivery; of a broken one hardly any record has a customer."""
    lines = []
    for number in range(RECORDS):
        drawn = zlib.crc32(f"{source} {day} {version} {number}".encode())
        customer = "" if is_broken and number else f"C-{drawn % 11}"
        key = f"{day}-{number}"
        if source == "orders":
            lines.append(f"{key},{customer},{day} 10:00:00,{drawn % 9000 / 100 + 1:.2f},paid")
        elif source == "support_tickets":
            priority = ("low", "medium", "high", "urgent")[drawn // 11 % 4]
            lines.append(
                f'{{"ticket_id": "{key}", "customer_id": {f""""{customer}" """.strip() if customer else "null"}, '
                f'"created_date": "{day}T09:00:00", "category": "login", "priority": "{priority}", '
                f'"resolved_date": null}}'
            )
        else:
            kind = ("email_sent", "email_open", "email_click")[drawn // 11 % 3]
            lines.append(f"{key},{customer},{kind},{day},campaign-{drawn % 7}")
    return HEADERS[source] + "\n".join(lines) + "\n"
