"""Runs that are waiting or at work: what automation has asked for and must not ask for again."""

from collections.abc import Iterable
from datetime import date, timedelta

import dagster as dg

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def runs_under_way(instance: dg.DagsterInstance, sensor: str) -> list[dg.DagsterRun]:
    """The runs that a sensor requested and that have not ended."""
    return list(instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY, tags={"dagster/sensor_name": sensor})))


def days_under_way(instance: dg.DagsterInstance, sensor: str) -> set[date]:
    """The days of these runs."""
    return {day for run in runs_under_way(instance, sensor) for day in _days(run)}


def _days(run: dg.DagsterRun) -> Iterable[date]:
    one = run.tags.get("dagster/partition")
    first = date.fromisoformat(run.tags.get("dagster/asset_partition_range_start", one or "0001-01-02"))
    last = date.fromisoformat(run.tags.get("dagster/asset_partition_range_end", one or "0001-01-01"))
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
