"""Files as a delivery may have them: written well from records of every kind, then spoiled, then compressed."""

import gzip
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from customer_analytics_tests.oracle import Cells
from customer_analytics_tests.quality.slow_reader import MARK
from customer_analytics_tests.quality.strategies import SECRET, as_csv, as_jsonl


@dataclass(frozen=True)
class GeneratedFile:
    """One file; ``ending`` is what its name ends with, ``stored`` its bytes on disk."""

    ending: str
    stored: bytes


# Bytes that mean something to one of the readers, or are forbidden.
PIECES = st.one_of(
    st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n", b" \t\n", b'"', b'""', b'","', b'"\n', b",", b" ", b"'", b"#"]),
    st.sampled_from([b"\0", b"\xff", b"\xc3", MARK, "\u00a0".encode(), "\u2028".encode(), b"\x0b", SECRET.encode()]),
    st.sampled_from([b"{", b"}", b"[", b",}", b"null", b"NaN", b"1e400", b"\\u0000", b'\\ud800"', b'"order_id":']),
    st.binary(min_size=1, max_size=3),
)
Spoiling = Callable[[bytes, int, bytes], bytes]


def _insert(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at:]


def _replace(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at + len(piece) :]


def _cut(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + data[at + 4 * len(piece) :]


def _cut_short(data: bytes, at: int, _: bytes) -> bytes:
    return data[:at]


def _join_lines(data: bytes, at: int, _: bytes) -> bytes:
    newline = data.find(b"\n", at)
    return data if newline < 0 else data[:newline] + data[newline + 1 :]


def _repeat_line(data: bytes, at: int, _: bytes) -> bytes:
    first, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1
    return data[:end] + data[first:end] + data[end:]


def _old_newlines(data: bytes, at: int, _: bytes) -> bytes:
    return data[:at] + data[at:].replace(b"\n", b"\r")


# Most do little: a file that is refused says nothing of its records.
SPOILINGS: Sequence[Spoiling] = (
    *(_insert, _insert, _insert, _replace, _replace, _cut, _join_lines, _repeat_line, _repeat_line),
    *(_old_newlines, _cut_short),
)


@st.composite
def _text_files(draw: st.DrawFn, lists: st.SearchStrategy[list[Cells]]) -> GeneratedFile:
    records = draw(lists)
    ending = draw(st.sampled_from(["csv", "csv", "jsonl"]))
    newline = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    data = as_jsonl(records, newline) if ending == "jsonl" else as_csv(records, newline, draw(_headers(records)))
    for spoil, place, piece in draw(st.lists(st.tuples(st.sampled_from(SPOILINGS), PLACES, PIECES), max_size=3)):
        data = spoil(data, place % (len(data) + 1), piece)
    data = draw(st.sampled_from([b"", b"", b"", MARK, b"\n"])) + data
    return draw(_compressed(ending, data))


PLACES = st.integers(0, 2**16)


def _headers(records: list[Cells]) -> st.SearchStrategy[dict[str, str]]:
    names = list(records[0])
    return st.sampled_from(
        [
            {name: name for name in names},
            {name: name for name in names},
            {name: name for name in reversed(names)},
            {name: f" {name.upper()}\t" for name in names},
            {name: name for name in [names[1], "note", names[0], *names[2:]]},
        ]
    )


@st.composite
def _compressed(draw: st.DrawFn, ending: str, data: bytes) -> GeneratedFile:
    kind = draw(st.sampled_from(["", "", "", ".gz", ".zst"]))
    if not kind:
        return GeneratedFile(ending, data)
    half = draw(PLACES) % (len(data) + 1)
    pack = gzip.compress if kind == ".gz" else _zstandard
    stored = b"".join(pack(part) for part in (data[:half], data[half:]))
    if draw(st.integers(0, 9)) == 0:
        spoil = draw(st.sampled_from([_insert, _replace, _cut_short]))
        stored = spoil(stored, draw(PLACES) % (len(stored) + 1), draw(PIECES))
    return GeneratedFile(ending + kind, stored)


def _zstandard(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True)) if data else b""


@st.composite
def _parquet_files(draw: st.DrawFn, lists: st.SearchStrategy[list[Cells]]) -> GeneratedFile:
    records = draw(lists)
    converted = set(draw(st.sets(st.sampled_from([name for name in records[0] if name in _AS_TYPED]))))
    columns = {name: _column(name, [record[name] for record in records], converted) for name in records[0]}
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, compression=draw(st.sampled_from(["none", "snappy", "zstd"])))
    stored = stream.getvalue()
    if draw(st.integers(0, 19)) == 0:
        stored = stored[: draw(PLACES) % len(stored)]
    return GeneratedFile("parquet", stored)


def _column(name: str, texts: Sequence[str | None], converted: set[str]) -> pa.Array:
    if name not in converted:
        return pa.array(texts, pa.string())
    read, kind = _AS_TYPED[name]
    return pa.array([_or_none(read, text) for text in texts], kind)


def _or_none(read: Callable[[str], Any], text: str | None) -> Any:
    try:
        value = None if text is None else read(text)
    except (ValueError, InvalidOperation):
        return None
    return value if not isinstance(value, Decimal) or (value.is_finite() and abs(value) < 10**17) else None


def _amount(text: str) -> Decimal:
    return round(Decimal(text), 2) + Decimal("0.00")


def _near_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.year < 1900:
        # Nanoseconds do not reach so far back.
        raise ValueError(text)
    return moment


_AS_TYPED = {
    "total_amount": (_amount, pa.decimal128(20, 2)),
    "order_date": (datetime.fromisoformat, pa.timestamp("us")),
    "created_date": (datetime.fromisoformat, pa.timestamp("us", tz="UTC")),
    "resolved_date": (_near_moment, pa.timestamp("ns", tz="Europe/Berlin")),
}


def files_of(lists: st.SearchStrategy[list[Cells]]) -> st.SearchStrategy[GeneratedFile]:
    """Files with records of these lists, in every format and state."""
    texts, parquet = _text_files(lists), _parquet_files(lists)
    return st.integers(0, 4).flatmap(lambda number: parquet if number == 4 else texts)
