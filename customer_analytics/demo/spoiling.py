"""How a good record, or a good file, is spoiled. Which spoiling makes which defect stands in `defects.py`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from customer_analytics.demo.records import Fields


@dataclass(frozen=True)
class Donor:
    """What a defect is made from: a good record with an id of its own, and a good record that precedes it."""

    fresh: Fields
    earlier: Fields


Spoil = Callable[[Donor], Fields | bytes]
"""Makes one planted record: columns, which any format can write, or a raw line, which only text files can hold."""

Reshape = Callable[[bytes], bytes]
"""Changes a whole text file without changing what it says."""


def with_value(column: str, value: str | None) -> Spoil:
    """A record that says `value` in the column."""
    return lambda donor: donor.fresh | {column: value}


def with_inserted(column: str, characters: str) -> Spoil:
    """A record whose value has characters in its middle that nobody sees."""

    def spoil(donor: Donor) -> Fields:
        value = donor.fresh[column] or ""
        return donor.fresh | {column: value[:3] + characters + value[3:]}

    return spoil


def with_moment(column: str, rewrite: Callable[[datetime], str]) -> Spoil:
    """A record whose moment is written in another way, or is another one."""

    def spoil(donor: Donor) -> Fields:
        return donor.fresh | {column: rewrite(_moment(donor, column))}

    return spoil


def line(text: str) -> Spoil:
    """A line that is no record."""
    return lambda _donor: text.encode()


def csv_line(change: Callable[[str], str]) -> Spoil:
    """A CSV line that is changed after it was written."""
    return lambda donor: change(",".join(value or "" for value in donor.fresh.values())).encode()


def json_line(change: Callable[[str], str]) -> Spoil:
    """A JSON line that is changed after it was written."""
    return lambda donor: change(json.dumps(donor.fresh)).encode()


def with_epoch_number(column: str) -> Spoil:
    """A JSON line whose moment is a number: milliseconds since 1970."""
    return lambda donor: json.dumps(donor.fresh | {column: int(epoch_milliseconds(_moment(donor, column)))}).encode()


def with_nested(column: str) -> Spoil:
    """A JSON line with an object where text is promised."""
    return lambda donor: json.dumps({**donor.fresh, column: {"id": donor.fresh[column]}}).encode()


def repeated(donor: Donor) -> Fields:
    """The earlier record once more."""
    return donor.earlier


def contradicted(column: str, value: str) -> Spoil:
    """The earlier record's id once more, with something else in the column."""
    return lambda donor: donor.earlier | {column: value}


def negative_sale(donor: Donor) -> Fields:
    """A negative amount that is no refund."""
    return donor.fresh | {"total_amount": "-19.90", "status": "paid"}


def repeated_header(donor: Donor) -> bytes:
    """The header in the middle of the file, as when two exports were joined."""
    return ",".join(donor.fresh).encode()


def invalid_utf8(donor: Donor) -> bytes:
    """A CSV line with a byte that no UTF-8 text contains."""
    first, *others = (value or "" for value in donor.fresh.values())
    return first.encode() + b"\xff," + ",".join(others).encode()


def invalid_utf8_json(donor: Donor) -> bytes:
    """A JSON line with a Latin-1 letter in a file that is UTF-8."""
    return json.dumps(donor.fresh | {"category": "caf#"}).encode().replace(b"caf#", b"caf\xe9")


def without_column(column: str) -> Spoil:
    """A JSON object that lacks a key."""
    return lambda donor: json.dumps({name: value for name, value in donor.fresh.items() if name != column}).encode()


def resolved_before_created(donor: Donor) -> Fields:
    """A ticket that was answered the day before it was written."""
    return donor.fresh | {"resolved_date": f"{_moment(donor, 'created_date') - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"}


def byte_order_mark_and_crlf(content: bytes) -> bytes:
    """The file as a Windows program saves it."""
    return b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")


def header_in_other_order_and_case(content: bytes) -> bytes:
    """A CSV file without quotes, its columns from last to first and its header in capitals."""
    header, *lines = (b",".join(reversed(line.split(b","))) for line in content.split(b"\n"))
    return b"\n".join([header.upper(), *lines])


def no_final_newline(content: bytes) -> bytes:
    """A file that ends with its last record."""
    return content.removesuffix(b"\n")


def epoch_milliseconds(moment: datetime) -> str:
    """Milliseconds since 1970."""
    return str(int(moment.timestamp()) * 1000)


def later(days: int) -> Callable[[datetime], str]:
    """A moment that many days later."""
    return lambda moment: f"{moment + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def _moment(donor: Donor, column: str) -> datetime:
    return datetime.fromisoformat(donor.fresh[column] or "")
