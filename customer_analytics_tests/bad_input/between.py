"""Building quarantined cases: bad records between good neighbours, in each format."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from customer_analytics.contracts.policy import Format
from customer_analytics.contracts.source import Source
from customer_analytics_tests.bad_input.cases import COMPRESSIONS, BadRecord, Quarantined, Reason
from customer_analytics_tests.bad_input.records import (
    Record,
    columns_of,
    csv_line,
    good,
    json_line,
    parquet,
    rows_of,
    text_line,
    texts,
)
from customer_analytics_tests.scenario import DAY, ORDERS, TICKETS

_NEWLINE = re.compile(rb"\r\n|\n|\r")
UTF8_MARK = b"\xef\xbb\xbf"
Raw = tuple[str | bytes, Sequence[Reason]]


def between(
    kind: str,
    variant: str,
    form: Format,
    bad: Sequence[Raw],
    *,
    source: Source,
    day: date = DAY,
    newline: bytes = b"\n",
    mark: bytes = b"",
    compression: str = "",
    final: bool = True,
) -> Quarantined:
    """Raw text records between a good one before and, unless ``final`` is off, a good one after.

    A bad record without text is a blank line.
    """
    first, _, last = good(source, day)
    file = f"{source.name}.{form}{compression}"
    content = mark + (csv_line(list(first)).encode() + newline if form == "csv" else b"")
    content += text_line(form, first) + newline
    placed, ignored = [], 0
    for raw, reasons in bad:
        record = raw.encode() if isinstance(raw, str) else raw
        if record.strip():
            line = len(_NEWLINE.findall(content)) + 1
            placed.append(BadRecord(file, line, len(content), frozenset(reasons), record))
        else:
            ignored += 1
        content += record + newline
    content = content + text_line(form, last) + newline if final else content.removesuffix(newline)
    return Quarantined(
        kind,
        variant,
        form,
        {file: COMPRESSIONS[compression](content)},
        source,
        day,
        rows=rows_of((first, last) if final else (first,)),
        bad=tuple(placed),
        ignored=ignored,
    )


def csv_record(kind: str, variant: str, raw: str | bytes, *reasons: Reason, source: Source = ORDERS) -> Quarantined:
    """One raw CSV record."""
    return between(kind, variant, "csv", [(raw, reasons)], source=source)


def json_record(kind: str, variant: str, raw: str | bytes, *reasons: Reason, source: Source = TICKETS) -> Quarantined:
    """One raw JSONL record."""
    return between(kind, variant, "jsonl", [(raw, reasons)], source=source)


def json_text(kind: str, variant: str, old: str, new: str, *reasons: Reason) -> Quarantined:
    """A good ticket whose JSON text was tampered with."""
    text = json_line(good(TICKETS)[1])
    assert old in text
    return json_record(kind, variant, text.replace(old, new, 1), *reasons)


def csv_cells(
    kind: str, variant: str, cells: Mapping[str, str], *reasons: Reason, source: Source = ORDERS, day: date = DAY
) -> Quarantined:
    """A good CSV record but for these cells."""
    raw = csv_line(list({**texts(good(source, day)[1]), **cells}.values()))
    return between(kind, variant, "csv", [(raw, reasons)], source=source, day=day)


def json_cells(
    kind: str, variant: str, cells: Record, *reasons: Reason, source: Source = ORDERS, day: date = DAY
) -> Quarantined:
    """A good JSONL record but for these values."""
    raw = json_line({**good(source, day)[1], **cells})
    return between(kind, variant, "jsonl", [(raw, reasons)], source=source, day=day)


def parquet_cells(
    kind: str, variant: str, cells: Record, *reasons: Reason, source: Source = ORDERS, day: date = DAY
) -> Quarantined:
    """A good Parquet row but for these values; a column in which one is text is a text column."""
    first, middle, last = good(source, day)
    table = columns_of((first, {**middle, **cells}, last))
    for column, value in cells.items():
        if isinstance(value, str):
            table[column] = [texts(first)[column], value, texts(last)[column]]
        elif isinstance(value, float):
            table[column] = [float(first[column]), value, float(last[column])]
    file = f"{source.name}.parquet"
    values = {column: _as_json(column_values[1]) for column, column_values in table.items()}
    bad = BadRecord(file, 2, None, frozenset(reasons), values=values)
    rows = rows_of((first, last))
    return Quarantined(kind, variant, "parquet", {file: parquet(table)}, source, day, rows=rows, bad=(bad,))


def text_cell(
    kind: str, variant: str, column: str, text: str, *reasons: Reason, source: Source = ORDERS, day: date = DAY
) -> tuple[Quarantined, ...]:
    """The same text in one cell, in each format."""
    cells = {column: text}
    return (
        csv_cells(kind, variant, cells, *reasons, source=source, day=day),
        json_cells(kind, variant, cells, *reasons, source=source, day=day),
        parquet_cells(kind, variant, cells, *reasons, source=source, day=day),
    )


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, date | datetime) else value
