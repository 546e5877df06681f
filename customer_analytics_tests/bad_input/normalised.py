"""Deliveries that are put right, counted and accepted: each kind of it with what is published."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from customer_analytics.contracts.policy import Evolution, Format, Limits
from customer_analytics.contracts.source import Source
from customer_analytics_tests.bad_input.cases import COMPRESSIONS, Normalised
from customer_analytics_tests.bad_input.clock_changes import LOCAL_TIMES
from customer_analytics_tests.bad_input.normalising import orders_at, otherwise, text_columns, text_of, text_records
from customer_analytics_tests.bad_input.records import (
    FORMATS,
    PARCELS,
    columns_of,
    good,
    json_line,
    lenient,
    parquet,
    rows_of,
    texts,
    write,
)
from customer_analytics_tests.scenario import ORDERS, TICKETS

Cases = tuple[Normalised, ...]

TEXT_FORMATS: tuple[Format, ...] = ("csv", "jsonl")
LINES = text_of("csv").splitlines()
COLUMNS = columns_of(good(ORDERS))
EVOLVING = lenient(ORDERS, evolution=Evolution(new_columns="evolve"))


def in_text(kind: str, variant: str, change: Any, **expected: Any) -> Cases:
    """The same change of the file's text, in CSV and JSONL."""
    return tuple(otherwise(kind, variant, form, change(text_of(form)), **expected) for form in TEXT_FORMATS)


def renamed(kind: str, variant: str, rename: Any) -> Cases:
    """The same change of every column's name, in CSV and Parquet."""
    names = [rename(name) for name in COLUMNS]
    return (
        otherwise(kind, variant, "csv", "\n".join([",".join(names), *LINES[1:]])),
        otherwise(kind, variant, "parquet", parquet(dict(zip(names, COLUMNS.values(), strict=True)))),
    )


def spaced(form: Format, source: Source = ORDERS) -> bytes:
    """Records whose every cell stands between spaces."""
    cells = [{name: f" \t{value or ''} " for name, value in texts(record).items()} for record in good(source)]
    return text_records(form, cells)


def with_column(kind: str, variant: str, name: str, values: Sequence[str], **expected: Any) -> Cases:
    """The orders with one column more, in each format."""
    records = [{name: value, **texts(record)} for record, value in zip(good(ORDERS), values, strict=True)]
    return tuple(otherwise(kind, variant, form, text_records(form, records), **expected) for form in FORMATS)


def evolved(variant: str, name: str, values: Sequence[str]) -> Cases:
    """A column more that is published, as text."""
    rows = tuple((*row, value) for row, value in zip(rows_of(good(ORDERS)), values, strict=True))
    return tuple(
        Normalised(case.kind, variant, case.form, case.files, EVOLVING, rows=rows, unknown=(name,), evolved=(name,))
        for case in with_column("an unknown extra column", variant, name, values)
    )


def with_nulls(variant: str, token: str | None) -> Cases:
    """Tickets that are not resolved yet, in each format."""
    first, *rest = good(TICKETS)
    records = [texts(first), *({**texts(record), "resolved_date": token} for record in rest)]
    return tuple(
        otherwise("declared null tokens", variant, form, text_records(form, records), source=TICKETS)
        for form in FORMATS
    )


def without_resolved(form: Format) -> Normalised:
    """Tickets without the one column that may be missing."""
    records = [{**record, "resolved_date": None} for record in good(TICKETS)]
    written = [{name: value for name, value in record.items() if name != "resolved_date"} for record in records]
    files = {f"tickets.{form}": write(form, written)}
    return Normalised("a nullable column is missing", "accepted", form, files, TICKETS, rows=rows_of(records))


def noted(kind: str, variant: str, note: str) -> Cases:
    """A parcel with a note, in each format."""
    record = {**good(PARCELS)[0], "note": note}
    return tuple(
        Normalised(kind, variant, form, {f"parcels.{form}": write(form, [record])}, PARCELS, rows=rows_of([record]))
        for form in FORMATS
    )


def in_other_types(variant: str, **columns: Any) -> Normalised:
    """Parquet columns of another type that says the same."""
    return otherwise("Parquet nanoseconds, zones and other types", variant, "parquet", parquet({**COLUMNS, **columns}))


def no_records(form: Format, content: bytes, ignored: int = 0) -> Normalised:
    """A file that has its header, and no record."""
    kind, variant = "header-only file", "nothing but blank lines" if ignored else "no record"
    return Normalised(kind, variant, form, {f"orders.{form}": content}, ignored=ignored)


_ZONED = [time.replace(tzinfo=UTC) for time in COLUMNS["order_date"]]
_EMPTY = {name: array.slice(0, 0) for name, array in zip(COLUMNS, pa.table(COLUMNS).columns, strict=True)}

_TEXTS: Cases = (
    *in_text("UTF-8 byte order mark", "alone", lambda text: "\ufeff" + text),
    *in_text("UTF-8 byte order mark", "and CRLF", lambda text: "\ufeff" + text.replace("\n", "\r\n")),
    *in_text("CRLF", "throughout", lambda text: text.replace("\n", "\r\n")),
    *in_text("CR only", "throughout", lambda text: text.replace("\n", "\r")),
    *in_text("mixed newlines", "one of each", lambda text: text.replace("\n", "\r", 1).replace("\n", "\r\n", 1)),
    *in_text("no final newline", "LF", lambda text: text.removesuffix("\n")),
    *in_text("no final newline", "CRLF", lambda text: text.replace("\n", "\r\n").removesuffix("\r\n")),
    *(
        otherwise("blank lines", "between all and at the ends", form, text, ignored=2 * text_of(form).count("\n") + 1)
        for form in TEXT_FORMATS
        for text in ["\n" + text_of(form).replace("\n", "\n\n \t\r\n")]
    ),
    otherwise("header order", "backwards", "csv", "\n".join(",".join(line.split(",")[::-1]) for line in LINES)),
    otherwise("header order", "backwards", "jsonl",
              "\n".join(json_line(dict(reversed(list(record.items())))) for record in good(ORDERS))),
    otherwise("header order", "backwards", "parquet", parquet(dict(reversed(COLUMNS.items())))),
    *renamed("header case and surrounding spaces", "capitals", str.upper),
    *renamed("header case and surrounding spaces", "spaces and tabs", lambda name: f" {name}\t"),
    otherwise("header case and surrounding spaces", "quotes", "csv",
              "\n".join(['"' + LINES[0].replace(",", '" , "') + '"', *LINES[1:]])),
    *(
        otherwise("surrounding spaces", f"of every cell of {source.name}", form, spaced(form, source), source=source)
        for form in FORMATS for source in (ORDERS, TICKETS)
    ),
    otherwise("surrounding spaces", "of quotes", "csv",
              "\n".join('"' + line.replace(",", '" ,\t"') + '" ' for line in LINES)),
    otherwise("quotes that are not needed", "of every cell", "csv",
              "\n".join('"' + line.replace(",", '","') + '"' for line in LINES)),
    otherwise("quotes that are not needed", "of one cell", "csv", text_of("csv").replace("shipped", '"shipped"')),
    Normalised("quotes inside a plain cell", "inches", "csv", {"parcels.csv": text_of("csv", PARCELS).replace(
        "middle", '5" pipe').encode()}, PARCELS, rows=rows_of(
        [{**record, "note": '5" pipe' if record["note"] == "middle" else record["note"]} for record in good(PARCELS)])),
    *noted("quoted newline", "of each kind", "two\r\nlines, \"quoted\"\nand\rmore"),
    *noted("a cell as long as the limit", "by default", "x" * 65_536),
    no_records("csv", LINES[0].encode()),
    no_records("csv", LINES[0].encode() + b"\n\n\n", ignored=2),
    no_records("jsonl", b"\n \n\n", ignored=3),
    no_records("parquet", parquet(_EMPTY)),
)  # fmt: skip


def in_parts(kind: str, variant: str, form: Format, compression: str) -> Normalised:
    """A file that was compressed in two parts, cut within a record."""
    content, compress = write(form, good(ORDERS)), COMPRESSIONS[compression]
    cut = len(content) * 2 // 3
    parts = compress(content[:cut]) + compress(content[cut:])
    return Normalised(kind, variant, form, {f"orders.{form}{compression}": parts}, rows=rows_of(good(ORDERS)))


def repeated(form: Format, compression: str = "") -> Normalised:
    """The same content a second time."""
    kind, content = "the same day again with the same content", write(form, good(ORDERS))
    return otherwise(kind, compression or "plain", form, content, compression=compression, deliveries=2)


def in_files(variant: str, forms: Sequence[Format], source: Source = ORDERS) -> Normalised:
    """One order a file."""
    records = good(ORDERS)
    files = {f"{n}.{form}": write(form, [records[n]]) for n, form in enumerate(forms)}
    return Normalised("several files", variant, forms[0], files, source, rows=rows_of(records[: len(forms)]))


_COMPRESSED: Cases = (
    *(in_parts("several gzip members", "cut in a record", form, ".gz") for form in FORMATS),
    *(in_parts("several zstd frames", "cut in a record", form, ".zst") for form in FORMATS),
    *(repeated(form, compression) for form in FORMATS for compression in ("", ".gz")),
    in_files("each in another format", FORMATS),
    *(in_files("as many as the limit", [form] * 2, lenient(ORDERS, limits=Limits(files=2))) for form in FORMATS),
)

_COLUMNS: Cases = (
    *with_column("an unknown extra column", "left out", "coupon", ["A", "", "x,y"], unknown=("coupon",)),
    *with_column("an unknown extra column", "empty first", "note", ["", '"', "x"], unknown=("note",)),
    otherwise("an unknown extra column", "nested", "jsonl", unknown=("agent",),
              content=text_of("jsonl").replace("{", '{"agent": {"name": "N, ]", "tags": ["a"]}, ')),
    otherwise("an unknown extra column", "nested", "parquet", unknown=("agent",),
              content=parquet({**COLUMNS, "agent": [{"name": "N", "tags": ["a"]}] * 3})),
    otherwise("an unknown extra column", "nested, with names that stand elsewhere too", "parquet",
              unknown=("agent", "labels", "tags"),
              content=parquet({**COLUMNS, "agent": [{"status": "busy"}] * 3, "tags": [["a"]] * 3,
                               "labels": [["b"]] * 3})),
    *(
        otherwise("an unknown extra column", f"called {name}", "parquet", parquet({**COLUMNS, name: ["x"] * 3}),
                  unknown=(name,))
        for name in ("line", "text", "record", "bytes", "byte_offset", "_reasons", "_beside",
                     "filename", "day", "o'clock", 'in "quotes"')
    ),
    *evolved("published", "coupon", ["A-1", "B, 2", "0003"]),
    *evolved("published, called like an inner one", "line", ["1", "2", "3"]),
    *(without_resolved(form) for form in FORMATS),
    *(
        case
        for currency in [lenient(ORDERS, constants={"currency": "GBP"})]
        for case in (
            *with_column("one currency", "as declared", "currency", ["GBP"] * 3, source=currency),
            *with_column("one currency", "name in capitals", "CURRENCY", ["GBP"] * 3, source=currency)[::2],
            *(otherwise("one currency", "not said", form, write(form, good(ORDERS)), source=currency)
              for form in FORMATS),
        )
    ),
)  # fmt: skip

_VALUES: Cases = (
    *orders_at("timestamps with an offset", "to UTC", {
        "2026-03-10T07:08:09Z": datetime(2026, 3, 10, 7, 8, 9),
        "2026-03-10T00:30:00+01:00": datetime(2026, 3, 9, 23, 30),
        "2026-03-09 23:30:00-0530": datetime(2026, 3, 10, 5, 0),
        "2026-03-10 07:08:09.123456+01": datetime(2026, 3, 10, 6, 8, 9, 123456),
        "2026-03-11T13:59:59+14:00": datetime(2026, 3, 10, 23, 59, 59),
    }),
    *orders_at("timestamps without an offset", "are UTC", {
        "2026-03-10": datetime(2026, 3, 10),
        "2026-03-10 07:08": datetime(2026, 3, 10, 7, 8),
        "2026-03-10T07:08:09": datetime(2026, 3, 10, 7, 8, 9),
        "2026-03-09 00:00:00": datetime(2026, 3, 9),
        "2026-03-10 23:59:59.999999": datetime(2026, 3, 10, 23, 59, 59, 999999),
    }),
    *orders_at("zeros behind the microseconds", "are not needed", {
        "2026-03-10T07:08:09.1234560": datetime(2026, 3, 10, 7, 8, 9, 123456),
        "2026-03-10T07:08:09.123456000Z": datetime(2026, 3, 10, 7, 8, 9, 123456),
        "2026-03-10T07:08:09.000000000000+00:00": datetime(2026, 3, 10, 7, 8, 9),
    }),
    *(
        otherwise("amounts with zeros behind", "are not needed", form, text_records(form, [
            {**texts(record), "total_amount": amount}
            for record, amount in zip(good(ORDERS), ("10.0000", "7.250", "-25.5"), strict=True)
        ]))
        for form in FORMATS
    ),
    *with_nulls("empty", ""),
    *with_nulls("NULL", "NULL"),
    *with_nulls("null in small letters, spaces around", " null "),
    *with_nulls("absent", None),
    otherwise("declared null tokens", "name absent", "jsonl", text_of("jsonl", TICKETS).replace(
        ', "resolved_date": null', ""), source=TICKETS),
)  # fmt: skip

_PARQUET: Cases = (
    in_other_types("nanoseconds", order_date=pa.array(COLUMNS["order_date"], pa.timestamp("ns"))),
    in_other_types("zone", order_date=pa.array(_ZONED, pa.timestamp("us", "Asia/Tokyo"))),
    in_other_types("nanoseconds and zone", order_date=pa.array(_ZONED, pa.timestamp("ns", "Europe/Berlin"))),
    in_other_types("times as text", order_date=text_columns(good(ORDERS))["order_date"]),
    in_other_types("double", total_amount=[10.0, 7.25, -25.5]),
    in_other_types("wider decimal", total_amount=pa.array(COLUMNS["total_amount"], pa.decimal128(38, 6))),
    in_other_types("amounts as text", total_amount=["10.00", "7.25", "-25.5"]),
    in_other_types("dictionary", status=pa.array(COLUMNS["status"]).dictionary_encode()),
    in_other_types("large text", status=pa.array(COLUMNS["status"], pa.large_string())),
    Normalised(
        "Parquet nanoseconds, zones and other types", "whole numbers as ids", "parquet",
        {"orders.parquet": parquet({**COLUMNS, "customer_id": [1, 2**62, -3]})},
        rows=rows_of([{**record, "customer_id": key}
                      for record, key in zip(good(ORDERS), ("1", str(2**62), "-3"), strict=True)]),
    ),
)  # fmt: skip

NORMALISED: Cases = (*_TEXTS, *_COMPRESSED, *_COLUMNS, *_VALUES, *_PARQUET, *LOCAL_TIMES)
