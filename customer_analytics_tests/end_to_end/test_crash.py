"""Workers and daemons die: what they had begun is done all the same, once, and a look from outside tells of it."""

import os
import signal
import time

import dagster as dg
import pytest

from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.warehouse.connection import current_holder
from customer_analytics_tests.alerting.sinks import Sink, http_sink
from customer_analytics_tests.end_to_end.project import Project, kill, wait_until
from customer_analytics_tests.end_to_end.shop import is_quiet, land_many_orders, revenue, runs

DAY = "2026-11-01"
SILENT = "dagster-daemon does not run"
ONCE_MORE = {
    ("orders", "FAILURE"): 1,
    ("orders", "SUCCESS"): 1,
    **{(asset, "SUCCESS"): 1 for asset in DERIVED_ASSETS},
}
# So many that a load lasts long enough to be killed in the middle.
RECORDS = 50_000
# A daemon gives a sign of life every half minute.
SILENT_MINUTES = 1


@pytest.fixture
def project(project: Project) -> Project:
    project.hasten()
    return project


@pytest.mark.long
def test_a_load_whose_worker_is_killed_is_done_again_by_itself_and_nobody_is_bothered(project: Project) -> None:
    with http_sink() as sink, project.started("dagster-daemon", "run", **told_to(sink)):
        land_many_orders(project, DAY, RECORDS)
        os.kill(worker_at(project, DAY), signal.SIGKILL)
        wait_until(lambda: totals(project) == {DAY: RECORDS}, "the day is counted")
        wait_until(lambda: is_quiet(project), "all runs have ended")
        assert runs(project) == ONCE_MORE
        assert sink.arrived == []


@pytest.mark.long
def test_after_a_power_cut_a_look_from_outside_tells_that_nothing_runs_and_a_restart_does_the_rest(
    project: Project,
) -> None:
    project.declare("alerts", silent_minutes=SILENT_MINUTES)
    with http_sink() as sink:
        with project.started("dagster-daemon", "run", **told_to(sink)) as daemon:
            wait_until((project.data / "alerts.sqlite").exists, "watching has begun")
            land_many_orders(project, DAY, RECORDS)
            os.kill(worker_at(project, DAY), signal.SIGSTOP)  # It must not end before the others.
            kill(daemon)
        silent_from = time.monotonic() + SILENT_MINUTES * 60
        [cut] = cut_off(project)
        assert (sink.arrived, totals(project)) == ([], {})
        wait_until(lambda: time.monotonic() > silent_from, "everything has been silent for too long")
        look_by_hand(project, sink)
        assert sink.titles == [f"[critical] {SILENT}"]

        with project.started("dagster-daemon", "run", **told_to(sink)):
            wait_until(lambda: totals(project) == {DAY: RECORDS}, "the day is counted")
            wait_until(lambda: is_quiet(project), "all runs have ended")
            wait_until(lambda: len(sink.arrived) > 1, "the end of the silence is told")
            look_by_hand(project, sink)
    assert sink.titles == [f"[critical] {SILENT}", f"[resolved] {SILENT}"]
    assert "is gone: killed, or the machine was restarted" in words_about(project, cut)
    assert runs(project) == ONCE_MORE


def told_to(sink: Sink) -> dict[str, str]:
    return {"CUSTOMER_ANALYTICS_ALERTS_ON_CALL": sink.url}


def worker_at(project: Project, day: str) -> int:
    """The process that loads orders of a day, as soon as it has the warehouse."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        holder = current_holder(project.warehouse)
        if holder and holder.purpose.startswith(f"orders {day}"):
            return holder.pid
        time.sleep(0.005)
    message = "nobody loads the day"
    raise AssertionError(message)


def cut_off(project: Project) -> list[str]:
    """The runs that Dagster takes to be at work."""
    with project.instance() as instance:
        return [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))]


def words_about(project: Project, run_id: str) -> str:
    """Everything that was logged of a run."""
    with project.instance() as instance:
        return "\n".join(entry.message for entry in instance.all_logs(run_id))


def totals(project: Project) -> dict[str, int]:
    """Alice's revenue by day as readers see it."""
    return {day: int(total) for day, _, total in revenue(project)}


def look_by_hand(project: Project, sink: Sink) -> None:
    """What cron does."""
    watch = project.run("customer-analytics", "watch", **told_to(sink))
    assert watch.returncode == 0, watch.stdout
