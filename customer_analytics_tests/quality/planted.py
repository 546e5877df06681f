"""A day of orders as CSV with defects planted at seeded random places, and the truth of every record beside them."""

import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from customer_analytics_tests.scenario import DAY, ORDERS_HEADER

Reason = tuple[str, str | None]
Values = tuple[str, str, datetime, Decimal, str]

HEADER = ORDERS_HEADER.encode()
COLUMNS = tuple(ORDERS_HEADER.strip().split(","))
LONGEST_CELL = 65_536
# Shares of the records that are spoiled; of those that have several defects, a shape or a long cell, or repeat an id;
# and of blank lines beside the records.
SPOILED, SEVERAL, MISSHAPEN, LONG, REPEATED, BLANK = 0.1, 0.2, 0.2, 0.003, 0.1, 0.01


@dataclass(frozen=True)
class Defect:
    """One kind of defect: the cells that it puts in, by column, and the reason that must be given."""

    kind: str
    cells: Mapping[str, str]
    reason: Reason


@dataclass(frozen=True)
class Shape:
    """One kind of defect of a whole line."""

    kind: str
    spoil: Callable[[bytes], bytes]
    reason: Reason


@dataclass(frozen=True)
class Planted:
    """One raw record: its bytes without newline, the kinds of its defects and their reasons, or its values."""

    raw: bytes
    kinds: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    values: Values | None = None


def _wrong(rule: str, column: str, **kinds: str) -> list[Defect]:
    return [
        Defect(f"{column}: {kind.replace('_', ' ')}", {column: text}, (rule, column)) for kind, text in kinds.items()
    ]


DEFECTS = (
    *_wrong("not_null", "order_id", empty="", null_token="NULL"),
    *_wrong("not_null", "customer_id", spaces='"  "', null_token="null"),
    *_wrong("str_length", "customer_id", too_long="é" * 201),
    *_wrong("visible_characters", "customer_id", zero_width="C\u200b1", direction="\u202eC", line_break='"C\n1"'),
    *_wrong("type", "customer_id", nul="C\x001"),
    *_wrong("type", "order_date", us_style="03/10/2026", no_such_day="2026-02-30", zeros="0000-00-00"),
    *_wrong("type", "order_date", infinity="infinity", milliseconds="1773133200000", year_290000="290000-01-01"),
    *_wrong("type", "order_date", year_1="0001-01-01 00:00:00", second_60="2026-03-10 10:00:60", words="yesterday"),
    *_wrong(
        "delivery_day", "order_date", late="2026-03-08 23:59:59", early="2026-03-11", offset="2026-03-10T22:00:00-05"
    ),
    *_wrong("not_null", "order_date", empty=""),
    *_wrong("type", "total_amount", comma='"1,50"', currency="$1.50", underscore="1_000", hexadecimal="0x1F"),
    *_wrong("type", "total_amount", nan="NaN", infinity="-Infinity", exponent="1e400", decimals="1.005", huge="9" * 17),
    *_wrong("not_null", "total_amount", empty=""),
    *_wrong("isin", "status", unknown="lost", upper_case="PAID"),
    *_wrong("not_null", "status", null_token="NULL"),
    Defect("negative", {"total_amount": "-1.00", "status": "paid"}, ("negative_only_where", None)),
)
SHAPES = (
    Shape("invalid UTF-8", lambda raw: raw.replace(b"C", b"C\xff"), ("encoding", None)),
    Shape("stray quote", lambda raw: raw + b',"x" y', ("quotes", None)),
    Shape("too few columns", lambda raw: raw.rpartition(b",")[0], ("columns", None)),
    Shape("too many columns", lambda raw: raw + b",", ("columns", None)),
    Shape("comment", lambda raw: b"# " + raw.partition(b",")[0], ("columns", None)),
    Shape("trailer", lambda raw: b"TOTAL,12345.67", ("columns", None)),
    Shape("repeated header", lambda raw: HEADER.strip().upper(), ("repeated_header", None)),
)
LONG_CELL = Shape("cell too long", lambda raw: raw + b"x" * LONGEST_CELL, ("cell_size", None))
UNIQUE: Reason = ("unique", "order_id")
KINDS = {*(defect.kind for defect in DEFECTS), *(shape.kind for shape in (*SHAPES, LONG_CELL)), "repeated id"}


def planted_records(seed: int, count: int) -> Iterator[Planted | None]:
    """As many records, in the file's order; None is a blank line, which is not one of them."""
    chance = random.Random(seed)
    kept: deque[str] = deque(maxlen=1_000)
    for number in range(count):
        if chance.random() < BLANK:
            yield None
        cells, values = _good(chance, number)
        if chance.random() >= SPOILED:
            kept.append(cells["order_id"])
            yield Planted(_line(cells), values=values)
        else:
            yield _spoiled(chance, cells, kept)


def _spoiled(chance: random.Random, cells: dict[str, str], kept: deque[str]) -> Planted:
    if chance.random() < LONG:
        return Planted(LONG_CELL.spoil(_line(cells)), (LONG_CELL.kind,), (LONG_CELL.reason,))
    if chance.random() < MISSHAPEN:
        shape = chance.choice(SHAPES)
        return Planted(shape.spoil(_line(cells)), (shape.kind,), (shape.reason,))
    kinds, reasons = list[str](), list[Reason]()
    spoiled: set[str] = set()
    if cells["status"] == "refunded":
        # With another status its amount would be a second defect.
        cells |= {"total_amount": "10.00", "status": "paid"}
    for defect in chance.sample(DEFECTS, 4 if chance.random() < SEVERAL else 1):
        if spoiled.isdisjoint(defect.cells):
            spoiled |= set(defect.cells)
            cells |= defect.cells
            kinds.append(defect.kind)
            reasons.append(defect.reason)
    if "order_id" not in spoiled and chance.random() < REPEATED and kept:
        cells["order_id"] = chance.choice(kept)
        kinds.append("repeated id")
        reasons.append(UNIQUE)
    return Planted(_line(cells), tuple(kinds), tuple(reasons))


def _good(chance: random.Random, number: int) -> tuple[dict[str, str], Values]:
    """The cells of a good record, written in one of the ways that are allowed, and its values."""
    order, customer = f"O-{number}", f"C-{chance.randrange(5_000)}"
    time = datetime.combine(DAY, datetime.min.time()) + timedelta(seconds=chance.randrange(86_400))
    cents = chance.randrange(1_000_000)
    status = "paid"
    amount = f"{cents // 100}.{cents % 100:02}"
    written = time.isoformat(" ")
    match number % 8:
        case 0:
            status, amount, cents = "refunded", f"-{amount}", -cents
        case 1:
            written = f"{time.isoformat()}Z"
        case 2:
            written = time.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=2))).isoformat()
        case 3:
            order, customer = f"{order},é", f'{customer} "b"'
        case 4:
            amount, written = f" {amount}00 ", f"{written}.000000"
        case _:
            pass
    cells = (_quoted(order), _quoted(customer), written, amount, status)
    return dict(zip(COLUMNS, cells, strict=True)), (order, customer, time, Decimal(cents) / 100, status)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _line(cells: Mapping[str, str]) -> bytes:
    return ",".join(cells.values()).encode()
