"""The daemon at work: what lands is loaded, what is derived from it follows, and a kill loses and repeats nothing."""

import os
import signal
import time

import pytest

from customer_analytics_tests.end_to_end.project import Project, wait_until
from customer_analytics_tests.end_to_end.shop import (
    alice,
    at_risk,
    is_quiet,
    land_orders,
    land_tickets,
    revenue,
    runs,
)

DAY, NEXT_DAY = "2026-11-01", "2026-11-02"
# Dagster's code server ends itself after 20 s without a sign of the daemon, and a call of it fails after 60 s.
A_NAP_SECONDS = 70

# test_alerts.py has a daemon in every test run.
pytestmark = pytest.mark.long


@pytest.fixture
def project(project: Project) -> Project:
    """Its sensors look every second instead of every thirty, only so that the tests are quick."""
    project.hasten()
    return project


def test_what_lands_and_what_is_corrected_reaches_the_readers_without_a_click(project: Project) -> None:
    with project.started("dagster-daemon", "run"):
        land_orders(project, DAY, "10.00")
        land_tickets(project, DAY)
        wait_until(lambda: revenue(project) == alice(day1="10.00"), "orders of the day are counted")
        wait_until(lambda: at_risk(project) == [(DAY, "bob")], "tickets of the day are counted")
        land_orders(project, DAY, "30.00")
        wait_until(lambda: revenue(project) == alice(day1="30.00"), "the correction is counted")
        wait_until(lambda: is_quiet(project), "all runs have ended")
        counted = runs(project)
        # What is made from both is computed once more where the tickets come after it has begun.
        assert {
            asset: counted[asset, "SUCCESS"] for asset in ("orders", "support_tickets", "customer_lifetime_value")
        } == {
            "orders": 2,
            "support_tickets": 1,
            "customer_lifetime_value": 2,
        }
        assert {status for _, status in counted} == {"SUCCESS"}


def test_a_killed_daemon_misses_nothing_and_repeats_nothing(project: Project) -> None:
    with project.started("dagster-daemon", "run") as daemon:
        land_orders(project, DAY, "10.00")
        wait_until(lambda: runs(project).total() > 0, "the day is asked for")
        os.kill(daemon.pid, signal.SIGKILL)  # Only the daemon: a run that it started goes on.
        daemon.wait()
        land_orders(project, NEXT_DAY, "5.00")
        with project.started("dagster-daemon", "run"):
            wait_until(lambda: revenue(project) == alice(day1="10.00", day2="15.00"), "both days are counted")
            wait_until(lambda: is_quiet(project), "all runs have ended")
    land_tickets(project, DAY)
    land_orders(project, DAY, "30.00")
    with project.started("dagster-daemon", "run"):
        wait_until(lambda: revenue(project) == alice(day1="30.00", day2="35.00"), "the correction is counted")
        wait_until(lambda: at_risk(project)[:1] == [(DAY, "bob")], "the tickets are counted")
        wait_until(lambda: is_quiet(project), "all runs have ended")
    counted = runs(project)
    assert counted["orders", "SUCCESS"] == 3
    assert counted["support_tickets", "SUCCESS"] == 1
    assert {status for _, status in counted} == {"SUCCESS"}


def test_what_landed_is_loaded_though_the_machine_stood_still_while_a_run_was_started(project: Project) -> None:
    with project.started("dagster-daemon", "run") as daemon:
        land_orders(project, DAY, "10.00")
        wait_until(lambda: runs(project).total() > 0, "the day is asked for")
        os.killpg(daemon.pid, signal.SIGSTOP)
        time.sleep(A_NAP_SECONDS)
        os.killpg(daemon.pid, signal.SIGCONT)
        wait_until(lambda: revenue(project) == alice(day1="10.00"), "the day is counted, with no pause of its source")
