"""Runs that are waiting or at work: not to be asked for again, nor to be waited for once their process is gone."""

import os
import socket
from collections.abc import Iterable
from datetime import date, timedelta

import dagster as dg

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

# Which process a run is in, as host:pid.
PROCESS_TAG = "customer_analytics/process"


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


def begin(context: dg.AssetExecutionContext, asset: str) -> tuple[list[date], str]:
    """The days that a run asks for, ascending, and what it is for; notes on the run which process it is in."""
    context.instance.add_run_tags(context.run_id, {PROCESS_TAG: f"{socket.gethostname()}:{os.getpid()}"})
    days = sorted(date.fromisoformat(key) for key in context.partition_keys)
    return days, f"{asset} {days[0]} to {days[-1]}, run {context.run_id}"


def retry_policy(max_retries: int = 3, delay_seconds: float = 10) -> dg.RetryPolicy:
    """How a transient fault is retried: patiently more and more, with jitter."""
    return dg.RetryPolicy(
        max_retries=max_retries, delay=delay_seconds, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
    )


def build_vanished_runs_sensor() -> dg.SensorDefinition:
    """Fails runs whose process is gone: Dagster would wait for them, and for the pool that they hold, for ever."""

    @dg.sensor(
        name="vanished_runs",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Fails runs whose process was killed, so that those behind them can start.",
    )
    def vanished_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        started = context.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        gone = [run for run in started if _is_gone(run.tags.get(PROCESS_TAG, ""))]
        for run in gone:
            message = f"The run's process {run.tags[PROCESS_TAG]} is gone: killed, or the machine was restarted."
            context.instance.report_run_failed(run, message)
        names = ", ".join(run.run_id for run in gone)
        return dg.SkipReason(f"Failed, as their processes are gone: {names}." if gone else "No run has vanished.")

    return vanished_runs


def _is_gone(process: str) -> bool:
    """Whether a process of this host has ended; of other hosts nothing is known here."""
    host, _, pid = process.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # It is there, and someone else's.
    return False
