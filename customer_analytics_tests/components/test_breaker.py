"""The circuit breaker: closed, open, half-open, computed from the runs that there were."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from customer_analytics.components.breaker import BreakerState, EndedRun, breaker_state, read_breaker
from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.runs import RETRIED_AS_TAG, LoadOutcome, load_tag
from customer_analytics_tests.run_events import becomes

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
POLICY = BreakerPolicy(failures=3, pause_minutes=15, longest_pause_minutes=60)


def after(*outcomes: str, minutes_ago: float = 0) -> BreakerState:
    """The state after loads that went well (``+``), failed (``-``) or never began (``0``); the last so long ago."""
    ended = NOW - timedelta(minutes=minutes_ago)
    attempts = [EndedRun(ended, failed=outcome != "+", began=outcome != "0") for outcome in reversed(outcomes)]
    return breaker_state(POLICY, attempts, NOW)


def test_it_is_closed_until_so_many_loads_in_a_row_have_failed() -> None:
    assert after().state == "closed"
    assert after("-", "-").state == "closed"
    assert after("-", "-", "+", "-", "-") == BreakerState("closed", 2)
    assert after("-", "-", "-").state == "open"


def test_after_the_pause_one_load_is_let_through() -> None:
    assert after("-", "-", "-", minutes_ago=14.9) == BreakerState("open", 3, NOW + timedelta(minutes=0.1))
    assert after("-", "-", "-", minutes_ago=15).state == "half_open"


def test_if_that_works_it_is_closed_and_if_not_the_pause_doubles_up_to_the_longest() -> None:
    assert after("-", "-", "-", "+").state == "closed"
    pauses = [after(*"-" * failures).until for failures in (3, 4, 5, 6, 20)]
    assert pauses == [NOW + timedelta(minutes=minutes) for minutes in (15, 30, 60, 60, 60)]


def test_runs_that_never_began_only_have_the_next_one_wait_longer_and_longer() -> None:
    assert after(*"0000").state == "waiting"
    waits = [after(*"--", *"0" * runs).until for runs in (1, 2, 3, 4, 7, 20)]
    assert waits == [NOW + timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 60, 60)]
    assert after("-", "-", "0", minutes_ago=1) == BreakerState("closed", 3)
    assert after("0", "-", "-").state == after("0", "0", "0", "+").state == "closed"


def test_a_run_that_never_began_does_not_end_a_pause() -> None:
    assert after("-", "-", "-", "0", minutes_ago=14.9) == BreakerState("open", 4, NOW + timedelta(minutes=0.1))
    assert after("-", "0", "-", "0", "-", minutes_ago=15) == BreakerState("half_open", 5, NOW)


def test_it_says_until_when_and_why() -> None:
    assert after("-", "-", "-").words == "Paused until 2026-11-02 06:15 UTC: 3 loads failed in a row"
    assert after("0").words == "Waits until 2026-11-02 06:01 UTC: the latest run could not be started"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def run(
    instance: dg.DagsterInstance,
    outcome: LoadOutcome,
    status: dg.DagsterRunStatus,
    asset: str = "orders",
    *,
    began: bool = True,
    **tags: str,
) -> None:
    added = instance.add_run(dg.DagsterRun(job_name="job", tags={load_tag(asset): outcome, **tags}))
    if began:
        becomes(instance, added, dg.DagsterRunStatus.STARTED)
    becomes(instance, added, status)


FAILURE, SUCCESS, CANCELED = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED


@pytest.mark.parametrize("outcome", ["requested", "started", "held_back"])
def test_runs_that_died_and_deliveries_that_were_held_back_count(
    instance: dg.DagsterInstance, outcome: LoadOutcome
) -> None:
    for _ in range(3):
        run(instance, outcome, FAILURE)
    assert read_breaker(instance, "orders", POLICY, datetime.now(UTC)).state == "open"
    run(instance, "published", SUCCESS)
    assert read_breaker(instance, "orders", POLICY, datetime.now(UTC)).state == "closed"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("not_landed", FAILURE), ("partly", FAILURE), ("published", FAILURE), ("started", CANCELED)],
    ids=["nothing had landed", "some days were good", "what failed was derived", "a person cancelled it"],
)
def test_what_is_not_the_loads_fault_does_not_count(
    instance: dg.DagsterInstance, outcome: LoadOutcome, status: dg.DagsterRunStatus
) -> None:
    for _ in range(5):
        run(instance, outcome, status)
    assert read_breaker(instance, "orders", POLICY, datetime.now(UTC)).state == "closed"


@pytest.mark.parametrize("outcome", ["requested", "started"], ids=["asked for", "a retry, with the tags of its run"])
def test_a_run_that_could_not_be_started_however_often_it_was_retried_has_the_next_one_wait_a_minute(
    instance: dg.DagsterInstance, outcome: LoadOutcome
) -> None:
    for _ in range(2):
        run(instance, outcome, FAILURE, began=False, **{RETRIED_AS_TAG: "the next one"})
    run(instance, outcome, FAILURE, began=False)
    now = datetime.now(UTC)
    found = read_breaker(instance, "orders", POLICY, now)
    assert (found.state, found.failures) == ("waiting", 1)
    assert found.until
    assert timedelta(seconds=50) < found.until - now <= timedelta(minutes=1)


@pytest.mark.parametrize(
    ("outcome", "tags"),
    [("not_landed", {}), ("requested", {load_tag("support_tickets"): "started"})],
    ids=["nothing had landed", "another asset failed first"],
)
def test_a_run_that_never_came_to_load_does_not_end_a_pause(
    instance: dg.DagsterInstance, outcome: LoadOutcome, tags: dict[str, str]
) -> None:
    for _ in range(3):
        run(instance, "held_back", FAILURE)
    run(instance, outcome, FAILURE, began=True, **tags)
    assert read_breaker(instance, "orders", POLICY, datetime.now(UTC)).state == "open"


def test_each_asset_has_its_own(instance: dg.DagsterInstance) -> None:
    for _ in range(3):
        run(instance, "started", FAILURE, asset="support_tickets")
    assert read_breaker(instance, "orders", POLICY, datetime.now(UTC)).state == "closed"
    assert read_breaker(instance, "support_tickets", POLICY, datetime.now(UTC)).state == "open"
