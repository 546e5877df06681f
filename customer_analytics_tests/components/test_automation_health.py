"""Sensors that were switched off, or do not look any more, as Dagster keeps them."""

from datetime import UTC, datetime, timedelta
from functools import partial

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickData, TickStatus
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._daemon.types import DaemonHeartbeat
from dagster_shared.error import SerializableErrorInfo

from customer_analytics.components.automation_health import Silence, stopped_problems
from customer_analytics.components.catalog import declared_watch
from customer_analytics.components.watched import Automation
from customer_analytics_tests.components.conftest import Company

NOW = datetime(2026, 11, 2, 5, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=3)
AUTOMATION = Automation(("orders_flag", "refresh", "report"), patience=timedelta(minutes=10))


@pytest.fixture
def instance(lasting: Company) -> dg.DagsterInstance:
    for daemon in lasting.instance.get_required_daemon_types():
        lasting.instance.add_daemon_heartbeat(DaemonHeartbeat(NOW.timestamp(), daemon, "1"))
    return lasting.instance


def sensor(
    instance: dg.DagsterInstance,
    name: str,
    looked: datetime | None = None,
    *,
    failed: datetime | None = None,
    status: InstigatorStatus = InstigatorStatus.DECLARED_IN_CODE,
    location: str = "location",
) -> None:
    """A sensor that Dagster knows, and when it looked last, with and without success."""
    code = InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name=location), location_name=location)
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(code, "__repository__"), name)
    state = InstigatorState(origin, InstigatorType.SENSOR, status)
    instance.add_instigator_state(state)
    tick = partial(TickData, state.instigator_origin_id, name, InstigatorType.SENSOR, selector_id=state.selector_id)
    if looked:
        instance.create_tick(tick(TickStatus.SKIPPED, looked.timestamp()))
    if failed:
        error = SerializableErrorInfo("ZeroDivisionError", [], None)
        instance.create_tick(tick(TickStatus.FAILURE, failed.timestamp(), error=error))


def stopped(instance: dg.DagsterInstance) -> dict[str, str]:
    """What has stopped, and what is said of it."""
    silence = Silence(LONG_AGO, LONG_AGO)
    problems = stopped_problems(instance, AUTOMATION, declared_watch().surroundings, silence, NOW)
    return {problem.subject: f"{problem.title}. {problem.details[0]}" for problem in problems}


def test_sensors_that_look_are_no_problem(instance: dg.DagsterInstance) -> None:
    for name in AUTOMATION.sensors:
        sensor(instance, name, NOW)
    assert stopped(instance) == {}


def test_a_sensor_whose_looks_fail_is_named_with_its_last_good_one(instance: dg.DagsterInstance) -> None:
    sensor(instance, "orders_flag", NOW - timedelta(minutes=11), failed=NOW)
    sensor(instance, "refresh", NOW)
    sensor(instance, "report", NOW)
    words = "The sensor orders_flag does not look any more. The last look that succeeded: 2026-11-02 05:19 UTC."
    assert stopped(instance) == {"orders_flag": words}


def test_a_sensor_that_was_switched_off_is_told_as_that(instance: dg.DagsterInstance) -> None:
    sensor(instance, "orders_flag", NOW)
    sensor(instance, "refresh", LONG_AGO, status=InstigatorStatus.STOPPED)
    sensor(instance, "report", NOW)
    words = "The sensor refresh is switched off. Somebody switched it off in the UI or on the command line."
    assert stopped(instance) == {"refresh": words}


def test_what_an_earlier_code_location_left_behind_does_not_count(instance: dg.DagsterInstance) -> None:
    for name in AUTOMATION.sensors:
        sensor(instance, name, NOW)
    sensor(instance, "refresh", status=InstigatorStatus.STOPPED, location="an earlier one")
    assert stopped(instance) == {}


def test_where_all_that_are_on_are_silent_that_is_one_problem(instance: dg.DagsterInstance) -> None:
    sensor(instance, "orders_flag", LONG_AGO)
    sensor(instance, "refresh", status=InstigatorStatus.STOPPED)
    sensor(instance, "report", NOW - timedelta(minutes=12))
    found = stopped(instance)
    assert set(found) == {"sensors", "refresh"}
    assert found["sensors"] == (
        "No sensor looks any more. Silent: orders_flag, report. The last look that succeeded: 2026-11-02 05:18 UTC."
    )
