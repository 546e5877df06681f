"""Problems with time: days that are not there though their time has come."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from customer_analytics.alerting.problem import Kind, Problem
from customer_analytics.alerting.surroundings import Surroundings, counted
from customer_analytics.reporting.schedule import TimelyDay


@dataclass(frozen=True)
class _Telling:
    """How one way of being late is told: what the days have not done, a line for each, what to do about a dataset."""

    kind: Kind
    words: str
    detail: Callable[[TimelyDay], str]
    to_do: str


def _due(day: TimelyDay) -> str:
    return f"{day.day} was due at {day.due_at:%Y-%m-%d %H:%M} UTC"


# By state of the day.
_TELLINGS: Mapping[str, _Telling] = {
    "not_landed": _Telling(
        "not_landed",
        "not landed by the deadline",
        _due,
        "Ask whoever delivers {dataset}. Once the files and their flag are there, they are loaded by themselves. "
        "If nothing will come, name the day in the schedule's without_delivery.",
    ),
    "not_published": _Telling(
        "not_published",
        "landed, but not been published in time",
        lambda day: f"{day.day} landed at {day.landed_at:%Y-%m-%d %H:%M} UTC",
        "See whether runs wait or fail, whether the daemon runs, and who holds the warehouse: "
        "customer-analytics doctor. Launch the days again if nothing does.",
    ),
    "not_ready": _Telling(
        "not_ready",
        "not been ready in time",
        _due,
        "Do not act on older figures as if they were these. See what its inputs lack, and whether its runs fail.",
    ),
}


def late_problems(
    days: Sequence[TimelyDay], held_back: Collection[tuple[str, date]], surroundings: Surroundings
) -> list[Problem]:
    """One problem for each dataset and way of being late; days that a check holds back are told as such elsewhere."""
    late: dict[tuple[str, str], list[TimelyDay]] = {}
    for day in days:
        if day.state in _TELLINGS and (day.dataset, day.day) not in held_back:
            late.setdefault((day.dataset, day.state), []).append(day)
    return [_late(_TELLINGS[state], dataset, of_dataset, surroundings) for (dataset, state), of_dataset in late.items()]


def _late(telling: _Telling, dataset: str, late: Sequence[TimelyDay], surroundings: Surroundings) -> Problem:
    days = tuple(day.day for day in late)
    return Problem(
        kind=telling.kind,
        subject=dataset,
        severity="critical",
        title=f"{dataset}: {counted(days)} {telling.words}",
        details=tuple(map(telling.detail, late)),
        to_do=telling.to_do.format(dataset=dataset),
        owners=surroundings.owners_of(dataset),
        days=days,
        affected=surroundings.affected_by(dataset, days),
        link=surroundings.links.days(dataset, min(days)),
    )
