"""What is put right, counted and accepted, and values that must come out exactly as they went in."""

import gzip
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from customer_analytics.contracts.source import Limit, SourcePolicy
from customer_analytics_tests.scenario import (
    CLEAN_ORDER_ROWS,
    CLEAN_ORDERS,
    DAY,
    MIXED_ORDERS,
    ORDERS,
    ORDERS_HEADER,
    TICKETS,
    Scene,
)

LINES = CLEAN_ORDERS.splitlines()
TICKET = (
    '{"ticket_id": "T-1", "customer_id": "C-1", "created_date": "2026-03-10T09:00:00Z", '
    '"category": "x", "priority": "low"}'
)
ORDER = (
    '{"order_id": "O-3", "customer_id": "C-1", "order_date": "2026-03-10T11:00:00Z", '
    '"total_amount": -10, "status": "refunded"}'
)

NORMALISED = {
    "byte order mark": "\ufeff" + CLEAN_ORDERS,
    "CRLF": CLEAN_ORDERS.replace("\n", "\r\n"),
    "CR only": CLEAN_ORDERS.replace("\n", "\r"),
    "mixed newlines": f"{LINES[0]}\r\n{LINES[1]}\n{LINES[2]}\r{LINES[3]}\n",
    "no final newline": CLEAN_ORDERS.rstrip("\n"),
    "byte order mark and CRLF": "\ufeff" + CLEAN_ORDERS.replace("\n", "\r\n"),
    "header in capitals": CLEAN_ORDERS.replace(LINES[0], LINES[0].upper()),
    "spaces in the header": CLEAN_ORDERS.replace(LINES[0], LINES[0].replace(",", " ,\t")),
    "header in quotes": CLEAN_ORDERS.replace(LINES[0], '"' + LINES[0].replace(",", '" , "') + '"'),
    "columns in another order": "\n".join(",".join(reversed(line.split(","))) for line in LINES),
    "spaces around cells": CLEAN_ORDERS.replace(",", " , "),
    "every cell in quotes": "\n".join('"' + line.replace(",", '","') + '"' for line in LINES),
    "spaces around quotes": "\n".join('"' + line.replace(",", '" ,\t"') + '" ' for line in LINES),
    "only the last cell in quotes": CLEAN_ORDERS.replace("delivered", '"delivered"'),
    "an extra column": "\n".join(
        f"{line},{extra}" for line, extra in zip(LINES, ("coupon", "A", "", '"x,y"'), strict=True)
    ),
    "an extra first column that is empty": "\n".join(
        f"{extra},{line}" for line, extra in zip(LINES, ("note", "", '""', ""), strict=True)
    ).replace("C-2", '"C-2"'),
    "times with a T and a Z": CLEAN_ORDERS.replace("2026-03-10 ", "2026-03-10T").replace(":00,", ":00Z,"),
    "amounts with zeros behind": CLEAN_ORDERS.replace("25.50", "25.5").replace(",10.00", ",10.0000"),
}


@pytest.mark.parametrize("content", NORMALISED.values(), ids=NORMALISED.keys())
def test_the_same_orders_written_otherwise_are_published_alike(scene: Scene, content: str) -> None:
    report = scene.deliver(ORDERS, content)
    assert scene.orders() == CLEAN_ORDER_ROWS
    assert scene.ledger(ORDERS) == {"records": 3, "accepted": 3, "quarantined": 0, "ignored": 0, "revision": 1}
    extra = [column for column in ("coupon", "note") if column in content]
    assert scene.audits(ORDERS)["schema"] == ("warned" if extra else "passed")
    assert report.figures is not None
    assert list(report.figures.delivered.unknown_columns) == extra


def test_blank_lines_are_delivered_and_ignored(scene: Scene) -> None:
    scene.deliver(ORDERS, CLEAN_ORDERS.replace("\n", "\n\n \t\n") + "\r\n")
    assert scene.orders() == CLEAN_ORDER_ROWS
    assert scene.ledger(ORDERS) == {"records": 12, "accepted": 3, "quarantined": 0, "ignored": 9, "revision": 1}


def test_every_record_of_a_mixed_day_is_accounted_for(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    assert scene.ledger(ORDERS) == {"records": 5, "accepted": 2, "quarantined": 2, "ignored": 1, "revision": 1}
    quarantined = scene.all("select line, byte_offset, raw from quality.quarantine order by line")
    content = MIXED_ORDERS.encode()
    assert [(line, raw) for line, _, raw in quarantined] == [
        (3, b"O-2,,2026-03-10 10:30:00,25.50,delivered"),
        (5, b"O-3,C-1,2026-03-10 11:00:00,$1.50,paid"),
    ]
    assert all(content[offset : offset + len(raw)] == raw for _, offset, raw in quarantined)


def test_a_header_alone_is_a_day_without_records(scene: Scene) -> None:
    assert scene.deliver(ORDERS, ORDERS_HEADER).state == "published"
    assert scene.ledger(ORDERS) == {"records": 0, "accepted": 0, "quarantined": 0, "ignored": 0, "revision": 1}


def test_a_quoted_newline_belongs_to_its_cell_and_lines_go_on_counting(scene: Scene) -> None:
    header = "ticket_id,customer_id,created_date,category,priority,resolved_date\n"
    text = header + 'T-1,C-1,2026-03-10,"two\r\nlines, ""quoted""",low,\nT-2,,2026-03-10,x,low,\n'
    scene.deliver(TICKETS, text)
    assert scene.column("select category from sources.support_tickets") == ['two\r\nlines, "quoted"']
    assert scene.all("select line, byte_offset from quality.quarantine") == [(4, text.index("T-2"))]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-10", datetime(2026, 3, 10)),
        ("2026-03-10 07:08", datetime(2026, 3, 10, 7, 8)),
        ("2026-03-10T07:08:09", datetime(2026, 3, 10, 7, 8, 9)),
        ("2026-03-10T07:08:09Z", datetime(2026, 3, 10, 7, 8, 9)),
        ("2026-03-10T00:30:00+01:00", datetime(2026, 3, 9, 23, 30)),
        ("2026-03-09 23:30:00-0530", datetime(2026, 3, 10, 5, 0)),
        ("2026-03-10 07:08:09.123456+01", datetime(2026, 3, 10, 6, 8, 9, 123456)),
        ("2026-03-10 23:59:59.999999999", datetime(2026, 3, 10, 23, 59, 59, 999999)),
    ],
)
def test_times_are_kept_in_utc(scene: Scene, written: str, utc: datetime) -> None:
    scene.deliver(ORDERS, ORDERS_HEADER + f"O-1,C-1,{written},1.00,paid")
    assert scene.column("select order_date from sources.orders") == [utc]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("9999999999999999.99", "9999999999999999.99"),
        ("99999999999999.97", "99999999999999.97"),  # A double would make 99999999999999.98 of it.
        ("0.1", "0.10"),
        ("12", "12.00"),
        ('"12.5"', "12.50"),
        ("9007199254740993", "9007199254740993.00"),
    ],
)
def test_a_json_number_is_kept_digit_by_digit(scene: Scene, written: str, amount: str) -> None:
    scene.deliver(ORDERS, {"orders.jsonl": ORDER.replace(": -10", f": {written}")})
    assert scene.column("select total_amount from sources.orders") == [Decimal(amount)]


@pytest.mark.parametrize(
    ("record", "amounts", "quarantined"),
    [
        ('"total_amount": 1234567890123456.78', ["1234567890123456.78"], 0),
        ('"total_amount": 12.50, "of": {"total_amount": 99.5}', ["12.50"], 0),
        ('"total\\u005famount": 1234567890123456.78', [], 1),
        ('"of": {"total_amount": 9007199254740993.50}, "total_amount": 9007199254740993.10', [], 1),
    ],
    ids=["long", "short and nested too", "long and escaped", "long and nested too"],
)
def test_a_json_number_is_kept_as_it_was_written_or_set_aside(
    scene: Scene, record: str, amounts: list[str], quarantined: int
) -> None:
    line = f'{{"order_id": "O-1", "customer_id": "C-1", "order_date": "{DAY}", "status": "paid", {record}}}\n'
    policy = SourcePolicy(quarantine=Limit(warn=1, block=1), default_nulls=Limit(warn=1, block=1))
    scene.deliver(replace(ORDERS, policy=policy), {"a.jsonl": line})
    assert scene.column("select total_amount::varchar from sources.orders") == amounts
    assert scene.column("select quarantined from quality.deliveries") == [quarantined]


@pytest.mark.parametrize("number", ["12345678901234567890123", "17", "1.10", "-0.50"])
def test_an_id_that_is_a_json_number_is_kept_as_it_was_written(scene: Scene, number: str) -> None:
    scene.deliver(TICKETS, {"tickets.jsonl": TICKET.replace('"C-1"', number)})
    assert scene.column("select customer_id from sources.support_tickets") == [number]


def test_an_unknown_json_key_is_left_out_and_reported(scene: Scene) -> None:
    scene.deliver(TICKETS, {"tickets.jsonl": TICKET.replace("{", '{"agent": {"name": "N, ]", "tags": ["a", "b"]}, ')})
    assert scene.column("select ticket_id from sources.support_tickets") == ["T-1"]
    assert scene.all("select outcome, found from quality.audits where check_name = 'schema'") == [
        ("warned", "also agent, left out")
    ]


@pytest.mark.parametrize(
    "text", ["=cmd|'/C calc'!A0", "'; drop table sources.orders; --", "<script>", ": NaN, ]", "日本\n語"]
)
def test_text_is_data_whatever_it_says(scene: Scene, text: str) -> None:
    scene.deliver(TICKETS, {"tickets.jsonl": json.dumps(json.loads(TICKET) | {"category": text})})
    assert scene.column("select category from sources.support_tickets") == [text]


def test_text_files_of_one_day_may_differ_in_format_and_compression(scene: Scene) -> None:
    scene.deliver(ORDERS, {"a.csv": "\n".join(LINES[:3]), "b.jsonl.gz": gzip.compress(ORDER.encode())})
    assert scene.orders() == CLEAN_ORDER_ROWS
