"""The daemon at work: what lands is loaded, what is derived from it follows, and a kill loses and repeats nothing."""

import os
import signal
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from customer_analytics_tests.components.conftest import ORDERS_HEADER
from customer_analytics_tests.end_to_end.project import Project, copy_project, wait_until

DAY, NEXT_DAY = "2026-11-01", "2026-11-02"
TICKETS_HEADER = "ticket_id,customer_id,created_date,category,priority,resolved_date\n"

Revenue = list[tuple[str, str, Decimal]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Its sensors look every second instead of every thirty, only so that the tests are quick."""
    project = copy_project(tmp_path / "project")
    for name in ("source_automation.py", "as_of_automation.py"):
        file = project.root / "customer_analytics" / "components" / name
        usual = file.read_text(encoding="utf-8")
        assert "minimum_interval_seconds=30" in usual
        file.write_text(usual.replace("minimum_interval_seconds=30", "minimum_interval_seconds=1"), encoding="utf-8")
    return project


def land_orders(project: Project, day: str, amount: str) -> None:
    project.land("orders", day, f"{ORDERS_HEADER}{day}-1,alice,{day} 10:00:00,{amount},paid\n")


def land_tickets(project: Project, day: str) -> None:
    rows = "".join(f"{day}-{number},bob,{day} 09:00:00,login,high,\n" for number in range(2))
    project.land("support_tickets", day, TICKETS_HEADER + rows)


def revenue(project: Project) -> Revenue:
    """Day, customer and revenue as readers of the serving snapshot see them; nothing before there is one."""
    if not project.serving.exists():
        return []
    return project.query(
        "select as_of_date::varchar, customer_id, total_revenue from marts.customer_lifetime_value order by all",
        "serving.duckdb",
    )


def at_risk(project: Project) -> list[tuple[str, str]]:
    if not project.serving.exists():
        return []
    return project.query(
        "select as_of_date::varchar, customer_id from marts.at_risk_customers order by all", "serving.duckdb"
    )


def alice(**by_day: str) -> Revenue:
    return [(f"2026-11-0{day[-1]}", "alice", Decimal(amount)) for day, amount in by_day.items()]


def runs(project: Project) -> Counter[tuple[str, str]]:
    """How many runs there were of each asset, by how they ended; a flag's sensor asks for its own asset."""
    with project.instance() as instance:
        return Counter(
            (asset, run.status.value)
            for run in instance.get_runs()
            for asset in sorted(key.to_user_string() for key in run.asset_selection or ())
            or [run.tags["dagster/sensor_name"].removesuffix("_flag")]
        )


def is_quiet(project: Project) -> bool:
    return {status for _, status in runs(project)} <= {"SUCCESS", "FAILURE"}


def test_what_lands_and_what_is_corrected_reaches_the_readers_without_a_click(project: Project) -> None:
    with project.started("dagster-daemon", "run"):
        land_orders(project, DAY, "10.00")
        land_tickets(project, DAY)
        wait_until(lambda: revenue(project) == alice(day1="10.00"), "orders of the day are counted")
        wait_until(lambda: at_risk(project) == [(DAY, "bob")], "tickets of the day are counted")
        land_orders(project, DAY, "30.00")
        wait_until(lambda: revenue(project) == alice(day1="30.00"), "the correction is counted")
        wait_until(lambda: is_quiet(project), "all runs have ended")
        assert runs(project) == {
            ("orders", "SUCCESS"): 2,
            ("support_tickets", "SUCCESS"): 1,
            ("customer_lifetime_value", "SUCCESS"): 2,
            ("at_risk_customers", "SUCCESS"): 1,
        }


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
