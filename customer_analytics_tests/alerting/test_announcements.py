"""Systems downstream are told of a day when all of its outputs are ready, and again when they have changed."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from standardwebhooks import Webhook as Verifier

from customer_analytics.alerting import announcements
from customer_analytics.alerting.announcements import announce, ready_days
from customer_analytics.alerting.calls import deliver_due
from customer_analytics.metrics.as_of import record_days
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.publish import record_audits
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.alerting.consumer import SECRET, consuming, impatient, now
from customer_analytics_tests.metrics.scenario import (
    NOW,
    Order,
    Ticket,
    at,
    audit,
    day,
    publish_orders,
    publish_tickets,
    refresh_values,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CLV, AT_RISK = "customer_lifetime_value", "at_risk_customers"


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        migrate(connection)
        yield connection


def deliver(warehouse: duckdb.DuckDBPyConnection, *numbers: int) -> None:
    """Publish an order and three tickets of these days."""
    for number in numbers:
        publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(10))])
        publish_tickets(warehouse, day(number), [Ticket("ann", at(number))] * 3)


def compute(warehouse: duckdb.DuckDBPyConnection, *numbers: int, assets: Iterable[str] = DERIVED_ASSETS) -> None:
    """These days of the assets are there; computed is customer value only."""
    days = [day(number) for number in numbers]
    if CLV in assets:
        refresh_values(warehouse, *days)
    for asset in assets:
        record_days(warehouse, DERIVED_ASSETS[asset], days, "run", NOW)
        fresh = {
            as_of: [check for check in checks if check.check == "inputs_fresh"]
            for as_of, checks in audit(warehouse, asset, days).items()
        }
        record_audits(warehouse, asset, fresh, {}, "run", NOW)


def hold_back(warehouse: duckdb.DuckDBPyConnection, *numbers: int) -> None:
    """A check of who is at risk fails on these days."""
    failed = [CheckOutcome("rule_holds", "failed", "the rule", "something else")]
    record_audits(warehouse, AT_RISK, {day(number): failed for number in numbers}, {}, "run", NOW)


def snapshot(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyConnection:
    refresh_serving(warehouse, folder / "serving.duckdb")
    return duckdb.connect(str(folder / "serving.duckdb"), read_only=True)


class Announcing:
    """Announces what a warehouse has, from its snapshot, and says what was written."""

    def __init__(self, warehouse: duckdb.DuckDBPyConnection, store: sqlite3.Connection, folder: Path) -> None:
        self.warehouse, self.store, self.folder = warehouse, store, folder
        self.at = NOON

    def days(self, *webhooks: str) -> list[date]:
        with snapshot(self.warehouse, self.folder) as connection:
            return announce(self.store, connection, webhooks or ("shop",), self.at)

    def told(self) -> list[dict[str, Any]]:
        """The days of the latest call."""
        data: dict[str, list[dict[str, Any]]] = self.payloads()[-1]["data"]
        return data["days"]

    def payloads(self) -> list[dict[str, Any]]:
        return [json.loads(row["body"]) for row in self.store.execute("select body from calls order by rowid")]


@pytest.fixture
def announcing(warehouse: duckdb.DuckDBPyConnection, store: sqlite3.Connection, tmp_path: Path) -> Announcing:
    return Announcing(warehouse, store, tmp_path)


def test_a_day_is_announced_once_with_what_its_outputs_are(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1)
    compute(warehouse, 1)
    assert announcing.days("shop", "finance") == [day(1)]
    assert announcing.days("shop", "finance") == []
    shop, finance = announcing.payloads()
    assert shop == finance
    assert shop == {
        "type": "outputs.ready",
        "timestamp": "2026-11-21T12:00:00.000000+00:00",
        "data": {
            "days": [
                {
                    "day": "2024-03-01",
                    "updated": False,
                    "outputs": {
                        CLV: {"rows": 1, "revision": 1, "inputs_complete": True},
                        "customer_features": {"rows": 0, "revision": 2, "inputs_complete": True},
                        "forecast_backtest": {"rows": 0, "revision": 2, "inputs_complete": True},
                        "customer_value_forecast": {"rows": 0, "revision": 2, "inputs_complete": True},
                        AT_RISK: {"rows": 0, "revision": 2, "inputs_complete": True},
                    },
                }
            ],
            "ranges": [],
        },
    }


def test_what_is_announced_arrives_signed(warehouse: duckdb.DuckDBPyConnection, announcing: Announcing) -> None:
    deliver(warehouse, 1)
    compute(warehouse, 1)
    announcing.at = now()
    announcing.days("consumer")
    with consuming() as consumer:
        assert deliver_due(announcing.store, [consumer.webhook()], now(), Random(1), impatient()) == 1
    [request] = consumer.requests
    assert Verifier(SECRET).verify(request.body, request.headers) == announcing.payloads()[0]


def test_an_empty_warehouse_has_nothing_to_announce(announcing: Announcing) -> None:
    assert announcing.days() == []
    assert announcing.payloads() == []


def test_a_day_is_not_ready_before_every_output_is_there(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1)
    compute(warehouse, 1, assets=(CLV,))
    assert announcing.days() == []
    compute(warehouse, 1, assets=[asset for asset in DERIVED_ASSETS if asset != CLV])
    assert announcing.days() == [day(1)]


def test_a_day_that_is_stale_before_it_was_ever_announced_is_not_ready(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1)
    compute(warehouse, 1)
    deliver(warehouse, 1)
    assert announcing.days() == []
    compute(warehouse, 1)
    assert announcing.days() == [day(1)]
    assert not announcing.told()[0]["updated"]


def test_a_day_is_not_ready_while_it_is_stale_and_then_announced_as_updated(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1, 2)
    compute(warehouse, 1, 2)
    assert announcing.days() == [day(1), day(2)]
    publish_orders(warehouse, day(1), [Order("bob", at(1), Decimal(20))])
    assert announcing.days() == []
    compute(warehouse, 1, 2)
    assert announcing.days() == [day(1), day(2)]
    assert [(each["day"], each["updated"]) for each in announcing.told()] == [
        ("2024-03-01", True),
        ("2024-03-02", True),
    ]
    assert len(announcing.payloads()) == 2


def test_a_correction_announces_only_the_days_that_it_reaches(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1, 2, 3)
    compute(warehouse, 1, 2, 3)
    announcing.days()
    publish_orders(warehouse, day(3), [])
    compute(warehouse, 3)
    assert announcing.days() == [day(3)]


def test_a_day_that_was_computed_again_from_the_same_inputs_is_not_announced_again(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1)
    compute(warehouse, 1)
    announcing.days()
    compute(warehouse, 1)
    assert announcing.days() == []


def test_a_day_that_a_check_holds_back_is_not_ready(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1, 2)
    compute(warehouse, 1, 2)
    hold_back(warehouse, 1)
    assert announcing.days() == [day(2)]
    compute(warehouse, 1, 2)
    assert announcing.days() == [day(1)]


def test_a_day_without_all_of_its_inputs_says_so_until_they_have_come(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1, 3)
    compute(warehouse, 1, 2, 3)
    announcing.days()
    assert [each["outputs"][CLV]["inputs_complete"] for each in announcing.told()] == [True, False, False]
    deliver(warehouse, 2)
    compute(warehouse, 2, 3)
    assert announcing.days() == [day(2), day(3)]
    assert [each["outputs"][CLV]["inputs_complete"] for each in announcing.told()] == [True, True]


def test_a_long_history_is_one_call_of_ranges(warehouse: duckdb.DuckDBPyConnection, announcing: Announcing) -> None:
    numbers = range(1, 131)
    deliver(warehouse, 1, 60, 130)
    compute(warehouse, *numbers)
    hold_back(warehouse, 100)
    assert len(announcing.days("shop", "finance")) == 129
    shop, finance = announcing.payloads()
    assert shop == finance
    assert shop["data"] == {
        "days": [],
        "ranges": [
            {"first": "2024-03-01", "last": "2024-06-07", "days": 99, "updated": 0, "inputs_complete": 1},
            {"first": "2024-06-09", "last": "2024-07-08", "days": 30, "updated": 0, "inputs_complete": 0},
        ],
    }


@pytest.mark.parametrize("gap", [1, 2])
def test_a_call_is_small_however_many_days_there_are(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing, gap: int
) -> None:
    """As long as each day is told by itself, and all of ten years with a gap after each."""
    numbers = range(1, announcements.MOST_ENTRIES + 1) if gap == 1 else range(1, 3650, gap)
    deliver(warehouse, 1)
    compute(warehouse, *range(1, numbers[-1] + 1))
    hold_back(warehouse, *set(range(1, numbers[-1])) - set(numbers))
    assert len(announcing.days()) == len(numbers)
    [body] = announcing.store.execute("select body from calls").fetchone()
    assert len(body) < 20_000


def test_without_webhooks_nothing_counts_as_announced(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1)
    compute(warehouse, 1)
    with snapshot(warehouse, announcing.folder) as connection:
        assert announce(announcing.store, connection, [], NOON) == []
    assert announcing.days() == [day(1)]


def test_calls_and_what_counts_as_announced_are_written_together_or_not_at_all(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(warehouse, 1)
    compute(warehouse, 1)

    def full(*_: object) -> None:
        message = "database or disk is full"
        raise sqlite3.OperationalError(message)

    with monkeypatch.context() as patched:
        patched.setattr(announcements, "write_calls", full)
        with pytest.raises(sqlite3.OperationalError):
            announcing.days()
    assert announcing.store.execute("select count(*) from announced_days").fetchone()[0] == 0
    assert announcing.days() == [day(1)]


def test_no_value_of_a_customer_is_told(warehouse: duckdb.DuckDBPyConnection, announcing: Announcing) -> None:
    publish_orders(warehouse, day(1), [Order("customer-4711", at(1), Decimal("987.65"))])
    publish_tickets(warehouse, day(1), [Ticket("customer-4711", at(1))] * 3)
    compute(warehouse, 1)
    announcing.days()
    [body] = announcing.store.execute("select body from calls").fetchone()
    assert "4711" not in body
    assert "987" not in body


def test_all_days_of_ten_years_are_looked_through_in_a_moment(
    warehouse: duckdb.DuckDBPyConnection, announcing: Announcing
) -> None:
    deliver(warehouse, 1)
    compute(warehouse, *range(1, 3651))
    with snapshot(warehouse, announcing.folder) as connection:
        begun = datetime.now(UTC)
        assert len(ready_days(connection)) == 3650
        assert datetime.now(UTC) - begun < timedelta(seconds=20)  # They are asked for at once.
