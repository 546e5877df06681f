"""Deliveries that cannot be trusted as a whole: nothing of them is published."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa

from customer_analytics.contracts.policy import Evolution, Format
from customer_analytics.contracts.source import Source
from customer_analytics_tests.bad_input.bombs import MEBIBYTE, gzip_bomb, gzip_members, parquet_bomb, zstd_bomb
from customer_analytics_tests.bad_input.cases import COMPRESSIONS, Refused
from customer_analytics_tests.bad_input.manifests import DISAGREEING
from customer_analytics_tests.bad_input.normalising import text_records
from customer_analytics_tests.bad_input.records import (
    FORMATS,
    columns_of,
    good,
    json_line,
    lenient,
    parquet,
    texts,
    write,
)
from customer_analytics_tests.bad_input.refused_folders import FOLDERS
from customer_analytics_tests.scenario import ORDERS, TICKETS

Cases = tuple[Refused, ...]

TEXT_FORMATS: tuple[Format, ...] = ("csv", "jsonl")
GOOD = {form: write(form, good(ORDERS)) for form in FORMATS}
CSV = GOOD["csv"].decode()
HEADER, *LINES = CSV.splitlines()
COLUMNS = columns_of(good(ORDERS))
UTF8_MARK = b"\xef\xbb\xbf"


def of_file(
    kind: str, variant: str, form: Format, content: bytes | str, *words: str, ending: str = "", source: Source = ORDERS
) -> Refused:
    """One file with this content; the message names it."""
    name = f"{source.name}.{form}{ending}"
    raw = content.encode() if isinstance(content, str) else content
    return Refused(kind, variant, form, {name: raw}, source, words=(name, *words))


def in_each(
    kind: str,
    variant: str,
    change: Callable[[bytes], bytes],
    *words: str,
    forms: Iterable[Format] = FORMATS,
    ending: str = "",
) -> Cases:
    """The same change of a good file, in each format."""
    return tuple(of_file(kind, variant, form, change(GOOD[form]), *words, ending=ending) for form in forms)


def compressed(kind: str, variant: str, ending: str, change: Callable[[bytes], bytes]) -> Cases:
    """A good compressed file that was damaged, in each format."""
    compress = COMPRESSIONS[ending]
    return in_each(kind, variant, lambda content: change(compress(content)), "Deliver it again", ending=ending)


def typed(variant: str, column: str, values: Any, *words: str) -> Refused:
    """A Parquet column whose type would have to be changed."""
    content = parquet({**COLUMNS, column: values})
    return of_file("Parquet with incompatible types", variant, "parquet", content, *words)


def named(variant: str, names: Sequence[str], columns: Sequence[Any], *words: str) -> Refused:
    """A Parquet file with these names."""
    table = pa.table([pa.array(values) for values in columns], names=list(names))
    return of_file("duplicate header names", variant, "parquet", parquet(table), *words)


def without(variant: str, column: str, source: Source, kind: str = "a required column is missing") -> Cases:
    """Records without one column, in each format."""
    records = [{name: value for name, value in record.items() if name != column} for record in good(source)]
    return tuple(of_file(kind, variant, form, write(form, records), column, source=source) for form in FORMATS)


def with_column(kind: str, variant: str, name: str, values: Sequence[str | None], source: Source, *words: str) -> Cases:
    """Orders with one column more, in each format."""
    records = [{**texts(record), name: value} for record, value in zip(good(ORDERS), values, strict=True)]
    return tuple(of_file(kind, variant, form, text_records(form, records), *words, source=source) for form in FORMATS)


def of_another_day(variant: str, written: str) -> Cases:
    """A file of which no record happened near its day, in each format."""
    records = [{**texts(record), "order_date": written} for record in good(ORDERS)]
    return tuple(
        of_file("records of another day", variant, form, text_records(form, records), "another day") for form in FORMATS
    )


def beside_a_good_one(form: Format) -> Refused:
    """A good file, and one of another day."""
    late = [
        {**texts(record), "order_id": f"X-{n}", "order_date": "2026-03-05"} for n, record in enumerate(good(ORDERS))
    ]
    files = {f"a.{form}": GOOD[form], f"b.{form}": text_records(form, late)}
    return Refused("records of another day", "one of two files", form, files, words=(f"b.{form}", "another day"))


def quoted(variant: str, content: str, line: int) -> Refused:
    """A CSV file with a quote that nobody closes."""
    return of_file("unterminated quote", variant, "csv", content, f"line {line}", "never closed")


_ENCODINGS: Cases = (
    *(
        of_file("UTF-16 text", variant, form, mark + GOOD[form].decode().encode(encoding), "UTF-16", "UTF-8")
        for form in TEXT_FORMATS
        for variant, mark, encoding in (
            ("with a mark", b"", "utf-16"),
            ("big end first", b"\xfe\xff", "utf-16-be"),
        )
    ),
    of_file("UTF-16 text", "without a mark", "csv", CSV.encode("utf-16-le")),
    *in_each("UTF-16 text", "in gzip", lambda raw: COMPRESSIONS[".gz"](raw.decode().encode("utf-16")), "UTF-16",
             forms=TEXT_FORMATS, ending=".gz"),
    *compressed("truncated gzip", "in its trailer", ".gz", lambda raw: raw[:-4]),
    *compressed("truncated gzip", "in its middle", ".gz", lambda raw: raw[: len(raw) // 2]),
    *compressed("truncated gzip", "in a second member", ".gz", lambda raw: raw + raw[:-12]),
    *compressed("truncated zstd", "in its middle", ".zst", lambda raw: raw[: len(raw) // 2]),
    *compressed("gzip with a bad checksum", "zeros", ".gz", lambda raw: raw[:-8] + bytes(4) + raw[-4:]),
    *compressed("gzip with a bad checksum", "length that disagrees", ".gz", lambda raw: raw[:-4] + bytes(4)),
    *compressed("gzip with a bad checksum", "garbage behind", ".gz", lambda raw: raw + b"garbage"),
    *in_each("a .gz that is not gzip", "plain", bytes, "Deliver it again", ending=".gz"),
    *in_each("a .gz that is not gzip", "zstd", COMPRESSIONS[".zst"], "Deliver it again", ending=".gz"),
    *in_each("a .gz that is not gzip", "a .zst that is plain", bytes, "Deliver it again", ending=".zst"),
    *in_each("zero bytes", "plain", lambda raw: b""),
    *in_each("zero bytes", "in gzip", lambda raw: COMPRESSIONS[".gz"](b""), ending=".gz"),
    *in_each("zero bytes", "a .gz of no bytes", lambda raw: b"", ending=".gz"),
    *in_each("only a byte order mark", "plain", lambda raw: UTF8_MARK, "no content", forms=TEXT_FORMATS),
    *in_each("only a byte order mark", "in gzip", lambda raw: COMPRESSIONS[".gz"](UTF8_MARK), "no content",
             forms=TEXT_FORMATS, ending=".gz"),
)  # fmt: skip

IN_POUNDS = lenient(ORDERS, constants={"currency": "GBP"})
CURRENCIES: dict[str, tuple[str | None, ...]] = {
    "another one in one record": ("GBP", "EUR", "GBP"),
    "another one throughout": ("EUR", "EUR", "EUR"),
    "none in one record": ("GBP", None, "GBP"),
    "in small letters": ("GBP", "gbp", "GBP"),
}

_HEADERS: Cases = (
    of_file("header missing", "records alone", "csv", "\n".join(LINES), "lacks order_id"),
    of_file("header missing", "one record of repeated values", "csv", "x,x,x,x,paid\n", "none of the promised"),
    of_file("header missing", "blank lines alone", "csv", b"\n \n\r\n", "no header"),
    of_file("header missing", "title above it", "csv", "Orders of 10 March\n" + CSV, "lacks order_id"),
    of_file("header missing", "not UTF-8", "csv", b"\xff" + GOOD["csv"], "lacks order_id"),
    of_file("header missing", "a megabyte on one line", "csv", "x" * 1_000_000, "lacks order_id"),
    of_file("header missing", "quotes that enclose no name", "csv", '"order_id"x,' + CSV, "quotes"),
    of_file("duplicate header names", "as it was", "csv", CSV.replace("status", "status,order_id", 1), "order_id"),
    of_file("duplicate header names", "in another case", "csv", CSV.replace("status", "status,Order_ID ", 1),
            "order_id"),
    of_file("duplicate header names", "of an unknown column", "csv",
            CSV.replace("status", "status,x,X", 1), "not promised"),
    named("as it was", [*COLUMNS, "order_id"], [*COLUMNS.values(), ["X-1", "X-2", "X-3"]], "order_id"),
    named("in another case", [*COLUMNS, "Order_ID"], [*COLUMNS.values(), ["X-1", "X-2", "X-3"]], "order_id"),
    named("of an unknown column", [*COLUMNS, "x", "X"], [*COLUMNS.values(), [1, 2, 3], [4, 5, 6]], "has x more"),
    *(of_file("wrong delimiter", name, "csv", CSV.replace(",", mark), "lacks order_id", "commas")
      for name, mark in (("semicolon", ";"), ("tab", "\t"), ("bar", "|"))),
    *without("key", "order_id", ORDERS),
    *without("amount", "total_amount", ORDERS),
    *without("nullable, where its source says so", "resolved_date",
             lenient(TICKETS, evolution=Evolution(missing_columns="refuse")), "a nullable column is missing"),
    of_file("a required column is missing", "other names", "jsonl", b'{"id": 1}\n{"id": 2}\n', "order_id"),
    *with_column("an unknown extra column", "where its source refuses it", "coupon", ["A", "B", "C"],
                 lenient(ORDERS, evolution=Evolution(new_columns="refuse")), "coupon"),
    *(case for variant, values in CURRENCIES.items()
      for case in with_column("mixed currencies", variant, "currency", values, IN_POUNDS, "currency")),
    of_file("mixed currencies", "name absent from one record", "jsonl",
            "\n".join(json_line({**record, **said}) for record, said in
                      zip(good(ORDERS), ({"currency": "GBP"}, {}, {"currency": "GBP"}), strict=True)),
            "currency", source=IN_POUNDS),
)  # fmt: skip

_PARQUET: Cases = (
    *(of_file("truncated or empty Parquet", variant, "parquet", content, "Deliver it again")
      for variant, content in {
          "its first bytes": b"PAR1",
          "no footer": GOOD["parquet"][:-20],
          "its second half": GOOD["parquet"][len(GOOD["parquet"]) // 2 :],
          "zeros inside": GOOD["parquet"][:4] + bytes(200) + GOOD["parquet"][204:],
          "CSV": GOOD["csv"],
          "footer of a length beyond the file": GOOD["parquet"][:-8] + b"\xff\xff\xff\x7fPAR1",
      }.items()),
    typed("list", "total_amount", [[1.0], [2.0], [3.0]], "total_amount is DOUBLE[]"),
    typed("struct", "status", [{"is": "paid"}] * 3, "status is STRUCT"),
    typed("milliseconds as number", "order_date", [1773136800000] * 3, "order_date is BIGINT"),
    typed("time of day", "order_date", pa.array([1, 2, 3], pa.time64("us")), "order_date is TIME"),
    typed("fractions as ids", "customer_id", [1.5, 2.5, 3.5], "customer_id is DOUBLE"),
    typed("truth values as ids", "customer_id", [True, False, True], "customer_id is BOOLEAN"),
    typed("bytes", "customer_id", [b"C-1", b"C-2", b"C-3"], "customer_id is BLOB"),
    typed("bytes that are said to be UTF-8", "customer_id", pa.StringArray.from_buffers(
        3, pa.array([0, 1, 3, 4], pa.int32()).buffers()[1], pa.py_buffer(b"C\xff\xfeD"))),
)  # fmt: skip

_DAYS: Cases = (
    *of_another_day("days before", "2026-03-05T09:00:00"),
    *of_another_day("the day after", "2026-03-11"),
    *of_another_day("a year ago", "2025-03-10T09:00:00Z"),
    *(beside_a_good_one(form) for form in FORMATS),
)

_BROKEN: Cases = (
    quoted("in the last record", CSV + 'O-4,"C-1,2026-03-10,1.00,paid\n', 5),
    quoted("in the first record", CSV.replace("C-1", '"C-1'), 2),
    quoted("at the end of the file", CSV + '"', 5),
    quoted("in the header", '"' + CSV, 1),
    *(
        of_file(
            "a record without an end",
            "17 megabytes",
            form,
            GOOD[form] + b"x" * (17 * MEBIBYTE),
            "line 5" if form == "csv" else "line 4",
        )
        for form in TEXT_FORMATS
    ),
)


def bomb(form: Format, pattern: str, way: str, ending: str, build: Callable[[Format, str, int], bytes]) -> Refused:
    """A quarter of a gigabyte of one pattern, in next to nothing."""
    return of_file("decompression bomb", f"{pattern}, {way}", form, build(form, pattern, 256), ending=ending)


_BOMBS: Cases = (
    bomb("csv", "zeros", "one gzip member", ".gz", gzip_bomb),
    bomb("csv", "newlines", "many gzip members", ".gz", gzip_members),
    bomb("csv", "plausible records", "one gzip member", ".gz", gzip_bomb),
    bomb("csv", "plausible records", "zstd", ".zst", zstd_bomb),
    bomb("jsonl", "zeros", "zstd", ".zst", zstd_bomb),
    bomb("jsonl", "newlines", "one gzip member", ".gz", gzip_bomb),
    bomb("jsonl", "plausible records", "many gzip members", ".gz", gzip_members),
    of_file("decompression bomb", "uncompressed size in its footer", "parquet", parquet_bomb(128)),
    of_file("decompression bomb", "zeros in gzip", "parquet", gzip_bomb("parquet", "zeros", 256), ending=".gz"),
)  # fmt: skip

REFUSED: Cases = (*_ENCODINGS, *_HEADERS, *_PARQUET, *FOLDERS, *_DAYS, *_BROKEN, *_BOMBS, *DISAGREEING)
