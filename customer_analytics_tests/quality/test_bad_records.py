"""What becomes of each kind of bad input: a table of records, what they become, and for which reasons."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from customer_analytics.contracts.source import Source
from customer_analytics_tests.scenario import DAY, ORDERS, ORDERS_HEADER, TICKETS, Scene

Reason = tuple[str, str | None]
GOOD_ORDER = "{0},C-1,2026-03-10 09:00:00,10.00,paid"
GOOD_TICKET: dict[str, Any] = {
    "ticket_id": "T-1",
    "customer_id": "C-1",
    "created_date": "2026-03-10T09:00:00Z",
    "category": "delivery",
    "priority": "low",
    "resolved_date": None,
}


@dataclass(frozen=True)
class Bad:
    """Raw lines that stand between two good records, and the reasons of each record that must be quarantined."""

    kind: str
    raw: bytes
    reasons: tuple[frozenset[Reason], ...]

    @property
    def records(self) -> list[bytes]:
        return self.raw.split(b"\n")


def bad(kind: str, raw: str | bytes, *reasons: Reason) -> Bad:
    """One record, quarantined for these reasons."""
    return Bad(kind, raw.encode() if isinstance(raw, str) else raw, (frozenset(reasons),))


def order(kind: str, *reasons: Reason, **cells: str) -> Bad:
    """A good order but for these cells."""
    good = {
        "order_id": "O-9",
        "customer_id": "C-9",
        "order_date": "2026-03-10",
        "total_amount": "1.00",
        "status": "paid",
    }
    return bad(kind, ",".join((good | cells).values()), *reasons)


def amount(kind: str, text: str) -> Bad:
    return order(kind, ("type", "total_amount"), total_amount=text)


def moment(kind: str, text: str) -> Bad:
    return order(kind, ("type", "order_date"), order_date=text)


def outside(kind: str, text: str) -> Bad:
    return order(kind, ("delivery_day", "order_date"), order_date=text)


def ticket(kind: str, *reasons: Reason, **cells: Any) -> Bad:
    """A good ticket but for these cells."""
    return bad(kind, json.dumps(GOOD_TICKET | {"ticket_id": "T-9"} | cells), *reasons)


def ticket_text(kind: str, old: str, new: str, *reasons: Reason) -> Bad:
    """A good ticket whose JSON text was tampered with."""
    text = json.dumps(GOOD_TICKET | {"ticket_id": "T-9"})
    assert old in text
    return bad(kind, text.replace(old, new, 1), *reasons)


BAD_ORDERS = (
    order("no customer", ("not_null", "customer_id"), customer_id=""),
    order("declared null token as key", ("not_null", "order_id"), order_id="NULL"),
    order("empty key", ("not_null", "order_id"), order_id=""),
    order("key of spaces", ("not_null", "order_id"), order_id="  "),
    order("key in empty quotes", ("not_null", "order_id"), order_id='""'),
    order("negative and not refunded", ("negative_only_where", None), total_amount="-1.00"),
    amount("currency sign", "$1.50"),
    amount("decimal comma in quotes", '"1,50"'),
    amount("underscore", "1_000"),
    amount("thousands separator in quotes", '"1,000.00"'),
    amount("three decimals", "12.345"),
    amount("no digit before the point", ".50"),
    amount("no digit after the point", "1."),
    amount("plus sign", "+1.00"),
    amount("exponent", "1e2"),
    amount("beyond double", "1e400"),
    amount("beyond decimal(18,2)", "12345678901234567.00"),
    amount("NaN", "NaN"),
    amount("Infinity", "Infinity"),
    amount("minus infinity", "-inf"),
    amount("hexadecimal", "0x1F"),
    amount("digits of another script", "\u0661\u0662.50"),
    amount("two numbers", "1.00 2.00"),
    order("unknown status", ("isin", "status"), status="teleported"),
    order("status in another case", ("isin", "status"), status="PAID"),
    moment("0000-00-00", "0000-00-00"),
    moment("30 February", "2026-02-30"),
    moment("year 290000", "290000-01-01"),
    moment("year 1", "0001-01-01"),
    moment("infinity as a time", "infinity"),
    moment("the word today", "today"),
    moment("epoch milliseconds", "1773136800000"),
    moment("US-style date", "03/10/2026"),
    moment("24 o'clock", "2026-03-10 24:00:00"),
    moment("second 60", "2026-03-10 23:59:60"),
    moment("offset beyond any zone", "2026-03-10T10:00:00+99:99"),
    moment("offset without seconds", "2026-03-10T10:00+01:00"),
    moment("name of a zone", "2026-03-10 10:00:00 Europe/Berlin"),
    outside("day after delivery", "2026-03-11 00:00:00"),
    outside("last microsecond too early", "2026-03-08 23:59:59.999999"),
    outside("years too early", "2024-03-10"),
    outside("offset that moves it into the next day", "2026-03-10T23:30:00-01:00"),
    bad("too few columns", "O-9,C-9,2026-03-10,1.00", ("columns", None)),
    bad("too many columns", "O-9,C-9,2026-03-10,1.00,paid,EUR", ("columns", None)),
    bad("too many columns, the first empty, one in quotes", ',"O-9",C-9,2026-03-10,1.00,paid', ("columns", None)),
    bad("repeated header", ORDERS_HEADER.strip(), ("repeated_header", None)),
    bad("repeated header in capitals", ORDERS_HEADER.strip().upper(), ("repeated_header", None)),
    bad("comment line", "# exported by shop-export 4.2", ("columns", None)),
    bad(
        "TOTAL trailer",
        "TOTAL,,,18250.75,",
        ("not_null", "customer_id"),
        ("not_null", "order_date"),
        ("not_null", "status"),
    ),
    bad("quote inside a quoted cell", '"O-"9",C-9,2026-03-10,1.00,paid', ("quotes", None)),
    bad("text after a quoted cell", '"O-9"x,C-9,2026-03-10,1.00,paid', ("quotes", None)),
    order("NUL", ("type", "customer_id"), customer_id="C\0-9"),
    bad("invalid UTF-8", b"O-9,C-\xff\xfe,2026-03-10,1.00,paid", ("encoding", None)),
    bad("overlong UTF-8", b"O-9,C-\xc0\xaf,2026-03-10,1.00,paid", ("encoding", None)),
    bad("surrogate in UTF-8", b"O-9,C-\xed\xa0\x80,2026-03-10,1.00,paid", ("encoding", None)),
    order("zero-width space in an id", ("visible_characters", "customer_id"), customer_id="C\u200b-9"),
    order("direction mark in an id", ("visible_characters", "order_id"), order_id="O\u202e-9"),
    order("byte order mark in an id", ("visible_characters", "order_id"), order_id="\ufeffO-9"),
    order("tab in an id", ("visible_characters", "customer_id"), customer_id="C\t9"),
    order("id beyond the size limit", ("str_length", "customer_id"), customer_id="C" * 201),
    order("id of two megabytes", ("str_length", "customer_id"), customer_id="C" * 2_000_000),
    bad(
        "everything wrong at once",
        "\u200b,,never,much,no",
        ("visible_characters", "order_id"),
        ("not_null", "customer_id"),
        ("type", "order_date"),
        ("type", "total_amount"),
        ("isin", "status"),
    ),
    bad("same id, same content", GOOD_ORDER.format("O-1"), ("unique", "order_id")),
    bad("same id, other content", "O-1,C-2,2026-03-10,99.99,shipped", ("unique", "order_id")),
    bad("same id, and bad besides", "O-1,C-2,2026-03-10,99.99,no", ("unique", "order_id"), ("isin", "status")),
)

BAD_TICKETS = (
    ticket("no customer", ("not_null", "customer_id"), customer_id=None),
    ticket("empty customer", ("not_null", "customer_id"), customer_id=""),
    ticket("unknown priority", ("isin", "priority"), priority="whenever"),
    ticket("resolved before created", ("not_before", None), resolved_date="2026-03-09T09:00:00Z"),
    ticket("30 February", ("type", "created_date"), created_date="2026-02-30T09:00:00Z"),
    ticket("epoch milliseconds", ("type", "created_date"), created_date=1773136800000),
    ticket("too late", ("delivery_day", "created_date"), created_date="2026-03-11T00:00:00Z"),
    ticket("zero-width joiner in an id", ("visible_characters", "customer_id"), customer_id="C\u200d9"),
    ticket("NUL", ("type", "customer_id"), customer_id="C\0"),
    ticket("lone high surrogate", ("json", None), customer_id="C\ud800"),
    ticket("lone low surrogate", ("json", None), customer_id="C\udc00"),
    ticket("nested object", ("nested", None), customer_id={"id": "C-9"}),
    ticket("nested array", ("nested", None), category=["delivery"]),
    ticket("NaN for a customer", ("json", None), customer_id=float("nan")),
    ticket("infinite customer", ("json", None), customer_id=float("-inf")),
    ticket("a key twice", ("unique", "ticket_id"), ticket_id="T-1"),
    ticket_text("absent key", '"customer_id": "C-1", ', "", ("not_null", "customer_id")),
    ticket_text("cut off", ', "priority": "low", "resolved_date": null}', "", ("json", None)),
    ticket_text("trailing comma", "null}", "null,}", ("json", None)),
    ticket_text("trailing comma in what is left out", "null}", 'null, "more": [1, 2, ]}', ("json", None)),
    ticket_text("trailing comma, nested", "null}", 'null, "more": {"a": 1,}}', ("json", None)),
    ticket_text("single quotes", '"C-1"', "'C-1'", ("json", None)),
    ticket_text("comment", "{", "/* exported */ {", ("json", None)),
    ticket_text("raw control character", "C-1", "C\x01", ("json", None)),
    ticket_text("name twice", "null}", 'null, "priority": "high"}', ("json_keys", None)),
    ticket_text("name twice, once escaped", "null}", 'null, "pri\\u006frity": "high"}', ("json_keys", None)),
    bad("two objects on a line", f"{json.dumps(GOOD_TICKET)} {json.dumps(GOOD_TICKET)}", ("json", None)),
    bad("null", "null", ("json", None)),
    bad("number", "42", ("json", None)),
    bad("text", '"T-9"', ("json", None)),
    bad("array", json.dumps([GOOD_TICKET]), ("json", None)),
    bad("not JSON at all", "T-9,C-9,2026-03-10", ("json", None)),
    bad("invalid UTF-8", json.dumps(GOOD_TICKET).encode().replace(b"C-1", b"C-\xff"), ("encoding", None)),
    bad(
        "empty object",
        "{}",
        *(("not_null", column) for column in ("ticket_id", "customer_id", "created_date", "category", "priority")),
    ),
)


def assert_only_the_middle_is_quarantined(scene: Scene, source: Source, content: bytes, case: Bad) -> None:
    """One of three records is set aside, for exactly its reasons, with its own bytes; nothing is lost or changed."""
    key, table = source.contract.key, source.table
    assert scene.ledger(source) == {"records": 3, "accepted": 2, "quarantined": 1, "ignored": 0, "revision": 1}
    assert len(scene.all(f"select {key} from {table}")) == 2
    [(line, offset, raw, reasons)] = scene.all("select line, byte_offset, raw, reasons from quality.quarantine")
    assert raw == case.raw
    assert content[offset : offset + len(raw)] == raw
    assert line == content[:offset].count(b"\n") + 1
    assert {(reason["rule"], reason["column"]) for reason in reasons} == case.reasons[0]
    assert all(reason["message"] for reason in reasons)


@pytest.mark.parametrize("case", BAD_ORDERS, ids=lambda case: case.kind)
def test_bad_csv_record_is_quarantined_and_its_neighbours_are_published(scene: Scene, case: Bad) -> None:
    lines = [
        ORDERS_HEADER.strip().encode(),
        GOOD_ORDER.format("O-1").encode(),
        case.raw,
        GOOD_ORDER.format("O-2").encode(),
    ]
    content = b"\n".join(lines) + b"\n"
    scene.deliver(ORDERS, content)
    assert_only_the_middle_is_quarantined(scene, ORDERS, content, case)
    assert scene.column("select order_id from sources.orders order by 1") == ["O-1", "O-2"]


@pytest.mark.parametrize("case", BAD_TICKETS, ids=lambda case: case.kind)
def test_bad_json_record_is_quarantined_and_its_neighbours_are_published(scene: Scene, case: Bad) -> None:
    good = [json.dumps(GOOD_TICKET | {"ticket_id": ticket_id}).encode() for ticket_id in ("T-1", "T-2")]
    content = b"\n".join((good[0], case.raw, good[1]))
    scene.deliver(TICKETS, {"tickets.jsonl": content})
    assert_only_the_middle_is_quarantined(scene, TICKETS, content, case)
    assert scene.column("select ticket_id from sources.support_tickets order by 1") == ["T-1", "T-2"]


def test_a_bad_record_keeps_no_key(scene: Scene) -> None:
    scene.deliver(
        ORDERS, ORDERS_HEADER + "O-1,,2026-03-10,1.00,paid\nO-1,C-1,2026-03-10,2.00,paid\nO-1,C-1,2026-03-10,3.00,paid"
    )
    assert [row[4] for row in scene.orders()] == ["2.00"]
    assert scene.column("select line from quality.quarantine order by 1") == [2, 4]


def test_of_files_with_the_same_key_the_first_by_name_is_kept(scene: Scene) -> None:
    scene.land(
        ORDERS,
        {
            "b.csv": ORDERS_HEADER + "O-1,C-b,2026-03-10,1.00,paid",
            "a.csv": ORDERS_HEADER + "O-1,C-a,2026-03-10,1.00,paid",
        },
    )
    scene.load(ORDERS)
    assert [row[2] for row in scene.orders()] == ["C-a"]
    [(file, message)] = scene.all("select file, reasons[1].message from quality.quarantine")
    assert (file, message) == ("b.csv", "order_id stands already at a.csv:2")


def test_quarantine_says_by_what_and_when_a_record_was_judged(scene: Scene) -> None:
    scene.land(ORDERS, ORDERS_HEADER + "O-1,,2026-03-10,1.00,paid")
    scene.load(ORDERS, run_id="run-7")
    rows = scene.all(
        """select source, delivery_day, file, contract_version, run_id, quarantined_at::varchar, released_at
           from quality.quarantine"""
    )
    assert rows == [("orders", DAY, "delivery.csv", "1.0.0", "run-7", "2026-03-11 06:00:00", None)]
