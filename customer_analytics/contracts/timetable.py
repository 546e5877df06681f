"""Whether declared times can be kept: an output after its input, and all loads one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule


@dataclass(frozen=True)
class Output:
    """What is derived from a source, and by when it must be there."""

    source: str
    schedule: OutputSchedule


@dataclass(frozen=True)
class _Job:
    """A load at the writer: ``start`` is when it can begin."""

    name: str
    start: datetime
    takes: timedelta


def conflicts(
    deliveries: Mapping[str, DeliverySchedule], outputs: Mapping[str, Output], days: Sequence[date]
) -> list[str]:
    """Why the outputs of one of ``days`` could not be there in time although every delivery lands at its deadline.

    Each output is named once, with the first such day. Give a year of days: clocks of two zones change on different
    ones.
    """
    found: dict[str, str] = {}
    for day in days:
        for name, words in _conflicts_of(deliveries, outputs, day):
            found.setdefault(name, words)
    return list(found.values())


def _conflicts_of(
    deliveries: Mapping[str, DeliverySchedule], outputs: Mapping[str, Output], day: date
) -> Iterator[tuple[str, str]]:
    over = datetime.combine(day + timedelta(days=1), time(), UTC)
    moments = {name: each.published_by(day) for name, each in deliveries.items()}
    moments |= {name: each.schedule.ready_at(day) for name, each in outputs.items()}
    for name, moment in moments.items():
        if moment < over:
            too_early = "which is before the day itself has ended: days are those of UTC"
            yield name, f"{name} of {day} is due at {moment:%Y-%m-%d %H:%M} UTC, {too_early}."
    done = _end_of_each(deliveries, outputs, day)
    for name, output in outputs.items():
        ready, source = output.schedule.ready_at(day), deliveries.get(output.source)
        if source is None or not source.is_expected(day):
            continue
        deadline = source.deadline_at(day)
        due = f"{name} of {day} is due at {ready:%Y-%m-%d %H:%M} UTC"
        if ready <= deadline:
            yield name, f"{due}, before its input: {output.source} may land until {deadline:%Y-%m-%d %H:%M}."
        elif done[name] > ready:
            queue = f"behind the one writer it may be there at {done[name]:%Y-%m-%d %H:%M} only"
            remedy = "Move a deadline, or mend takes_minutes where it is too high."
            yield name, f"{due}, but {queue}: every load waits for those before it. {remedy}"


def _end_of_each(
    deliveries: Mapping[str, DeliverySchedule], outputs: Mapping[str, Output], day: date
) -> dict[str, datetime]:
    """When each load ends if deliveries land at their deadlines and the writer takes one after the other."""
    waiting = [
        _Job(name, schedule.deadline_at(day), timedelta(minutes=schedule.takes_minutes))
        for name, schedule in deliveries.items()
        if schedule.is_expected(day)
    ]
    ends: dict[str, datetime] = {}
    while waiting:
        job = min(waiting, key=lambda each: each.start)
        waiting.remove(job)
        ends[job.name] = max([job.start, *ends.values()]) + job.takes
        waiting += [
            _Job(name, ends[job.name], timedelta(minutes=output.schedule.takes_minutes))
            for name, output in outputs.items()
            if output.source == job.name
        ]
    return ends
