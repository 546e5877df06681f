"""Whether declared times can be kept: an output after its input, and all loads one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule


@dataclass(frozen=True)
class Output:
    """What is derived: from which sources and after which other outputs, and by when it must be there."""

    sources: tuple[str, ...]
    schedule: OutputSchedule
    after: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """All that comes before it."""
        return self.sources + self.after


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
        ready = output.schedule.ready_at(day)
        awaited = {source: deliveries[source].deadline_at(day) for source in output.sources if source in done}
        if not awaited:
            continue
        source, deadline = max(awaited.items(), key=lambda each: each[1])
        due = f"{name} of {day} is due at {ready:%Y-%m-%d %H:%M} UTC"
        if ready <= deadline:
            yield name, f"{due}, before its input: {source} may land until {deadline:%Y-%m-%d %H:%M}."
        elif done[name] > ready:
            queue = f"behind the one writer it may be there at {done[name]:%Y-%m-%d %H:%M} only"
            remedy = "Move a deadline, or mend takes_minutes where it is too high."
            yield name, f"{due}, but {queue}: every load waits for those before it. {remedy}"


def _end_of_each(
    deliveries: Mapping[str, DeliverySchedule], outputs: Mapping[str, Output], day: date
) -> dict[str, datetime]:
    """When each load ends if deliveries land at their deadlines and the writer takes one after the other."""
    jobs = [
        _Job(name, schedule.deadline_at(day), timedelta(minutes=schedule.takes_minutes))
        for name, schedule in deliveries.items()
        if schedule.is_expected(day)
    ]
    to_come = dict(outputs)
    ends: dict[str, datetime] = {}
    while jobs:
        job = min(jobs, key=lambda each: each.start)
        jobs.remove(job)
        ends[job.name] = max([job.start, *ends.values()]) + job.takes
        waited_for = {each.name for each in jobs} | to_come.keys()
        for name in [name for name, output in to_come.items() if waited_for.isdisjoint(output.needs)]:
            output = to_come.pop(name)
            jobs.append(_Job(name, ends[job.name], timedelta(minutes=output.schedule.takes_minutes)))
    return ends
