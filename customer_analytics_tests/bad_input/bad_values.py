"""Records with one value that cannot be trusted: numbers, times, ids, texts."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from customer_analytics.contracts.policy import Limits
from customer_analytics.contracts.source import Source
from customer_analytics_tests.bad_input.between import (
    csv_cells,
    csv_record,
    json_cells,
    json_record,
    json_text,
    parquet_cells,
    text_cell,
)
from customer_analytics_tests.bad_input.cases import BadRecord, Quarantined, Reason
from customer_analytics_tests.bad_input.records import PARCELS, columns_of, good, json_line, lenient, parquet, rows_of
from customer_analytics_tests.scenario import DAY, ORDERS, TICKETS

Cases = tuple[Quarantined, ...]

AMOUNT: Reason = ("type", "total_amount")
TIME: Reason = ("type", "order_date")
QUANTITY: Reason = ("type", "quantity")
NOT_JSON: Reason = ("json", None)
TOO_LONG: Reason = ("cell_size", None)


def amount(kind: str, variant: str, text: str) -> Cases:
    """An amount as text, in each format."""
    return text_cell(kind, variant, "total_amount", text, AMOUNT)


def json_amount(kind: str, variant: str, written: str, *reasons: Reason) -> Quarantined:
    """An amount as it is written in JSON, without quotes."""
    raw = json_line({**good(ORDERS)[1], "total_amount": "@"}).replace('"@"', written)
    return json_record(kind, variant, raw, *reasons, source=ORDERS)


def time(kind: str, variant: str, text: str) -> Cases:
    """A time as text, in each format."""
    return text_cell(kind, variant, "order_date", text, TIME)


def outside(kind: str, variant: str, text: str) -> Cases:
    """A time outside the delivery day's window, in each format."""
    return text_cell(kind, variant, "order_date", text, ("delivery_day", "order_date"))


def identifier(kind: str, variant: str, text: str, column: str = "customer_id") -> Cases:
    """An id that has what cannot be seen, in each format."""
    return text_cell(kind, variant, column, text, ("visible_characters", column))


def parquet_times(kind: str, variant: str, times: Any, kept: str, *reasons: Reason) -> Quarantined:
    """Three orders with an Arrow array of times, of which the second is bad; ``kept`` is how it reads as text."""
    records = good(ORDERS)
    if pa.types.is_date(times.type):
        records = tuple({**record, "order_date": datetime(2026, 3, 10)} for record in records)  # type: ignore[assignment]
    middle = {**records[1], "order_date": kept, "total_amount": float(records[1]["total_amount"])}
    bad = BadRecord("orders.parquet", 2, None, frozenset(reasons), values=middle)
    content = parquet({**columns_of(records), "order_date": times})
    rows = rows_of((records[0], records[2]))
    return Quarantined(kind, variant, "parquet", {"orders.parquet": content}, rows=rows, bad=(bad,))


def microseconds(middle: datetime | int) -> Any:
    """The times of three good orders, but for the second; as microseconds since 1970."""
    first, _, last = columns_of(good(ORDERS))["order_date"]
    return pa.array([first, middle, last], pa.timestamp("us"))


def nanoseconds() -> Any:
    """The times of three good orders, the second with a nanosecond too many."""
    whole = pa.array(columns_of(good(ORDERS))["order_date"], pa.timestamp("ns")).cast(pa.int64()).to_pylist()
    return pa.array([whole[0], whole[1] + 1, whole[2]], pa.timestamp("ns"))


def long_cell(variant: str, text: str, source: Source = PARCELS) -> Cases:
    """A note that is longer than its source allows."""
    return text_cell("a cell beyond the size limit", variant, "note", text, TOO_LONG, source=source)


FORTY_CHARACTERS = lenient(PARCELS, limits=Limits(cell_characters=40))

NUMBERS: Cases = (
    *amount("NaN", "as text", "NaN"),
    json_amount("NaN", "bare", "NaN", NOT_JSON),
    parquet_cells("NaN", "as double", {"total_amount": float("nan")}, AMOUNT),
    *amount("Infinity", "as text", "Infinity"),
    *amount("Infinity", "minus, short, as text", "-inf"),
    json_amount("Infinity", "bare", "Infinity", NOT_JSON),
    json_amount("Infinity", "minus, bare", "-Infinity", NOT_JSON),
    parquet_cells("Infinity", "as double", {"total_amount": float("inf")}, AMOUNT),
    parquet_cells("Infinity", "minus, as double", {"total_amount": float("-inf")}, AMOUNT),
    *amount("1e400", "as text", "1e400"),
    json_amount("1e400", "bare", "1e400", AMOUNT),
    *amount("1e400", "smallest that is not nothing", "1e-400"),
    *amount("an integer beyond range", "beyond decimal(18,2)", "12345678901234567.00"),
    json_amount("an integer beyond range", "beyond decimal(18,2), bare", "12345678901234567", AMOUNT),
    parquet_cells("an integer beyond range", "beyond decimal(18,2), double", {"total_amount": 1e17}, AMOUNT),
    *text_cell("an integer beyond range", "beyond 64 bits", "quantity", str(2**63), QUANTITY, source=PARCELS),
    *text_cell("an integer beyond range", "below 64 bits", "quantity", str(-(2**63) - 1), QUANTITY, source=PARCELS),
    json_cells("an integer beyond range", "beyond 64 bits, bare", {"quantity": 2**63}, QUANTITY, source=PARCELS),
    json_cells("an integer beyond range", "beyond 128 bits, bare", {"quantity": 2**200}, QUANTITY, source=PARCELS),
    *text_cell("an amount below zero where the status forbids it", "a cent", "total_amount", "-0.01",
               ("negative_only_where", None)),
    json_amount("an amount below zero where the status forbids it", "bare", "-0.01", ("negative_only_where", None)),
    parquet_cells("an amount below zero where the status forbids it", "as decimal",
                  {"total_amount": Decimal("-0.01")}, ("negative_only_where", None)),
    *amount("more decimals than the currency has", "three", "12.345"),
    *amount("more decimals than the currency has", "a third that would round to nothing", "12.340000001"),
    json_amount("more decimals than the currency has", "bare", "12.345", AMOUNT),
    json_amount("more decimals than the currency has", "binary fraction", "0.30000000000000004", AMOUNT),
    parquet_cells("more decimals than the currency has", "as double", {"total_amount": 0.1 + 0.2}, AMOUNT),
    parquet_cells("more decimals than the currency has", "as decimal", {"total_amount": Decimal("12.345")}, AMOUNT),
    *amount("1_000", "in an amount", "1_000"),
    *text_cell("1_000", "in a whole number", "quantity", "1_000", QUANTITY, source=PARCELS),
    json_amount("1_000", "bare", "1_000", NOT_JSON),
    *amount("1,50", "decimal comma", "1,50"),
    *amount("1,50", "thousands separator", "1,000.00"),
    *amount("1,50", "thousands separated by a no-break space", "1\u00a0000.00"),
    *amount("$1.50", "sign before", "$1.50"),
    *amount("$1.50", "sign behind", "1.50 €"),
    *amount("$1.50", "code behind", "1.50 GBP"),
    *amount("hexadecimal", "in an amount", "0x1F"),
    *text_cell("hexadecimal", "in a whole number", "quantity", "0x1F", QUANTITY, source=PARCELS),
    json_amount("hexadecimal", "bare", "0x1F", NOT_JSON),
    *amount("not a plain number", "no digit before the point", ".50"),
    *amount("not a plain number", "no digit after the point", "1."),
    *amount("not a plain number", "plus sign", "+1.00"),
    *amount("not a plain number", "exponent", "1e2"),
    *amount("not a plain number", "digits of another script", "\u0661\u0662.50"),
    *amount("not a plain number", "two numbers", "1.00 2.00"),
    *amount("not a plain number", "accountant's brackets", "(1.00)"),
    *amount("not a plain number", "minus sign of typographers", "\u22121.00"),
    *text_cell("not a plain number", "whole number with a fraction", "quantity", "1.5", QUANTITY, source=PARCELS),
    *text_cell("not a plain number", "truth value in words", "is_gift", "yes", ("type", "is_gift"), source=PARCELS),
    json_cells("not a plain number", "one for a truth value", {"is_gift": 1}, ("type", "is_gift"), source=PARCELS),
)  # fmt: skip

TIMES: Cases = (
    *time("0000-00-00", "day", "0000-00-00"),
    *time("0000-00-00", "with a time", "0000-00-00 00:00:00"),
    *time("30 February", "day", "2026-02-30"),
    *time("30 February", "29 February of a common year, with a time", "2026-02-29T09:00:00Z"),
    *time("year 290000", "day", "290000-01-01"),
    *time("year 1", "day", "0001-01-01"),
    parquet_times("year 1", "as date", pa.array([DAY, date(1, 1, 1), DAY]), "0001-01-01", TIME),
    parquet_times("year 1", "as timestamp", microseconds(datetime(1, 1, 1)), "0001-01-01 00:00:00", TIME),
    *time("infinity as a time", "word", "infinity"),
    *time("infinity as a time", "minus", "-infinity"),
    parquet_times("infinity as a time", "as timestamp", microseconds(2**63 - 1), "infinity", TIME),
    *time("epoch milliseconds", "as text", "1773136800000"),
    json_cells("epoch milliseconds", "bare", {"order_date": 1773136800000}, TIME),
    *time("US-style date", "slashes", "03/10/2026"),
    *time("US-style date", "with a time of day", "3/10/2026 9:00 AM"),
    *time("not a time", "today", "today"),
    *time("not a time", "24 o'clock", "2026-03-10 24:00:00"),
    *time("not a time", "second 60", "2026-03-10 23:59:60"),
    *time("not a time", "offset beyond any zone", "2026-03-10T10:00:00+99:99"),
    *time("not a time", "offset without seconds", "2026-03-10T10:00+01:00"),
    *time("not a time", "name of a zone", "2026-03-10 10:00:00 Europe/Berlin"),
    *time("not a time", "text behind it", "2026-03-10 10:00:00Z; late"),
    *time("more digits than microseconds", "nanoseconds", "2026-03-10T09:00:00.123456789"),
    *time("more digits than microseconds", "seventh digit, with an offset", "2026-03-10T09:00:00.0000001+01:00"),
    parquet_times("more digits than microseconds", "as timestamp", nanoseconds(),
                  "2026-03-10 12:00:00.000000001", TIME),
    *outside("a future or too late date", "first moment of the day after", "2026-03-11 00:00:00"),
    *outside("a future or too late date", "last microsecond too early", "2026-03-08 23:59:59.999999"),
    *outside("a future or too late date", "years too early", "2024-03-10"),
    *outside("a future or too late date", "years ahead", "2062-03-10"),
    *outside("a future or too late date", "offset that moves it into the next day", "2026-03-10T23:30:00-01:00"),
    parquet_times("a future or too late date", "as date", pa.array([DAY, DAY + timedelta(days=1), DAY]),
                  "2026-03-11", ("delivery_day", "order_date")),
)  # fmt: skip

TEXTS: Cases = (
    *text_cell("an unknown enum value", "another word", "status", "teleported", ("isin", "status")),
    *text_cell("an unknown enum value", "in capitals", "status", "PAID", ("isin", "status")),
    *text_cell("an unknown enum value", "a letter of another script", "status", "p\u0430id", ("isin", "status")),
    *text_cell("a null or empty key", "empty", "order_id", "", ("not_null", "order_id")),
    *text_cell("a null or empty key", "spaces", "order_id", "  ", ("not_null", "order_id")),
    *text_cell("a null or empty key", "declared null token", "order_id", "NULL", ("not_null", "order_id")),
    *text_cell("a null or empty key", "customer", "customer_id", "", ("not_null", "customer_id")),
    csv_record("a null or empty key", "empty quotes", '"",C-5,2026-03-10,1.00,paid', ("not_null", "order_id")),
    json_cells("a null or empty key", "null", {"order_id": None}, ("not_null", "order_id")),
    json_text("a null or empty key", "no such name", '"customer_id": "C-5", ', "", ("not_null", "customer_id")),
    parquet_cells("a null or empty key", "null", {"order_id": None}, ("not_null", "order_id")),
    parquet_cells("a null or empty key", "amount", {"total_amount": None}, ("not_null", "total_amount")),
    *identifier("zero-width or direction characters in an id", "zero-width space", "C\u200b-5"),
    *identifier("zero-width or direction characters in an id", "zero-width joiner", "C\u200d5"),
    *identifier("zero-width or direction characters in an id", "right to left", "O\u202e-5", "order_id"),
    *identifier("zero-width or direction characters in an id", "isolate", "O\u2067-5\u2069", "order_id"),
    *identifier("zero-width or direction characters in an id", "byte order mark", "\ufeffO-5", "order_id"),
    *identifier("zero-width or direction characters in an id", "soft hyphen", "C\u00ad5"),
    *identifier("control or separator characters in an id", "tab", "C\t5"),
    *identifier("control or separator characters in an id", "line separator", "C\u20285"),
    *identifier("control or separator characters in an id", "paragraph separator behind", "O-5\u2029", "order_id"),
    *identifier("control or separator characters in an id", "next line", "C\u00855"),
    *identifier("control or separator characters in an id", "vertical tab", "C\x0b5"),
    *identifier("control or separator characters in an id", "form feed", "C\x0c5"),
    *identifier("control or separator characters in an id", "escape", "\x1b[2JC-5"),
    *identifier("control or separator characters in an id", "newline", "C\n5"),
    *long_cell("a character more than by default", "x" * 65_537),
    *long_cell("two megabytes", "x" * 2_000_000),
    *long_cell("one more than forty", "é" * 41, FORTY_CHARACTERS),
    json_cells("a cell beyond the size limit", "more than forty, escaped", {"note": '"\\\n' * 14}, TOO_LONG,
               source=FORTY_CHARACTERS),
    csv_cells("a cell beyond the size limit", "one more than forty, quoted", {"note": '"' * 41}, TOO_LONG,
              source=FORTY_CHARACTERS),
    *text_cell("an id longer than the contract allows", "201 characters", "customer_id", "C" * 201,
               ("str_length", "customer_id")),
    *text_cell("rules over several columns", "resolved before created", "resolved_date", "2026-03-09T09:00:00Z",
               ("not_before", None), source=TICKETS),
)  # fmt: skip

VALUES: Cases = (*NUMBERS, *TIMES, *TEXTS)
