"""Runs that become something, as Dagster itself notes it."""

from datetime import datetime

import dagster as dg
from dagster._core.events import DagsterEvent, DagsterEventType, JobFailureData, RunFailureReason

_EVENTS = {
    dg.DagsterRunStatus.STARTING: DagsterEventType.RUN_STARTING,
    dg.DagsterRunStatus.STARTED: DagsterEventType.RUN_START,
    dg.DagsterRunStatus.SUCCESS: DagsterEventType.RUN_SUCCESS,
    dg.DagsterRunStatus.FAILURE: DagsterEventType.RUN_FAILURE,
    dg.DagsterRunStatus.CANCELED: DagsterEventType.RUN_CANCELED,
}


def becomes(
    instance: dg.DagsterInstance, run: dg.DagsterRun, status: dg.DagsterRunStatus, at: datetime | None = None
) -> None:
    """Report the event that gives the run this status, now or at some time."""
    failed = JobFailureData(error=None, failure_reason=RunFailureReason.STEP_FAILURE)
    event = DagsterEvent(
        event_type_value=_EVENTS[status].value,
        job_name=run.job_name,
        event_specific_data=failed if status is dg.DagsterRunStatus.FAILURE else None,
    )
    instance.report_dagster_event(event, run_id=run.run_id, timestamp=at.timestamp() if at else None)


def dies_at_work(instance: dg.DagsterInstance, run: dg.DagsterRun, at: datetime | None = None) -> None:
    """Report that the run began, and failed."""
    becomes(instance, run, dg.DagsterRunStatus.STARTED, at)
    becomes(instance, run, dg.DagsterRunStatus.FAILURE, at)
