"""What people do and see in the UI: a browser clicks and types, and what it shows is read back."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest

from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics_tests.end_to_end.browser import Browser, ask, browsing
from customer_analytics_tests.end_to_end.project import Project, copy_project, wait_until
from customer_analytics_tests.end_to_end.shop import is_quiet, land_orders, revenue

DAYS = [f"2026-10-{day:02}" for day in range(1, 31)]
LATER = "2026-11-01"
DAYS_THERE_ARE = {"CUSTOMER_ANALYTICS_START_DATE": DAYS[0], "CUSTOMER_ANALYTICS_END_DATE": "2026-11-02"}
SENSORS = (
    "orders_flag",
    "support_tickets_flag",
    "marketing_events_flag",
    "customer_aliases_changed",
    "customer_health_report_due",
    "refresh_customers",
    "vanished_runs",
    "watch",
)
SCHEDULES = (
    *("orders_deadline", "support_tickets_deadline", "marketing_events_deadline"),
    *(f"{asset}_ready" for asset in DERIVED_ASSETS),
)

LAUNCH = """mutation ($run: ExecutionParams!) { launchPipelineExecution(executionParams: $run) {
  __typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message} } }"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("browser") / "project")
    project.hasten()
    return project


@pytest.fixture(scope="module")
def browser(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(project, tmp_path_factory.mktemp("pictures"), **DAYS_THERE_ARE) as browser:
        yield browser


def test_every_sensor_and_schedule_is_listed_and_runs(browser: Browser) -> None:
    browser.open("/automation")
    browser.wait_for(*SENSORS, *SCHEDULES)
    browser.wait_until(lambda: all(browser.is_on(name) for name in (*SENSORS, *SCHEDULES)), "all of them are on")
    browser.open("/locations/customer_analytics/sensors/watch")
    browser.wait_for("Looks for what is wrong", "Latest tick", "Running Frequency ~3 sec", "0 runs requested")


def test_a_run_whose_second_step_failed_is_taken_up_there(project: Project, browser: Browser) -> None:
    statement = project.root / "customer_analytics" / "metrics" / "sql" / "as_of" / "record.sql"
    usual = statement.read_text(encoding="utf-8")
    with browser.switched_off("orders_flag", "refresh_customers"):
        wait_until(lambda: is_quiet(project), "nothing else runs")
        land_orders(project, LATER, "10.00")
        statement.write_text("this is not SQL", encoding="utf-8")
        failed = launch(browser, LATER, "orders", "customer_lifetime_value")
        browser.open(f"/runs/{failed}")
        browser.wait_for("Failure", "Re-execute all")
        statement.write_text(usual, encoding="utf-8")
        browser.button("Re-execute all").locator("xpath=following::button[1]").click()
        browser.page.get_by_role("menuitem", name="From failure").click()
        browser.wait_until(lambda: failed not in browser.page.url, "the new run's page opens")
        browser.wait_for("Success")
        taken_up = PurePosixPath(urlsplit(browser.page.url).path).name
    assert steps(project, failed) == {"orders": "SUCCESS", "customer_lifetime_value": "FAILURE"}
    assert steps(project, taken_up) == {"customer_lifetime_value": "SUCCESS"}
    assert LATER in [row[0] for row in revenue(project)]


@pytest.mark.long
def test_thirty_days_are_backfilled_by_clicking_and_its_pages_say_so(project: Project, browser: Browser) -> None:
    with browser.switched_off("orders_flag"):
        for day in DAYS:
            land_orders(project, day, "10.00")
        browser.open("/assets/orders?view=partitions")
        browser.wait_for("Missing (3")
        browser.button("Materialize").click()
        dialog = browser.page.get_by_role("dialog")
        days = dialog.get_by_role("textbox").first
        days.fill(f"[{DAYS[0]}...{DAYS[-1]}]")
        days.press("Enter")
        browser.wait_until(lambda: "\n30 partitions\n" in dialog.inner_text(), "thirty days are chosen")
        browser.picture()
        dialog.get_by_role("button", name="Launch backfill").click()
        browser.page.locator("a[href*='/runs/b/']", has_text="View").click()
        backfill = browser.wait_for("Status Succeeded", "100% completed")
        assert f"Partition selection {DAYS[0]}...{DAYS[-1]}" in backfill
        assert "orders orders 100% completed 30 0 30 0" in backfill  # targeted, in progress, succeeded, failed

    browser.open(f"/assets/orders?view=partitions&partition={DAYS[16]}")
    day = browser.wait_for(f"{DAYS[16]} Materialized", "Latest materialization", "records 1 accepted 1 quarantined 0")
    assert "Failed (0)" in day
    assert str(project.data / "landing" / "orders" / DAYS[16]) in day

    browser.open("/assets/orders?view=checks&checkDetail=quarantine_rate")
    checks = browser.wait_for("Evaluation result Passed", "0.00% (0 records)", f"Partition {DAYS[-1]}")
    assert "This is a blocking asset check." in checks
    for check in ("schema", "volume", "nulls", "uniqueness", "reconciliation", "quarantine_rate"):
        assert f"{check} {check} Succeeded" in checks
    assert {(day, "10.00") for day in DAYS} <= published(project)


def launch(browser: Browser, day: str, *assets: str) -> str:
    """Ask for one run of these assets, in order; gives its id."""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "customer_analytics",
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [{"path": [asset]} for asset in assets],
        "assetCheckSelection": None,
    }
    tags = [{"key": "dagster/partition", "value": day}]
    run = {"selector": selector, "mode": "default", "executionMetadata": {"tags": tags}}
    launched = ask(browser.url, LAUNCH, run=run)["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    return str(launched["run"]["runId"])


def steps(project: Project, run_id: str) -> dict[str, str]:
    """How each step of a run ended."""
    with project.instance() as instance:
        return {step.step_key: step.status.value for step in instance.get_run_step_stats(run_id) if step.status}


def published(project: Project) -> set[tuple[str, str]]:
    """Day and amount of every order that readers see."""
    return set(
        project.query("select delivery_day::varchar, total_amount::varchar from sources.orders", "serving.duckdb")
    )
