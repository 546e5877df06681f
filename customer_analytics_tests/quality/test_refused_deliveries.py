"""Deliveries that cannot be read through: nothing of them is published, and other days go on.

What makes a delivery refused, kind by kind, stands in the matrix, ``bad_input``.
"""

import gzip
import time
from collections.abc import Iterator
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.policy import Limits, SourcePolicy
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile, Delivery, LandingArea
from customer_analytics.landing.records import read_records
from customer_analytics.quality import stream
from customer_analytics.quality.delivery_rules import time_limit
from customer_analytics.warehouse.ledger import last_attempts
from customer_analytics_tests.scenario import (
    CLEAN_ORDERS,
    DAY,
    NEXT_DAY,
    ORDERS,
    ORDERS_HEADER,
    TICKETS,
    Scene,
    orders_of,
    source_of,
)


@pytest.mark.parametrize("name", ["b.csv", "b.txt"])  # One that is refused when it is read, one before.
def test_one_refused_file_refuses_the_whole_day(scene: Scene, name: str) -> None:
    report = scene.deliver(ORDERS, {"a.csv": CLEAN_ORDERS, name: b""})
    assert report.state == "held_back"
    assert scene.orders() == []
    assert scene.ledger(ORDERS) is None
    assert not last_attempts(scene.connection, "orders")[DAY].is_published


def test_an_error_deep_in_a_large_file_refuses_all_of_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customer_analytics.landing.content.CHUNK_BYTES", 64)
    content = gzip.compress((CLEAN_ORDERS + ORDERS_HEADER * 500).encode())[:-4]
    assert scene.deliver(ORDERS, {"a.csv.gz": content}).state == "held_back"
    assert scene.all("select * from judged") == []


def test_a_file_that_changes_while_it_is_read_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = scene.land(ORDERS, CLEAN_ORDERS)

    def read_and_append(file: DeliveredFile) -> Iterator[pa.RecordBatch]:
        yield from read_records(file)
        with (folder / "delivery.csv").open("a") as stream:
            stream.write("O-4,C-4,2026-03-10,1.00,paid\n")

    monkeypatch.setattr(stream, "read_records", read_and_append)
    [report] = scene.load(ORDERS)
    assert report.state == "held_back"
    assert "changed while they were read" in report.message
    assert scene.orders() == []


def test_malformed_json_lines_in_their_thousands_do_not_stop_the_reader(scene: Scene) -> None:
    good = '{"ticket_id": "%d", "customer_id": "1", "created_date": "2026-03-10", "category": "x", "priority": "low"}'
    lines = [good % n if n % 2 else good[: 1 + n % 60] for n in range(5_000)]
    assert scene.deliver(TICKETS, {"tickets.jsonl": "\n".join(lines)}).state == "published"
    counts = scene.ledger(TICKETS)
    assert counts is not None
    assert (counts["records"], counts["accepted"]) == (5_000, 2_500)


def test_a_file_that_the_machine_cannot_read_holds_only_its_day_back_and_is_tried_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.land(ORDERS, CLEAN_ORDERS)
    scene.land(ORDERS, orders_of(NEXT_DAY, "O-8", "O-9"), NEXT_DAY)
    opened = LandingArea.open

    def denied(area: LandingArea, source: str, day: date) -> Delivery:
        if day == DAY:
            raise PermissionError(13, "Permission denied", "delivery.csv")
        return opened(area, source, day)

    monkeypatch.setattr(LandingArea, "open", denied)
    held_back, published = sorted(scene.load(ORDERS, DAY, NEXT_DAY), key=lambda report: report.day)
    assert (held_back.state, published.state) == ("held_back", "published")
    assert "cannot be read: Permission denied (delivery.csv)" in held_back.message
    assert list(last_attempts(scene.connection, "orders")) == [NEXT_DAY]


def test_a_file_that_vanishes_while_other_days_are_opened_stops_its_own_day_only(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = scene.land(ORDERS, CLEAN_ORDERS, DAY) / "delivery.csv"
    scene.land(ORDERS, orders_of(NEXT_DAY, "O-9"), NEXT_DAY)
    opened = LandingArea.open

    def open_and_lose(area: LandingArea, source: str, day: date) -> Delivery:
        delivery = opened(area, source, day)
        removed.unlink(missing_ok=True)
        return delivery

    monkeypatch.setattr(LandingArea, "open", open_and_lose)
    held_back, published = sorted(scene.load(ORDERS, DAY, NEXT_DAY), key=lambda report: report.day)
    assert (held_back.state, published.state) == ("held_back", "published")
    assert "it is cut short, damaged or gone" in held_back.message


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_delivery_that_takes_too_long_to_judge_is_refused_while_it_is_read(scene: Scene, form: str) -> None:
    hasty = source_of(Orders, "orders", SourcePolicy(limits=Limits(seconds=0.05)))
    record = {"csv": "O-{},C-1,2026-03-10,1.00,paid\n", "jsonl": '{{"order_id": "O-{}", "customer_id": "C-1"}}\n'}[form]
    content = (ORDERS_HEADER if form == "csv" else "") + "".join(record.format(n) for n in range(300_000))
    report = scene.deliver(hasty, {f"orders.{form}": content})
    assert report.state == "held_back"
    assert "judging it took longer than 0.05 s. Deliver less at once, or raise limits.seconds." in report.message
    assert scene.all("select * from judged") == []
    assert scene.deliver(ORDERS, CLEAN_ORDERS).state == "published"


def test_an_interruption_from_elsewhere_is_no_refusal(scene: Scene) -> None:
    scene.land(ORDERS, CLEAN_ORDERS)
    delivery = LandingArea(scene.root).open("orders", DAY)
    with pytest.raises(duckdb.InterruptException), time_limit(scene.connection, ORDERS, delivery):
        raise duckdb.InterruptException


def test_the_time_may_be_over_while_no_query_is_at_work(scene: Scene) -> None:
    hasty = source_of(Orders, "orders", SourcePolicy(limits=Limits(seconds=0.05)))
    scene.land(ORDERS, CLEAN_ORDERS)
    counted: list[tuple[int]] = []

    def judge_at_leisure() -> None:
        with time_limit(scene.connection, hasty, LandingArea(scene.root).open("orders", DAY)):
            time.sleep(0.2)
            counted.extend(scene.all("select count(*) from range(100000) as a, range(100000) as b where a < b"))

    with pytest.raises(DeliveryRefusedError, match="judging it took longer than"):
        judge_at_leisure()
    assert counted == []
    assert scene.all("select 1") == [(1,)]
