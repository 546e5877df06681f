"""A small company of its own for each test: folders, definitions, and a Dagster instance."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.storage.defs_state.base import set_defs_state_storage

from customer_analytics.definitions import defs
from customer_analytics.landing.folder import FLAG

ORDERS_HEADER = "order_id,customer_id,order_date,total_amount,status\n"


@dataclass
class Company:
    """Where a test's data lies, and its Dagster."""

    data: Path
    definitions: dg.Definitions
    instance: dg.DagsterInstance

    def land(self, source: str, day: str, content: str, name: str = "delivery.csv") -> Path:
        folder = self.data / "landing" / source / day
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
        (folder / FLAG).touch()
        return folder / name

    def land_orders(self, day: str, *rows: str) -> None:
        """Rows are what follows the order's id and customer: the id is made from the day, so it never repeats."""
        lines = (f"{day}-{n},{row}" for n, row in enumerate(rows))
        self.land("orders", day, ORDERS_HEADER + "\n".join(lines) + "\n")

    def land_good_orders(self, *days: str) -> None:
        for day in days:
            self.land_orders(day, f"alice,{day} 10:00:00,10.00,completed", f"bob,{day} 11:00:00,20.50,paid")

    def land_bad_orders(self, *days: str) -> None:
        """Nine of ten records have no customer: the quarantine rate holds the day back."""
        for day in days:
            self.land_orders(day, f"alice,{day},1.00,paid", *(f",{day},1.00,paid" for _ in range(9)))

    def land_tickets(self, day: str, *customers: str, priority: str = "high") -> None:
        lines = (
            f'{{"ticket_id": "{day}-{n}", "customer_id": "{customer}", "created_date": "{day}T09:00:00", '
            f'"category": "login", "priority": "{priority}", "resolved_date": null}}'
            for n, customer in enumerate(customers)
        )
        self.land("support_tickets", day, "\n".join(lines) + "\n", "tickets.jsonl")

    def materialize(
        self, *assets: str, day: str = "", days: tuple[str, str] | None = None
    ) -> dg.ExecuteInProcessResult:
        tags = (
            {"dagster/asset_partition_range_start": days[0], "dagster/asset_partition_range_end": days[1]}
            if days
            else {}
        )
        return self.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(asset) for asset in assets],
            partition_key=day or None,
            tags=tags,
            raise_on_error=False,
        )

    def materialized(self, asset: str) -> list[str]:
        return sorted(self.instance.get_materialized_partitions(dg.AssetKey(asset)))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.data / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setenv("CUSTOMER_ANALYTICS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CUSTOMER_ANALYTICS_START_DATE", "2026-11-01")
    monkeypatch.setenv("CUSTOMER_ANALYTICS_END_DATE", "2026-11-11")
    monkeypatch.setenv("CUSTOMER_ANALYTICS_LOCK_TIMEOUT_SECONDS", "5")
    monkeypatch.setattr(dg.RetryPolicy, "calculate_delay", lambda *_: 0)  # A retry waits for minutes elsewhere.
    with dg.DagsterInstance.ephemeral() as instance:
        yield Company(tmp_path / "data", defs(), instance)


@pytest.fixture
def lasting(company: Company, tmp_path: Path) -> Iterator[Company]:
    """The company with a Dagster instance on disk: schedules are given no other."""
    home = tmp_path / "dagster"
    home.mkdir()
    with set_defs_state_storage(None):
        with dg.DagsterInstance.local_temp(str(home), {"storage": _storage(home)}) as instance:
            yield replace(company, instance=instance)
        gc.collect()  # Contexts of schedules enter the instance too, and leave it only when they are gone.


def _storage(home: Path) -> dict[str, Any]:
    """The project's own, which stores at once what is said of many days."""
    where = {"module": "customer_analytics.event_log", "class": "BatchingSqliteStorage"}
    return {"custom": where | {"config": {"base_dir": str(home)}}}


def outcomes(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], bool]:
    """By day and check, whether it passed."""
    return {(str(e.partition), e.check_name): e.passed for e in result.get_asset_check_evaluations()}


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """What the failed step says."""
    errors = [event.event_specific_data.error for event in result.all_events if event.is_step_failure]  # type: ignore[union-attr]
    return "\n".join(error.message for error in errors if error)
