"""Deliveries that cannot be trusted as a whole: nothing is published, why is recorded, the day stays as it was."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pytest

from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.source import SourcePolicy
from customer_analytics.landing.folder import DeliveredFile, Delivery, LandingArea
from customer_analytics.landing.records import read_records
from customer_analytics.quality import judge
from customer_analytics.warehouse.ledger import last_attempts
from customer_analytics_tests.scenario import (
    CLEAN_ORDER_ROWS,
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

CLEAN = CLEAN_ORDERS.encode()
ROWS = CLEAN_ORDERS.removeprefix(ORDERS_HEADER)


@dataclass(frozen=True)
class Refused:
    kind: str
    name: str
    content: bytes
    named: str


REFUSED = (
    Refused("zero bytes", "a.csv", b"", "no content at all"),
    Refused("only a byte order mark", "a.csv", b"\xef\xbb\xbf", "no content at all"),
    Refused("zero bytes of JSON", "a.jsonl", b"", "no content at all"),
    Refused("only a byte order mark before JSON", "a.jsonl", b"\xef\xbb\xbf", "no content at all"),
    Refused("blank lines only", "a.csv", b"\n \n\r\n", "has no header"),
    Refused("UTF-16", "a.csv", CLEAN_ORDERS.encode("utf-16"), "UTF-16"),
    Refused("UTF-16, big end first", "a.csv", b"\xfe\xff" + CLEAN_ORDERS.encode("utf-16-be"), "UTF-16"),
    Refused("UTF-16 without a mark", "a.csv", CLEAN_ORDERS.encode("utf-16-le"), "the header lacks order_id"),
    Refused("no header", "a.csv", ROWS.encode(), "the header lacks order_id"),
    Refused("header that is not UTF-8", "a.csv", b"\xff" + CLEAN, "the header lacks order_id"),
    Refused("a name twice", "a.csv", CLEAN.replace(b"status", b"status,Order_ID ", 1), "'order_id' more than once"),
    Refused("a name missing", "a.csv", CLEAN.replace(b"total_amount", b"amount", 1), "lacks total_amount"),
    Refused("wrong delimiter", "a.csv", CLEAN.replace(b",", b";"), "lacks order_id"),
    Refused("quotes in the header", "a.csv", b'"order_id"x,' + CLEAN, "quotes that do not enclose a whole name"),
    Refused("no header, values repeated", "a.csv", b"x,x,x,x,paid\n", "it has 5 columns, with none of the promised"),
    Refused("first line of a megabyte", "a.csv", b"x" * 1_000_000, "the header lacks order_id"),
    Refused(
        "unterminated quote", "a.csv", CLEAN + b'O-4,"C-1,2026-03-10,1.00,paid\n', "line 5: a quote that opens here"
    ),
    Refused("gzip cut short", "a.csv.gz", gzip.compress(CLEAN)[:-12], "cannot be read"),
    Refused("gzip with a wrong checksum", "a.csv.gz", gzip.compress(CLEAN)[:-8] + bytes(8), "cannot be read"),
    Refused("not gzip", "a.csv.gz", CLEAN, "cannot be read"),
    Refused("not zstd", "a.csv.zst", CLEAN, "cannot be read"),
    Refused("unknown ending", "a.xlsx", CLEAN, "the ending is not one of"),
    Refused("JSON without the promised names", "a.jsonl", b'{"id": 1}\n{"id": 2}\n', "no record has order_id"),
)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.kind)
def test_a_refused_delivery_leaves_the_day_as_it_was_and_says_why(scene: Scene, case: Refused) -> None:
    scene.deliver(ORDERS, CLEAN_ORDERS)
    report = scene.deliver(ORDERS, {case.name: case.content})
    assert (report.state, report.figures) == ("held_back", None)
    assert case.name in report.message
    assert case.named in report.message
    assert scene.orders() == CLEAN_ORDER_ROWS
    failed = scene.all("select check_name, found from quality.audits where outcome = 'failed'")
    assert failed == [("schema", report.message)]


def test_one_refused_file_refuses_the_whole_day(scene: Scene) -> None:
    report = scene.deliver(ORDERS, {"a.csv": CLEAN_ORDERS, "b.csv": b""})
    assert report.state == "held_back"
    assert scene.orders() == []
    assert scene.ledger(ORDERS) is None


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

    monkeypatch.setattr(judge, "read_records", read_and_append)
    [report] = scene.load(ORDERS)
    assert report.state == "held_back"
    assert "changed while they were read" in report.message
    assert scene.orders() == []


def test_a_format_that_the_source_does_not_deliver_is_refused(scene: Scene) -> None:
    csv_only = source_of(Orders, "orders", SourcePolicy(formats=("csv",)))
    report = scene.deliver(csv_only, {"orders.jsonl": "{}"})
    assert "orders is delivered as csv" in report.message


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
