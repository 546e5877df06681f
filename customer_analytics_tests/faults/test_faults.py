"""Every declared fault, really made to happen, has its declared outcome."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from customer_analytics.components import watch
from customer_analytics.definitions import defs
from customer_analytics_tests.alerting.sinks import Sink, http_sink
from customer_analytics_tests.faults.automation import WAREHOUSE
from customer_analytics_tests.faults.cases import Case
from customer_analytics_tests.faults.dagsters import DAGSTERS
from customer_analytics_tests.faults.declared import WRONG
from customer_analytics_tests.faults.desk import OTHER_SINK, SINK, Desk
from customer_analytics_tests.faults.files import SNAPSHOT, STORE
from customer_analytics_tests.faults.kills import KILLS
from customer_analytics_tests.faults.landings import LANDINGS_AND_CLOCKS
from customer_analytics_tests.faults.sinks import SINKS
from customer_analytics_tests.faults.webhooks import WEBHOOKS

CASES: list[Case] = [*SINKS, *WEBHOOKS, *STORE, *SNAPSHOT, *KILLS, *WAREHOUSE, *LANDINGS_AND_CLOCKS, *DAGSTERS, *WRONG]


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CUSTOMER_ANALYTICS_START_DATE", "2026-11-01")
        return defs()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Sink, Sink]]:
    with http_sink() as sink, http_sink() as other:
        yield sink, other


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, definitions: dg.Definitions, servers: tuple[Sink, Sink]
) -> Iterator[Desk]:
    sink, other = servers
    for each in servers:
        each.arrived.clear()
        each.status, each.hangs = 200, False
    monkeypatch.setattr(watch, "stopped_problems", lambda *_: [])  # An instance in memory has no daemons.
    with dg.DagsterInstance.ephemeral() as instance:
        desk = Desk(tmp_path / "data", instance, definitions, sink, other, monkeypatch)
        desk.set(
            CUSTOMER_ANALYTICS_DATA_DIR=str(desk.data),
            CUSTOMER_ANALYTICS_START_DATE="2026-11-01",
            CUSTOMER_ANALYTICS_LOCK_TIMEOUT_SECONDS="1",
            **{SINK: sink.url, OTHER_SINK: other.url},
        )
        yield desk


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_has_its_declared_outcome(desk: Desk, case: Case) -> None:
    case.happens(desk, case.outcome)


def test_there_are_many_cases_and_none_twice() -> None:
    assert len(CASES) >= 200
    assert [name for name, times in Counter(map(str, CASES)).items() if times > 1] == []
