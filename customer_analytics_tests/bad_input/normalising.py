"""Building cases that are put right: the same good records, written otherwise."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from customer_analytics.contracts.policy import Format
from customer_analytics.contracts.source import Source
from customer_analytics_tests.bad_input.cases import COMPRESSIONS, Normalised
from customer_analytics_tests.bad_input.records import (
    FORMATS,
    Record,
    columns_of,
    csv_line,
    good,
    json_line,
    parquet,
    rows_of,
    texts,
    write,
)
from customer_analytics_tests.scenario import DAY, ORDERS


def otherwise(
    kind: str,
    variant: str,
    form: Format,
    content: str | bytes,
    *,
    source: Source = ORDERS,
    compression: str = "",
    **expected: Any,
) -> Normalised:
    """Three good records of a source, written in another way."""
    raw = content.encode() if isinstance(content, str) else content
    files = {f"{source.name}.{form}{compression}": COMPRESSIONS[compression](raw)}
    return Normalised(kind, variant, form, files, source, rows=rows_of(good(source)), **expected)


def text_of(form: Format, source: Source = ORDERS) -> str:
    """Three good records of a source as CSV or JSONL."""
    return write(form, good(source)).decode()


def text_columns(records: Sequence[Record]) -> dict[str, list[str | None]]:
    """Records as columns of text."""
    return columns_of([texts(record) for record in records])


def text_records(form: Format, records: Sequence[Mapping[str, str | None]]) -> bytes:
    """A file of records whose cells are all text."""
    if form == "parquet":
        return parquet(columns_of(records))
    if form == "jsonl":
        return "".join(json_line(record) + "\n" for record in records).encode()
    header = csv_line(list(records[0]), "\n")
    return (header + "".join(csv_line(list(record.values()), "\n") for record in records)).encode()


def orders_at(
    kind: str, variant: str, times: Mapping[str, datetime], *, source: Source = ORDERS, day: date = DAY
) -> tuple[Normalised, ...]:
    """Orders at times that are written in some way, in each format; the values are what they are in UTC."""
    order = good(ORDERS, day)[0]
    keyed = {f"O-{n}": time for n, time in enumerate(times.items())}
    written = [{**texts(order), "order_id": key, "order_date": text} for key, (text, _) in keyed.items()]
    rows = rows_of([{**order, "order_id": key, "order_date": time} for key, (_, time) in keyed.items()])
    return tuple(
        Normalised(kind, variant, form, {f"orders.{form}": text_records(form, written)}, source, day, rows=rows)
        for form in FORMATS
    )
