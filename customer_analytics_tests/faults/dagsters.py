"""Faults of Dagster's own records: storage that cannot be asked, runs that vanish, notes that mean nothing."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import dagster as dg
from sqlalchemy.exc import OperationalError

from customer_analytics.components.runs import load_tag
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import DUE, Desk

FAILED = "[critical] orders: a run failed"
BLIND = "[critical] Alerting cannot look at Dagster"
RunStatus = dg.DagsterRunStatus
# How it ended, and what is noted on it.
Run = tuple[RunStatus, Mapping[str, str]]


def _cannot_be_asked(desk: Desk, _: Outcome, error: Exception) -> None:
    """Told once, as is all the rest; over when it can be asked again."""

    def fail(*_: object, **__: object) -> None:
        raise error

    desk.begin()
    with desk.monkeypatch.context() as patched:
        patched.setattr(desk.instance, "get_run_records", fail)
        found = desk.look(DUE)
        desk.look()
    assert any("Cannot look at Dagster" in note for note in found.notes)
    assert (desk.told(BLIND), desk.told()) == (1, 1)
    before = len(desk.sink.titles)
    for minutes in (2, 13, 14):
        desk.look(DUE + timedelta(minutes=minutes))
    assert desk.sink.titles[before:] == [BLIND.replace("[critical]", "[resolved]")]


def _has_runs(desk: Desk, outcome: Outcome, runs: Sequence[Run]) -> None:
    desk.begin()
    for status, tags in runs:
        desk.instance.add_run(dg.DagsterRun(job_name="job", status=status, tags=dict(tags)))
    found = desk.look(DUE)
    desk.look()
    assert found.notes == []
    assert desk.told() == 1
    assert desk.told(FAILED) == (outcome == "told_once")


def _vanishes(desk: Desk, _: Outcome) -> None:
    """A run that failed is deleted: then nothing is known to be wrong any more."""
    run = dg.DagsterRun(job_name="job", status=RunStatus.FAILURE, tags={load_tag("orders"): "started"})
    desk.instance.add_run(run)
    desk.begin()
    assert desk.told(FAILED) == 1
    desk.instance.delete_run(run.run_id)
    for minutes in (1, 12, 13):
        desk.look(DUE + timedelta(minutes=minutes))
    assert desk.told(FAILED.replace("[critical]", "[resolved]")) == 1


def _runs(outcome: str, status: RunStatus, **more: str) -> Run:
    return status, {load_tag("orders"): outcome} | {name.replace("__", "/"): value for name, value in more.items()}


ERRORS: Mapping[str, Exception] = {
    "is locked": OperationalError("select", {}, sqlite3.OperationalError("database is locked")),
    "has gone away": OperationalError("select", {}, Exception("server closed the connection unexpectedly")),
    "refuses connections": ConnectionRefusedError(111, "Connection refused"),
    "does not answer": TimeoutError("timed out"),
    "has no room": OSError(28, "No space left on device"),
    "has another schema": dg.DagsterInvariantViolationError("The storage must be migrated."),
}
FAILURE, SUCCESS, CANCELED, STARTED = RunStatus.FAILURE, RunStatus.SUCCESS, RunStatus.CANCELED, RunStatus.STARTED
RUNS: Mapping[str, tuple[Outcome, tuple[Run, ...]]] = {
    "a run died before it began": ("told_once", (_runs("requested", FAILURE),)),
    "a run died at its work": ("told_once", (_runs("started", FAILURE),)),
    "a run died twice": ("told_once", (_runs("started", FAILURE), _runs("started", FAILURE))),
    "a good run came after": ("not_told", (_runs("started", FAILURE), _runs("published", SUCCESS))),
    "a good run came before": ("told_once", (_runs("published", SUCCESS), _runs("started", FAILURE))),
    "a run was cancelled": ("not_told", (_runs("started", CANCELED),)),
    "a run was cancelled after one died": ("told_once", (_runs("started", FAILURE), _runs("requested", CANCELED))),
    "a run is under way": ("not_told", (_runs("started", STARTED),)),
    "a run is under way after one died": ("told_once", (_runs("started", FAILURE), _runs("started", STARTED))),
    "nothing had landed": ("not_told", (_runs("not_landed", FAILURE),)),
    "some days were good": ("not_told", (_runs("partly", FAILURE),)),
    "the note is unknown": ("not_told", (_runs("who knows", FAILURE),)),
    "the note is empty": ("not_told", (_runs("", FAILURE),)),
    "the note is another asset's": ("not_told", ((FAILURE, {load_tag("refunds"): "started"}),)),
    "there is no note": ("not_told", ((FAILURE, {}),)),
    "it will be started again": ("not_told", (_runs("started", FAILURE, dagster__will_retry="true"),)),
    "it will not be started again": ("told_once", (_runs("started", FAILURE, dagster__will_retry="false"),)),
    "its day is one": ("told_once", (_runs("started", FAILURE, dagster__partition="2026-11-01"),)),
}
DAGSTERS = [
    *(
        Case("Dagster's storage", fault, "blind", partial(_cannot_be_asked, error=error))
        for fault, error in ERRORS.items()
    ),
    *(Case("Dagster's runs", fault, outcome, partial(_has_runs, runs=runs)) for fault, (outcome, runs) in RUNS.items()),
    Case("Dagster's runs", "one that failed was deleted", "told_once", _vanishes),
]
