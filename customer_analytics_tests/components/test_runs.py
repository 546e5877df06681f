"""Runs whose process is gone are failed, so that those behind them can start; no others are."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.utils import make_new_run_id

from customer_analytics.components.processes import PROCESS_TAG
from customer_analytics.components.runs import requested
from customer_analytics_tests.components.conftest import Company


def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


HOST = socket.gethostname()
BEGAN = Path(f"/proc/{os.getpid()}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
OURS = f"{HOST}:{os.getpid()}:{BEGAN}"


def status_after_a_look(
    company: Company, tags: dict[str, str], run_id: str = "", started: datetime | None = None
) -> dg.DagsterRunStatus:
    """What the sensor makes of a run that was started, just now or at some time."""
    moment = started or datetime.now(UTC)
    run = dg.DagsterRun(job_name="__ASSET_JOB", run_id=run_id or make_new_run_id(), tags=tags)
    company.instance.add_run(run)
    event = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, "__ASSET_JOB")
    company.instance.run_storage.handle_run_event(run.run_id, event, moment)
    look = company.definitions.get_sensor_def("vanished_runs")
    assert isinstance(look(dg.build_sensor_context(instance=company.instance)), dg.SkipReason)
    after = company.instance.get_run_by_id(run.run_id)
    assert after
    return after.status


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (f"run@{HOST}:gone:1", dg.DagsterRunStatus.FAILURE),
        (f"run@{HOST}:{os.getpid()}:1", dg.DagsterRunStatus.FAILURE),
        (f"run@{OURS}", dg.DagsterRunStatus.STARTED),
        (f"{HOST}:{os.getpid()}", dg.DagsterRunStatus.STARTED),
        ("run@elsewhere:gone:1", dg.DagsterRunStatus.STARTED),
    ],
    ids=["gone", "another has its number", "ours", "noted by an older version", "on another host"],
)
def test_a_started_run_is_failed_only_when_its_process_on_this_host_is_gone(
    company: Company, process: str, expected: dg.DagsterRunStatus
) -> None:
    run_id = make_new_run_id()
    process = process.replace("run@", f"{run_id}@").replace("gone", str(dead_process()))
    assert status_after_a_look(company, {PROCESS_TAG: process}, run_id) is expected


def test_a_run_that_is_started_again_is_not_judged_by_the_process_of_the_one_before(company: Company) -> None:
    before = f"{make_new_run_id()}@{HOST}:{dead_process()}:1"
    tags = {PROCESS_TAG: before, **requested("orders")}
    assert status_after_a_look(company, tags) is dg.DagsterRunStatus.STARTED


@pytest.mark.parametrize(("minutes", "expected"), [(9, dg.DagsterRunStatus.STARTED), (11, dg.DagsterRunStatus.FAILURE)])
def test_a_run_that_never_begins_its_work_is_failed(
    company: Company, minutes: float, expected: dg.DagsterRunStatus
) -> None:
    started = datetime.now(UTC) - timedelta(minutes=minutes)
    assert status_after_a_look(company, requested("orders"), started=started) is expected


def test_a_run_of_something_else_is_left_alone(company: Company) -> None:
    started = datetime.now(UTC) - timedelta(days=1)
    assert status_after_a_look(company, {}, started=started) is dg.DagsterRunStatus.STARTED


@pytest.mark.parametrize(("asset", "day"), [("orders", "2026-11-01"), ("customer_aliases", "")])
def test_a_run_notes_which_process_it_is_in(company: Company, asset: str, day: str) -> None:
    company.land_good_orders("2026-11-01")
    result = company.materialize(asset, day=day)
    run = company.instance.get_run_by_id(result.run_id)
    assert run
    assert run.tags[PROCESS_TAG] == f"{result.run_id}@{OURS}"
