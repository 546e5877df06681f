"""Problems with time: days that are not there though their time has come."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from customer_analytics.alerting.problem import Problem
from customer_analytics.alerting.surroundings import Surroundings, counted
from customer_analytics.reporting.schedule import TimelyDay


def late_problems(
    days: Sequence[TimelyDay], held_back: Collection[tuple[str, date]], surroundings: Surroundings
) -> list[Problem]:
    """One problem for each dataset and way of being late; days that a check holds back are told as such elsewhere."""
    late: dict[tuple[str, str], list[TimelyDay]] = {}
    for day in days:
        if day.state in _TELLERS and (day.dataset, day.day) not in held_back:
            late.setdefault((day.dataset, day.state), []).append(day)
    return [_TELLERS[state](dataset, of_dataset, surroundings) for (dataset, state), of_dataset in late.items()]


def _not_landed(source: str, late: Sequence[TimelyDay], surroundings: Surroundings) -> Problem:
    days = tuple(day.day for day in late)
    return Problem(
        kind="not_landed",
        subject=source,
        severity="critical",
        title=f"{source}: {counted(days)} not landed by the deadline",
        details=tuple(f"{day.day} was due at {day.due_at:%Y-%m-%d %H:%M} UTC" for day in late),
        to_do=(
            f"Ask whoever delivers {source}. Once the files and their flag are there, they are loaded by themselves. "
            "If nothing will come, name the day in the schedule's without_delivery."
        ),
        owners=surroundings.owners_of(source),
        days=days,
        affected=surroundings.affected_by(source, days),
        link=surroundings.page_of(source, days),
    )


def _not_published(source: str, late: Sequence[TimelyDay], surroundings: Surroundings) -> Problem:
    days = tuple(day.day for day in late)
    return Problem(
        kind="not_published",
        subject=source,
        severity="critical",
        title=f"{source}: {counted(days)} landed, but not been published in time",
        details=tuple(f"{day.day} landed at {day.landed_at:%Y-%m-%d %H:%M} UTC" for day in late),
        to_do=(
            "See whether runs wait or fail, whether the daemon runs, and who holds the warehouse: "
            "customer-analytics doctor. Launch the days again if nothing does."
        ),
        owners=surroundings.owners_of(source),
        days=days,
        affected=surroundings.affected_by(source, days),
        link=surroundings.page_of(source, days),
    )


def _not_ready(output: str, late: Sequence[TimelyDay], surroundings: Surroundings) -> Problem:
    days = tuple(day.day for day in late)
    return Problem(
        kind="not_ready",
        subject=output,
        severity="critical",
        title=f"{output}: {counted(days)} not been ready in time",
        details=tuple(f"{day.day} was due at {day.due_at:%Y-%m-%d %H:%M} UTC" for day in late),
        to_do="Do not act on older figures as if they were these. See what its inputs lack, and whether its runs fail.",
        owners=surroundings.owners_of(output),
        days=days,
        link=surroundings.page_of(output, days),
    )


_TELLERS: Mapping[str, Callable[[str, Sequence[TimelyDay], Surroundings], Problem]] = {
    "not_landed": _not_landed,
    "not_published": _not_published,
    "not_ready": _not_ready,
}
