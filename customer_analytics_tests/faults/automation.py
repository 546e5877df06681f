"""Faults of the warehouse, as the sensors and schedules meet them that ask it what there is to be done."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from customer_analytics.components.resources import build_resources
from customer_analytics.landing.folder import FLAG
from customer_analytics.settings import Settings
from customer_analytics.warehouse.errors import WarehouseError
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.end_to_end.project import held_open
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import DAY, Desk

MORNING = datetime(2026, 11, 2, 6, tzinfo=UTC)
HEADER = "order_id,customer_id,order_date,total_amount,status\n"


def land(desk: Desk, day: str = DAY, source: str = "orders") -> Path:
    """One good order of the day, and its flag."""
    folder = desk.data / "landing" / source / day
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "delivery.csv").write_text(f"{HEADER}{day},alice,{day} 10:00:00,10.00,paid\n")
    (folder / FLAG).touch()
    return folder


def asked(desk: Desk, name: str) -> int:
    """For how many runs a sensor or schedule asks in one tick.

    Raises:
        WarehouseError: or whatever else the tick ends with.
    """
    resources = build_resources(Settings())
    repository = desk.definitions.get_repository_def()
    if name.endswith(("_deadline", "_ready")):
        schedule = repository.get_schedule_def(name)
        wanted = {each: resources[each] for each in schedule.required_resource_keys}
        moment = MORNING + timedelta(days=name.endswith("_deadline"))  # That of a day that is not published.
        with dg.build_schedule_context(scheduled_execution_time=moment, resources=wanted) as tick:
            tick._instance = desk.instance  # type: ignore[assignment]  # Schedules are given none that is in memory only.
            tick._instance_ref = object()  # type: ignore[assignment]
            result: object = schedule(tick)
    else:
        sensor = repository.get_sensor_def(name)
        wanted = {each: resources[each] for each in sensor.required_resource_keys}
        with dg.build_sensor_context(desk.instance, resources=wanted) as look:
            result = sensor(look)
    if isinstance(result, dg.SkipReason):
        assert result.skip_message
        return 0
    if isinstance(result, dg.SensorResult):
        return len(result.run_requests or ())
    return len(result) if isinstance(result, list) else 1


@contextmanager
def _in_this_process(path: Path) -> Iterator[None]:
    with duckdb.connect(str(path)):
        yield


@contextmanager
def _instead(path: Path, spoil: Callable[[Path], object]) -> Iterator[None]:
    """What is there is put aside, and put back at the end."""
    aside = path.with_suffix(".aside")
    path.rename(aside)
    spoil(path)
    yield
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    aside.rename(path)


def _versioned(path: Path, version: int) -> None:
    with duckdb.connect(str(path)) as connection:
        migrate(connection)
        connection.execute("delete from main.warehouse_version")
        connection.execute("insert into main.warehouse_version values (?, now())", [version])


def _published(desk: Desk) -> Path:
    """A warehouse of one published day of orders that nothing was derived from, and its files."""
    path = desk.data / "warehouse.duckdb"
    desk.data.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        migrate(connection)
        connection.execute(
            """insert into quality.deliveries by name select 'orders' as source, date '2026-11-01' as delivery_day,
               1 as revision, '' as fingerprint, 0 as records, 0 as accepted, 0 as quarantined, 0 as ignored,
               '1' as contract_version, '' as rules_fingerprint, 0 as content_hash, 'run' as run_id,
               timestamp '2026-11-01' as published_at"""
        )
    land(desk)
    return path


def _meets(desk: Desk, outcome: Outcome, name: str, held: Callable[[Path], object]) -> None:
    path = _published(desk)
    expected = asked(desk, name)
    assert expected == 1
    with ExitStack() as stack:
        stack.enter_context(held(path))  # type: ignore[arg-type]
        if outcome == "refused_with_words":
            with pytest.raises(WarehouseError, match=path.name):
                asked(desk, name)
        else:
            assert asked(desk, name) == (outcome == "asks_anyway")
    assert asked(desk, name) == expected


WAREHOUSES: Mapping[str, Callable[[Path], object]] = {
    "another program holds it": held_open,
    "this process writes it": _in_this_process,
    "is garbage": partial(_instead, spoil=lambda path: path.write_bytes(b"this is not a database" * 1000)),
    "is a file of nothing": partial(_instead, spoil=lambda path: path.write_bytes(b"")),
    "is a folder": partial(_instead, spoil=lambda path: path.mkdir()),
    "is of an older version": partial(_instead, spoil=partial(_versioned, version=1)),
    "is of a newer version": partial(_instead, spoil=partial(_versioned, version=9999)),
    "is gone": partial(_instead, spoil=lambda _: None),
}
REFUSED: Outcome = "refused_with_words"
# By who meets it; in the order of the faults.
MEETING: Mapping[str, tuple[Outcome, ...]] = {
    "orders_flag": ("waits", "waits", REFUSED, REFUSED, REFUSED, "waits", "waits", "asks_anyway"),
    "orders_deadline": ("asks_anyway",) * 8,
    "refresh_customers": ("waits", "waits", REFUSED, REFUSED, REFUSED, "waits", "waits", "waits"),
    "customer_lifetime_value_ready": ("asks_anyway",) * 7 + ("waits",),
}
WAREHOUSE = [
    Case("warehouse", f"{fault}, and {name} looks", outcome, partial(_meets, name=name, held=held))
    for name, outcomes in MEETING.items()
    for (fault, held), outcome in zip(WAREHOUSES.items(), outcomes, strict=True)
]
