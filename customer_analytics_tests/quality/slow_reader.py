"""A second reading of delivered files, slow and plain: raw records, their places and their cells, byte by byte.

It follows what the landing room and the cells' SQL document, and shares no code with them.
"""

import gzip
import io
import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from customer_analytics_tests.oracle import Cells

MARK = b"\xef\xbb\xbf"
SPACES, NEWLINES = b" \t", b"\r\n"
_NEWLINE = re.compile(rb"\r\n|\n|\r")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class UnreadableError(Exception):
    """Nothing of the file can be trusted."""


@dataclass(frozen=True)
class RawRecord:
    """One raw record that is not blank; ``offset`` and ``raw`` are None in Parquet, ``cells`` where it has none."""

    line: int
    offset: int | None
    raw: bytes | None
    cells: Cells | None


@dataclass(frozen=True)
class Reading:
    """One file: its records, how many blank lines are beside them, and its content, decompressed."""

    records: Sequence[RawRecord]
    blank: int
    content: bytes


def read_file(name: str, stored: bytes, promised: Sequence[str], required: Collection[str]) -> Reading:
    """What a file has.

    Raises:
        UnreadableError: it must be refused.
    """
    if ".parquet" in name:
        return _read_parquet(stored)
    data = _decompressed(name, stored)
    if data in (b"", MARK) or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError
    is_csv = ".csv" in name
    lines = list(raw_records(data, is_csv=is_csv))
    filled = [line for line in lines if line[2].strip(SPACES)]
    blank = len(lines) - len(filled)
    if not is_csv:
        return Reading([RawRecord(*line, _json_cells(line[2], promised)) for line in filled], blank, data)
    if not filled:
        raise UnreadableError
    header = csv_cells(filled[0][2])
    names = [name.strip().casefold() for name in header or ()]
    if not set(required) <= set(names) or len(names) != len(set(names)):
        raise UnreadableError
    return Reading([RawRecord(*line, _named(names, csv_cells(line[2]))) for line in filled[1:]], blank, data)


def raw_records(data: bytes, *, is_csv: bool) -> Iterator[tuple[int, int, bytes]]:
    """Line, byte offset and raw bytes of every record, blank lines included.

    Raises:
        UnreadableError: a quote is never closed.
    """
    start, line = len(MARK) if data.startswith(MARK) else 0, 1
    while start < len(data):
        end = _end_of_csv_record(data, start) if is_csv else _end_of_line(data, start)
        yield line, start, data[start:end]
        newline = _NEWLINE.match(data, end)
        following = newline.end() if newline else end
        line += len(_NEWLINE.findall(data[start:following]))
        start = following


def csv_cells(raw: bytes) -> list[str] | None:
    """The cells of a CSV record; None where it is not text, or a quote does not enclose a whole cell."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    cells, at = [], 0
    while True:
        first = at + len(text[at:]) - len(text[at:].lstrip(" \t"))
        if text[first : first + 1] == '"':
            closing = _closing_quote(text, first, '"')
            if closing is None:
                return None
            cells.append(text[first + 1 : closing].replace('""', '"'))
            rest = text[closing + 1 :].lstrip(" \t")
            if rest[:1] not in ("", ","):
                return None
            at = len(text) - len(rest)
        else:
            comma = text.find(",", at)
            end = len(text) if comma < 0 else comma
            cells.append(text[at:end])
            at = end
        if at == len(text):
            return cells
        at += 1


def _end_of_csv_record(data: bytes, start: int) -> int:
    """Where the record ends: at a newline that is not in a quoted cell; with a stray quote, at the first newline."""
    at = start
    while True:
        at = _skip(data, at, SPACES)
        if data[at : at + 1] == b'"':
            closing = _closing_quote(data, at, b'"')
            if closing is None:
                raise UnreadableError
            at = _skip(data, closing + 1, SPACES)
            if data[at : at + 1] not in (b"", b",", b"\r", b"\n"):
                return _end_of_line(data, start)
        else:
            while at < len(data) and data[at] not in b",\r\n":
                at += 1
        if data[at : at + 1] != b",":
            return at
        at += 1


def _closing_quote(text: Any, opening: int, quote: Any) -> int | None:
    """Where the quote that opens at ``opening`` is closed, in text or bytes; two quotes stand for one."""
    at: int = opening + 1
    while True:
        at = text.find(quote, at)
        if at < 0:
            return None
        if text[at + 1 : at + 2] != quote:
            return at
        at += 2


def _skip(data: bytes, at: int, what: bytes) -> int:
    while at < len(data) and data[at] in what:
        at += 1
    return at


def _end_of_line(data: bytes, start: int) -> int:
    newline = _NEWLINE.search(data, start)
    return newline.start() if newline else len(data)


def _named(names: Sequence[str], cells: Sequence[str] | None) -> Cells | None:
    return dict(zip(names, cells, strict=True)) if cells and len(cells) == len(names) else None


def _json_cells(raw: bytes, promised: Sequence[str]) -> Cells | None:
    """The texts of the promised keys; None where the line is not one JSON object of single values."""
    try:
        parsed = json.loads(
            raw.decode(), object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=_no_json
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, _Pairs) or len(parsed) != len(dict(parsed)) or _LONE_SURROGATE.search(_texts(parsed)):
        return None
    cells = {key: _json_text(value) for key, value in parsed if key in promised}
    return None if any(isinstance(value, list) for key, value in parsed if key in promised) else cells


class _Pairs(list[tuple[str, Any]]):
    """The pairs of a JSON object, so that none is lost."""


def _texts(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "".join(map(_texts, value))
    return value if isinstance(value, str) else ""


def _json_text(value: Any) -> str | None:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _no_json(constant: str) -> str:
    raise ValueError(constant)


def _read_parquet(stored: bytes) -> Reading:
    try:
        rows = pq.read_table(io.BytesIO(stored)).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError from error
    records = [RawRecord(line, None, None, _as_texts(row)) for line, row in enumerate(rows, 1)]
    return Reading(records, 0, stored)


def _as_texts(row: Mapping[str, Any]) -> Cells:
    return {name.strip().casefold(): None if value is None else str(value) for name, value in row.items()}


def _decompressed(name: str, stored: bytes) -> bytes:
    try:
        if name.endswith(".gz"):
            return gzip.decompress(stored)
        if name.endswith(".zst"):
            return bytes(pa.CompressedInputStream(pa.BufferReader(stored), "zstd").read())
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError from error
    return stored
