"""Where every day stands, also where one side alone knows of it: the warehouse, a check, the day before."""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from customer_analytics.contracts.source import Source
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.reporting.status import read_status
from customer_analytics.warehouse.publish import record_audits
from customer_analytics_tests.metrics.scenario import NOW, Ticket, at, day, publish_tickets, refresh
from customer_analytics_tests.scenario import CLEAN_ORDERS, DAY, ORDERS, Scene, open_at


def states(folder: Path, dataset: str, days: Sequence[date], sources: Sequence[Source] = ()) -> list[str]:
    """The state of each day of a dataset."""
    found = read_status(folder / "warehouse.duckdb", folder / "landing", sources, days)
    return [each.state for each in found if each.dataset == dataset]


def test_a_day_whose_files_are_gone_is_still_published(tmp_path: Path) -> None:
    with open_at(tmp_path / "warehouse.duckdb") as connection:
        Scene(tmp_path, connection).deliver(ORDERS, CLEAN_ORDERS)
    shutil.rmtree(tmp_path / "landing" / "orders")
    assert states(tmp_path, "orders", [DAY], [ORDERS]) == ["published"]


def test_a_list_that_follows_from_a_day_that_is_missing_is_stale(tmp_path: Path) -> None:
    with open_at(tmp_path / "warehouse.duckdb") as connection:
        publish_tickets(connection, day(1), [Ticket("ann", at(1))])
        refresh(connection, day(1))
        refresh(connection, day(3))
    assert states(tmp_path, "at_risk_customers", [day(1), day(2), day(3)]) == ["published", "missing", "stale"]


def test_a_derived_day_that_a_check_blocks_is_held_back(tmp_path: Path) -> None:
    with open_at(tmp_path / "warehouse.duckdb") as connection:
        refresh(connection, day(1))
        blocked = CheckOutcome("one_row_per_customer", "failed", "0", "1")
        record_audits(connection, "at_risk_customers", {day(1): [blocked]}, {}, "run", NOW)
    assert states(tmp_path, "at_risk_customers", [day(1)]) == ["held_back"]
