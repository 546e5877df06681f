"""Dagster's event log as dagster.yaml names it: what a run reports comes together, and nothing waits that is needed."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType, StepMaterializationData
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.test_utils import create_run_for_test

from customer_analytics.event_log import BatchingEventLogStorage
from customer_analytics.settings import PROJECT_ROOT

KEY = dg.AssetKey("orders")
DAYS = ["2026-11-01", "2026-11-02", "2026-11-03"]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance as dagster.yaml makes it, in a folder of its own."""
    declared = (PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8").replace(".dagster", str(tmp_path / "state"))
    (tmp_path / "dagster.yaml").write_text(declared, encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as made:
        yield made


@pytest.fixture
def stock(instance: dg.DagsterInstance, tmp_path: Path) -> SqliteEventLogStorage:
    """Dagster's own log on the same files: what another process sees."""
    assert isinstance(instance.event_log_storage, BatchingEventLogStorage)
    return SqliteEventLogStorage(str(tmp_path / "state" / "history" / "runs"))


def materialization(run_id: str, day: str) -> EventLogEntry:
    data = StepMaterializationData(dg.AssetMaterialization(KEY, partition=day))
    event = DagsterEvent(DagsterEventType.ASSET_MATERIALIZATION.value, "a job", event_specific_data=data)
    return entry(run_id, event)


def entry(run_id: str, event: DagsterEvent | None = None) -> EventLogEntry:
    return EventLogEntry(  # type: ignore[no-untyped-call]
        None, 10, "", run_id, timestamp=1.0, job_name="a job", dagster_event=event
    )


def days_seen(log: SqliteEventLogStorage) -> set[str]:
    return set(log.get_materialized_partitions(KEY))


def report(instance: dg.DagsterInstance) -> str:
    """Three days of a run that goes on."""
    run_id = str(create_run_for_test(instance).run_id)
    for day in DAYS:
        instance.event_log_storage.store_event(materialization(run_id, day))
    return run_id


def test_days_of_a_run_wait_for_what_follows_them(instance: dg.DagsterInstance, stock: SqliteEventLogStorage) -> None:
    run_id = report(instance)
    assert days_seen(stock) == set()
    instance.event_log_storage.store_event(entry(run_id))
    assert days_seen(stock) == set(DAYS)
    assert len(stock.get_logs_for_run(run_id)) == len(DAYS) + 1


def test_who_reads_sees_what_was_reported(instance: dg.DagsterInstance) -> None:
    report(instance)
    assert set(instance.get_materialized_partitions(KEY)) == set(DAYS)


def test_nothing_waits_when_the_storage_is_closed(instance: dg.DagsterInstance, stock: SqliteEventLogStorage) -> None:
    report(instance)
    instance.event_log_storage.dispose()
    assert days_seen(stock) == set(DAYS)


def test_a_day_that_is_reported_outside_of_runs_is_seen_at_once(
    instance: dg.DagsterInstance, stock: SqliteEventLogStorage
) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(KEY, partition=DAYS[0]))
    assert days_seen(stock) == {DAYS[0]}


def test_what_cannot_be_stored_is_stored_with_the_next_event(
    instance: dg.DagsterInstance, stock: SqliteEventLogStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = report(instance)
    with monkeypatch.context() as failing:
        failing.setattr(SqliteEventLogStorage, "_store_asset_event", _no_space)
        with pytest.raises(OSError, match="no space"):
            instance.event_log_storage.store_event(entry(run_id))
    assert days_seen(stock) == set()
    instance.event_log_storage.store_event(entry(run_id))
    assert days_seen(stock) == set(DAYS)
    assert len(stock.get_logs_for_run(run_id)) == len(DAYS) + 2


def _no_space(*_: object) -> None:
    message = "no space"
    raise OSError(message)


def test_a_table_is_looked_for_until_it_is_there(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def look(_: object, name: str) -> bool:
        asked.append(name)
        return len(asked) > 1

    monkeypatch.setattr(SqliteEventLogStorage, "has_table", look)
    assert [instance.event_log_storage.supports_asset_checks for _ in range(4)] == [False, True, True, True]
    assert len(asked) == 2
