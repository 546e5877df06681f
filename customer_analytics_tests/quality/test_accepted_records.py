"""Numbers in JSON come out exactly as they were written, and a mixed day adds up.

What is put right, counted and accepted stands in the matrix, ``bad_input``.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from customer_analytics.contracts.policy import Limit, SourcePolicy
from customer_analytics_tests.scenario import (
    DAY,
    MIXED_ORDERS,
    ORDERS,
    TICKETS,
    Scene,
)

TICKET = (
    '{"ticket_id": "T-1", "customer_id": "C-1", "created_date": "2026-03-10T09:00:00Z", '
    '"category": "x", "priority": "low"}'
)
ORDER = (
    '{"order_id": "O-3", "customer_id": "C-1", "order_date": "2026-03-10T11:00:00Z", '
    '"total_amount": -10, "status": "refunded"}'
)


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
