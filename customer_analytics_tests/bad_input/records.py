"""Good records of each source, and how a record is written in each format."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.parquet as pq

from customer_analytics.contracts.fields import identifier, utc_timestamp
from customer_analytics.contracts.policy import Format
from customer_analytics.contracts.source import Source
from customer_analytics_tests.scenario import DAY, EVENTS, LENIENT, ORDERS, TICKETS, source_of

Record = Mapping[str, Any]
Row = tuple[Any, ...]

FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet")
MORNING = datetime(2026, 3, 10, 9, 0)
NOON = datetime(2026, 3, 10, 12, 0)
EVENING = datetime(2026, 3, 10, 18, 30, 15, 1)


class Parcels(pa.DataFrameModel):
    """The types that the shipped contracts lack: whole number, truth value, text of any length."""

    parcel_id: str = identifier("The parcel", unique=True)
    packed_at: pd.DatetimeTZDtype = utc_timestamp("When it was packed")
    quantity: int
    is_gift: bool
    note: str = pa.Field(nullable=True)

    class Config:
        strict = True
        metadata: ClassVar = {"version": "1.0.0", "event_time": "packed_at"}


PARCELS = source_of(Parcels, "parcels")


def lenient(source: Source, **settings: Any) -> Source:
    """The source with a policy that lets every readable day through, but for these settings."""
    return Source(source.name, source.contract, LENIENT.model_copy(update=settings))


# Of each source three good records, in the order of their keys.
_GOOD: dict[str, tuple[Row, Row, Row]] = {
    ORDERS.name: (
        ("O-1", "C-1", MORNING, Decimal("10.00"), "paid"),
        ("O-5", "C-5", NOON, Decimal("7.25"), "shipped"),
        ("O-9", "C-9", EVENING, Decimal("-25.50"), "refunded"),
    ),
    TICKETS.name: (
        ("T-1", "C-1", MORNING, "size", "low", NOON),
        ("T-5", "C-5", NOON, "delivery", "high", None),
        ("T-9", "C-9", EVENING, "refund", "urgent", None),
    ),
    EVENTS.name: (
        ("E-1", "C-1", "email_sent", MORNING, "spring"),
        ("E-5", "C-5", "email_open", NOON, "spring"),
        ("E-9", "C-9", "unsubscribe", EVENING, "summer"),
    ),
    PARCELS.name: (
        ("P-1", MORNING, 1, False, "first"),
        ("P-5", NOON, 5, True, "middle"),
        ("P-9", EVENING, -(2**63), False, None),
    ),
}


def good(source: Source, day: date = DAY) -> tuple[Record, Record, Record]:
    """Three good records of a source for a day."""
    columns = source.contract.column_names
    first, middle, last = (_on(day, dict(zip(columns, row, strict=True))) for row in _GOOD[source.name])
    return first, middle, last


def rows_of(records: Sequence[Record]) -> tuple[Row, ...]:
    """What is published of good records."""
    return tuple(tuple(record.values()) for record in records)


def texts(record: Record) -> dict[str, str | None]:
    """The cells of a record as text, times in UTC with a Z."""
    return {column: _text(value) for column, value in record.items()}


def csv_line(cells: Sequence[str | None], newline: str = "") -> str:
    """A CSV record, with quotes where they must be."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + newline


def json_line(record: Record) -> str:
    """A JSON object on one line, numbers as numbers."""
    values = {column: _json_value(value) for column, value in record.items()}
    return json.dumps(values, ensure_ascii=False)


def text_line(form: Format, record: Record) -> bytes:
    """A good record as one line of a text file, without its newline."""
    return (csv_line(list(texts(record).values())) if form == "csv" else json_line(record)).encode()


def parquet(columns: Mapping[str, Any] | pyarrow.Table, **options: Any) -> bytes:
    """A Parquet file of these columns."""
    sink = pyarrow.BufferOutputStream()
    pq.write_table(columns if isinstance(columns, pyarrow.Table) else pyarrow.table(dict(columns)), sink, **options)
    return bytes(sink.getvalue())


def columns_of(records: Sequence[Record]) -> dict[str, list[Any]]:
    """Records as columns of typed values."""
    return {column: [record[column] for record in records] for column in records[0]}


def write(form: Format, records: Sequence[Record]) -> bytes:
    """A delivery of good records, as an exporter that knows its format writes it."""
    if form == "parquet":
        return parquet(columns_of(records))
    if form == "jsonl":
        return "".join(json_line(record) + "\n" for record in records).encode()
    header = csv_line(list(records[0]), "\n")
    return (header + "".join(csv_line(list(texts(record).values()), "\n") for record in records)).encode()


def _on(day: date, record: Record) -> Record:
    later = timedelta(days=(day - DAY).days)
    return {column: value + later if isinstance(value, datetime) else value for column, value in record.items()}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return _text(value) if isinstance(value, datetime) else value
