"""Publishing days: all of a good day or nothing, and the same whenever it is done again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from customer_analytics.contracts.schedule import DeliverySchedule, WithoutDelivery
from customer_analytics.warehouse import load as load_module
from customer_analytics.warehouse.ledger import last_attempts
from customer_analytics_tests.scenario import (
    CLEAN_ORDER_ROWS,
    CLEAN_ORDERS,
    CORRECTED_ORDERS,
    DAY,
    LATER,
    MIXED_ORDERS,
    NEXT_DAY,
    NOW,
    ORDERS,
    ORDERS_HEADER,
    STRICT_ORDERS,
    THIRD_DAY,
    TICKETS,
    WRONG_ORDERS,
    Scene,
    orders_of,
    published_state,
)

# What is said of a day that is held back; everything else stays.
JUDGEMENTS = ('quality."audits"', 'quality."scores"')

OPEN_TICKET = (
    '{"ticket_id": "O-1", "customer_id": null, "created_date": "2026-03-10", "category": "x", "priority": "low"}'
)


def test_a_good_day_is_published_with_its_ledger_quarantine_profile_and_audit(scene: Scene) -> None:
    report = scene.deliver(ORDERS, MIXED_ORDERS)
    assert (report.day, report.state, report.message) == (DAY, "published", "")
    assert [row[1] for row in scene.orders()] == ["O-1", "O-4"]
    assert scene.ledger(ORDERS) == {"records": 5, "accepted": 2, "quarantined": 2, "ignored": 1, "revision": 1}
    assert scene.column("select line from quality.quarantine") == [3, 5]
    assert scene.audits(ORDERS) == dict.fromkeys(
        ("schema", "volume", "nulls", "uniqueness", "reconciliation", "quarantine_rate", "drift"), "passed"
    ) | {"quality_score": "warned", "on_time": "warned"}
    assert scene.all(
        """select "column", rows, nulls, "distinct", "min", "max", mean, deviation, quarantined from quality.profiles
           where "column" in ('total_amount', 'status') order by 1"""
    ) == [
        ("status", 2, 0, 2, "paid", "shipped", None, None, 0),
        ("total_amount", 2, 0, 2, "7.25", "10.00", 8.625, pytest.approx(1.9445, abs=1e-4), 1),
    ]


def test_the_ledger_knows_what_was_published_by_which_rules(scene: Scene) -> None:
    report = scene.deliver(ORDERS, CLEAN_ORDERS)
    assert report.delivery is not None
    attempt = last_attempts(scene.connection, "orders")[DAY]
    assert (attempt.fingerprint, attempt.rules_fingerprint) == (report.delivery.fingerprint, ORDERS.fingerprint)
    assert attempt.is_published


def test_publishing_again_changes_nothing_but_run_and_time(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    before = published_state(scene.connection)
    scene.load(ORDERS, run_id="run-2", now=LATER)
    assert published_state(scene.connection) == before
    assert scene.all("select run_id, published_at from quality.deliveries") == [("run-2", LATER)]


def test_the_same_orders_in_another_sequence_are_no_new_revision(scene: Scene) -> None:
    scene.deliver(ORDERS, CLEAN_ORDERS)
    header, *lines = CLEAN_ORDERS.splitlines()
    scene.deliver(ORDERS, "\n".join([header, *reversed(lines)]))
    assert scene.ledger(ORDERS) == {"records": 3, "accepted": 3, "quarantined": 0, "ignored": 0, "revision": 1}


def test_a_corrected_day_replaces_the_old_one_and_has_a_new_revision(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-9"), NEXT_DAY)
    scene.deliver(ORDERS, CORRECTED_ORDERS)
    assert scene.orders() == [row if row[1] != "O-2" else (*row[:4], "26.50", row[5]) for row in CLEAN_ORDER_ROWS]
    assert scene.ledger(ORDERS) == {"records": 3, "accepted": 3, "quarantined": 0, "ignored": 0, "revision": 3}
    assert scene.all("select * from quality.quarantine") == []
    assert scene.day_of_each_order()["O-9"] == NEXT_DAY


def test_a_day_that_goes_back_to_what_it_was_has_yet_another_revision(scene: Scene) -> None:
    revisions = []
    for content in (CLEAN_ORDERS, CORRECTED_ORDERS, CLEAN_ORDERS):
        scene.deliver(ORDERS, content)
        revisions.append((scene.ledger(ORDERS) or {})["revision"])
    assert revisions == [1, 2, 3]


def test_a_day_that_becomes_empty_is_emptied(scene: Scene) -> None:
    scene.deliver(ORDERS, CLEAN_ORDERS)
    scene.deliver(ORDERS, ORDERS_HEADER)
    assert scene.orders() == []
    assert scene.ledger(ORDERS) == {"records": 0, "accepted": 0, "quarantined": 0, "ignored": 0, "revision": 2}
    assert scene.all("select * from quality.profiles") == []


def test_columns_are_published_by_name_whatever_their_order_in_the_table(scene: Scene) -> None:
    scene.connection.execute(
        """create table sources.orders (status varchar not null, total_amount decimal(18,2) not null,
             customer_id varchar not null, delivery_day date not null, order_date timestamp not null,
             order_id varchar not null)"""
    )
    scene.deliver(ORDERS, CLEAN_ORDERS)
    assert scene.orders() == CLEAN_ORDER_ROWS


def test_a_blocked_day_keeps_what_it_had_and_its_audit_says_why(scene: Scene) -> None:
    scene.deliver(STRICT_ORDERS, CLEAN_ORDERS)
    kept = {table: rows for table, rows in published_state(scene.connection).items() if table not in JUDGEMENTS}
    report = scene.deliver(STRICT_ORDERS, WRONG_ORDERS)
    assert report.state == "held_back"
    assert report.message.startswith("orders 2026-03-10: nulls: ")
    assert "quarantine_rate: 100.00%" in report.message
    now = published_state(scene.connection)
    assert {table: rows for table, rows in now.items() if table not in JUDGEMENTS} == kept
    assert scene.audits(STRICT_ORDERS)["quarantine_rate"] == "failed"
    [fingerprint] = set(scene.column("select fingerprint from quality.audits"))
    assert report.delivery is not None
    assert fingerprint == report.delivery.fingerprint


def test_when_every_day_is_held_back_nothing_is_published(scene: Scene) -> None:
    for day in (DAY, NEXT_DAY):
        scene.land(STRICT_ORDERS, WRONG_ORDERS, day)
    assert [report.state for report in scene.load(STRICT_ORDERS, DAY, NEXT_DAY)] == ["held_back", "held_back"]
    assert scene.all("select * from quality.deliveries") == []
    assert scene.all("select * from quality.quarantine") == []


def test_good_days_of_a_batch_are_published_while_others_are_held_back(scene: Scene) -> None:
    scene.land(STRICT_ORDERS, CLEAN_ORDERS, DAY)
    scene.land(STRICT_ORDERS, WRONG_ORDERS, NEXT_DAY)
    scene.land(STRICT_ORDERS, b"", THIRD_DAY)
    fourth, fifth = THIRD_DAY + timedelta(days=1), THIRD_DAY + timedelta(days=2)
    scene.land(STRICT_ORDERS, orders_of(fifth, "O-5"), fifth)
    reports = scene.load(STRICT_ORDERS, fifth, fourth, THIRD_DAY, NEXT_DAY, DAY)
    assert {report.day: report.state for report in reports} == {
        DAY: "published",
        NEXT_DAY: "held_back",
        THIRD_DAY: "held_back",
        fourth: "not_landed",
        fifth: "published",
    }
    assert set(scene.column("select delivery_day from sources.orders")) == {DAY, fifth}
    assert set(scene.column("select delivery_day from quality.deliveries")) == {DAY, fifth}
    assert set(scene.column("select day from quality.audits")) == {DAY, NEXT_DAY, THIRD_DAY, fifth}


@pytest.mark.parametrize("batch_bytes", [1, 200, 10**9])
def test_how_days_are_batched_makes_no_difference(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, batch_bytes: int
) -> None:
    monkeypatch.setattr(load_module, "BATCH_BYTES", batch_bytes)
    days = [DAY + timedelta(days=offset) for offset in range(6)]
    for number, day in enumerate(days):
        scene.land(ORDERS, orders_of(day, f"O-{number}", f"O-{number + 1}"), day)
    reports = scene.load(ORDERS, *days)
    assert [report.day for report in reports] == days
    assert scene.day_of_each_order() == {"O-0": DAY} | {f"O-{number + 1}": day for number, day in enumerate(days)}


def test_sources_do_not_touch_each_other(scene: Scene) -> None:
    def of_orders() -> dict[str, list[tuple[Any, ...]]]:
        state = published_state(scene.connection)
        return {
            table: found
            for table, rows in state.items()
            if (found := [row for row in rows if table == ORDERS.table or "orders" in row])
        }

    scene.deliver(ORDERS, MIXED_ORDERS)
    before = of_orders()
    report = scene.deliver(TICKETS, {"tickets.jsonl": OPEN_TICKET})
    assert of_orders() == before
    assert (report.state, report.changes) == ("published", None)
    assert scene.all("from quality.changes") == []


def test_a_day_since_the_first_load_of_all_is_late_whenever_it_comes(scene: Scene) -> None:
    scene.deliver(ORDERS, CLEAN_ORDERS)
    scene.land(ORDERS, orders_of(NEXT_DAY, "O-9"), NEXT_DAY)
    scene.load(ORDERS, NEXT_DAY, now=NOW + timedelta(days=9))
    assert scene.audits(ORDERS, NEXT_DAY)["on_time"] == "warned"


def test_a_load_records_on_which_days_nothing_is_expected(scene: Scene) -> None:
    never = WithoutDelivery(weekdays=frozenset({"sunday"}), days=frozenset({THIRD_DAY}))
    scene.deliver(replace(ORDERS, schedule=DeliverySchedule(without_delivery=never)), CLEAN_ORDERS)
    assert scene.all("from quality.without_delivery") == [("orders", [7], [THIRD_DAY])]


def test_an_error_while_publishing_leaves_every_day_as_it_was(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.deliver(ORDERS, CLEAN_ORDERS)
    before = published_state(scene.connection)

    def fail(*_: object) -> None:
        message = "the disk is full"
        raise OSError(message)

    monkeypatch.setattr(load_module, "record_audits", fail)
    scene.land(ORDERS, CORRECTED_ORDERS)
    with pytest.raises(OSError, match="the disk is full"):
        scene.load(ORDERS)
    monkeypatch.undo()
    assert published_state(scene.connection) == before
    assert scene.load(ORDERS)[0].state == "published"


def test_run_and_time_are_recorded_as_they_were_given(scene: Scene) -> None:
    scene.land(ORDERS, CLEAN_ORDERS)
    scene.load(ORDERS, run_id="'; drop table sources.orders; --", now=datetime(1999, 12, 31))
    assert scene.all("select run_id, published_at from quality.deliveries") == [
        ("'; drop table sources.orders; --", datetime(1999, 12, 31))
    ]
    assert scene.orders() == CLEAN_ORDER_ROWS
