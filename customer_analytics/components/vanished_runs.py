"""Runs whose process is gone: Dagster would wait for them, and for the pool that they hold, for ever."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from customer_analytics.components.names import VANISHED_RUNS_SENSOR
from customer_analytics.components.processes import PROCESS_TAG, is_gone
from customer_analytics.components.runs import is_ours

BEGUN_WITHIN = timedelta(minutes=10)


def build_vanished_runs_sensor() -> dg.SensorDefinition:
    """Fails runs whose process was killed, so that those behind them can start."""

    @dg.sensor(
        name=VANISHED_RUNS_SENSOR,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Fails runs whose process was killed, so that those behind them can start.",
    )
    def vanished_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        now = datetime.now(UTC).timestamp()
        started = context.instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        gone = [(record.dagster_run, words) for record in started if (words := _why_gone(record, now))]
        for run, words in gone:
            context.instance.report_run_failed(run, words)
        names = ", ".join(run.run_id for run, _ in gone)
        return dg.SkipReason(f"Failed, as their processes are gone: {names}." if gone else "No run has vanished.")

    return vanished_runs


def _why_gone(record: dg.RunRecord, now: float) -> str:
    """What became of a started run's process, where it is gone; empty where it is not, or nothing is known of it.

    A run that was asked for notes its process at once: one that has not within ``BEGUN_WITHIN`` died before it could.
    """
    run = record.dagster_run
    run_id, _, process = run.tags.get(PROCESS_TAG, "").rpartition("@")
    if process and run_id in ("", run.run_id):
        words = f"The run's process {process} is gone: killed, or the machine was restarted."
        return words if is_gone(process) else ""
    is_overdue = record.start_time is not None and now - record.start_time > BEGUN_WITHIN.total_seconds()
    return "The run has not begun its work, though it was started long ago." if is_ours(run) and is_overdue else ""
