"""Problems with runs: an asset whose latest run ended badly, an asset that is paused."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import dagster as dg

from customer_analytics.alerting.problem import Problem
from customer_analytics.alerting.surroundings import Surroundings
from customer_analytics.components.breaker import BreakerState, read_breaker
from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.runs import (
    ENDED,
    EndedLoad,
    days_of,
    ended_loads,
    is_being_retried,
    is_ours,
)


def failed_run_problems(
    instance: dg.DagsterInstance, assets: Iterable[str], surroundings: Surroundings
) -> list[Problem]:
    """Assets whose latest run failed, unless a check held its days back, or it is going to be started again."""
    latest = [(asset, load) for asset in assets for load in ended_loads(instance, asset, limit=1)]
    return _without_a_start(instance, surroundings) + [
        _failed(instance, asset, load, surroundings)
        for asset, load in latest
        if load.failed and load.outcome != "held_back" and not is_being_retried(instance, load.run)
    ]


def _without_a_start(instance: dg.DagsterInstance, surroundings: Surroundings) -> list[Problem]:
    """The latest run, where it failed before it came to any asset."""
    runs = instance.get_runs(dg.RunsFilter(statuses=ENDED), limit=1)
    return [
        Problem(
            kind="run_failed",
            subject=run.job_name,
            severity="critical",
            title="A run failed before it began",
            details=(f"Run {run.run_id[:8]} of {run.job_name} did not come to any asset.",),
            to_do="Its page says why: often a setting, or code that does not load.",
            link=surroundings.links.run(run.run_id),
        )
        for run in runs
        if run.status is dg.DagsterRunStatus.FAILURE and not is_ours(run) and not is_being_retried(instance, run)
    ]


def _failed(instance: dg.DagsterInstance, asset: str, load: EndedLoad, surroundings: Surroundings) -> Problem:
    days: tuple[date, ...] = tuple(days_of(load.run))
    ended = datetime.fromtimestamp(load.ended_at, UTC)
    return Problem(
        kind="run_failed",
        subject=asset,
        severity="critical",
        title=f"{asset}: a run failed",
        details=(f"Run {load.run.run_id[:8]} failed at {ended:%Y-%m-%d %H:%M} UTC.", *_reasons(instance, load.run)),
        to_do="Its page says why. What may pass is tried again by itself; else mend what it names and launch it again.",
        owners=surroundings.owners_of(asset),
        days=days,
        affected=surroundings.affected_by(asset, days),
        link=surroundings.links.run(load.run.run_id),
    )


def _reasons(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    """What this project says of why a run failed. What others say stays in Dagster: it may quote what was delivered."""
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    failures = [event.get_dagster_event().step_failure_data.user_failure_data for event in events]
    return [failure.description for failure in failures if failure and failure.description]


def paused_problems(
    instance: dg.DagsterInstance, assets: Mapping[str, BreakerPolicy], surroundings: Surroundings, now: datetime
) -> list[Problem]:
    """Assets that are paused, because their loads failed again and again."""
    states = {asset: read_breaker(instance, asset, policy, now) for asset, policy in assets.items()}
    return [
        _paused(asset, state, surroundings) for asset, state in states.items() if state.state in ("open", "half_open")
    ]


def _paused(asset: str, state: BreakerState, surroundings: Surroundings) -> Problem:
    return Problem(
        kind="paused",
        subject=asset,
        severity="critical",
        title=f"{asset}: paused after failures in a row",
        details=(f"{state.words}.",),
        to_do=(
            "Mend what its runs name. After the pause one day is tried, and when it works the rest follows; a day that "
            "you launch by hand and that works ends the pause at once."
        ),
        owners=surroundings.owners_of(asset),
        affected=surroundings.affected_by(asset, (state.until.date(),)) if state.until else (),
        link=surroundings.links.days(asset),
    )
