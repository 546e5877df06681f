"""Runs whose process is gone are failed, so that those behind them can start; no others are."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from customer_analytics.components.runs import PROCESS_TAG
from customer_analytics_tests.components.conftest import Company


def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


HOST = socket.gethostname()
BEGAN = Path(f"/proc/{os.getpid()}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
OURS = f"{HOST}:{os.getpid()}:{BEGAN}"


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (f"{HOST}:gone:1", dg.DagsterRunStatus.FAILURE),
        (f"{HOST}:{os.getpid()}:1", dg.DagsterRunStatus.FAILURE),
        (OURS, dg.DagsterRunStatus.STARTED),
        (f"{HOST}:{os.getpid()}", dg.DagsterRunStatus.STARTED),
        ("elsewhere:gone:1", dg.DagsterRunStatus.STARTED),
    ],
    ids=["gone", "another has its number", "ours", "noted by an older version", "on another host"],
)
def test_a_started_run_is_failed_only_when_its_process_on_this_host_is_gone(
    company: Company, process: str, expected: dg.DagsterRunStatus
) -> None:
    tags = {PROCESS_TAG: process.replace("gone", str(dead_process()))}
    run = dg.DagsterRun(job_name="__ASSET_JOB", status=dg.DagsterRunStatus.STARTED, tags=tags)
    company.instance.add_run(run)
    look = company.definitions.get_sensor_def("vanished_runs")
    assert isinstance(look(dg.build_sensor_context(instance=company.instance)), dg.SkipReason)
    after = company.instance.get_run_by_id(run.run_id)
    assert after
    assert after.status is expected


def test_a_run_notes_which_process_it_is_in(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    result = company.materialize("orders", day="2026-11-01")
    run = company.instance.get_run_by_id(result.run_id)
    assert run
    assert run.tags[PROCESS_TAG] == OURS
