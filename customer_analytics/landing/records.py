"""Splitting a text file into raw records, each with its line and byte offset, a chunk at a time.

A record ends at a newline (LF, CRLF or CR) that is not inside a quoted CSV cell; one with a stray quote ends with its
line. Lines are found with numpy over whole chunks; Python looks only at the rare lines with quotes that are no whole
record by themselves. The text itself is never copied: Arrow arrays point into the chunk.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_analytics.landing.content import UTF8_MARK, read_chunks
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile

Positions = npt.NDArray[np.int64]

MAX_RECORD_BYTES = 16 * 1024 * 1024
LF, CR, QUOTE = ord("\n"), ord("\r"), ord('"')

# line: 1 is the first line of the file. byte_offset: in the decompressed file. text: the record without its newline,
# null where it is not UTF-8; then bytes holds it.
RECORD_SCHEMA = pa.schema(
    [("line", pa.int64()), ("byte_offset", pa.int64()), ("text", pa.string()), ("bytes", pa.binary())]
)

# A cell of a CSV record: wholly in quotes (spaces around them do not count), or plain on one line. Python, Arrow and
# DuckDB read the patterns alike.
_QUOTED = r'"[^"]*(?:""[^"]*)*"[ \t]*'
_PLAIN = r'[ \t]*[^", \t\r\n][^,\r\n]*|[ \t]*'
CSV_CELL = rf"(?:[ \t]*{_QUOTED}|{_PLAIN})"
CSV_RECORD = f"{CSV_CELL}(?:,{CSV_CELL})*"
_WHOLE_LINE = rf"\A(?:{CSV_RECORD})\z"
# As much of a record as is whole: it stops before a quote that does not enclose a cell.
_ENCLOSING = rf"(?:[ \t]*{_QUOTED}(?=[,\r\n]|\Z)|{_PLAIN})"
_AS_MUCH = re.compile(f"{_ENCLOSING}(?:,{_ENCLOSING})*".encode())
_CLOSED = re.compile(rb'"[^"]*(?:""[^"]*)*"(?!")[ \t]*')


@dataclass(frozen=True)
class _Lines:
    """Where the lines of a buffer begin and end (without newline), and where the next one begins."""

    starts: Positions
    ends: Positions
    nexts: Positions


def read_records(file: DeliveredFile) -> Iterator[pa.RecordBatch]:
    """The raw records of a CSV or JSONL file in batches of ``RECORD_SCHEMA``, blank lines included.

    Raises:
        DeliveryRefusedError: the file cannot be read as a whole, a quote is never closed, or a record has no end.
    """
    carry, offset, line, first = b"", 0, 1, True
    chunks = read_chunks(file)
    chunk: bytes | None = next(chunks, None)
    while chunk is not None:
        following = next(chunks, None)
        buffer = carry + chunk
        skipped = len(UTF8_MARK) if first and buffer.startswith(UTF8_MARK) else 0
        first = False
        lines = _find_lines(buffer, skipped, final=following is None)
        firsts, lasts, used = _join_quoted(file, buffer, lines, line, final=following is None)
        if len(firsts):
            starts, ends = lines.starts[firsts], lines.ends[lasts]
            _assert_bounded(file, ends - starts, line + firsts)
            yield _batch(buffer, starts, ends, line + firsts, offset)
        consumed = int(lines.nexts[used - 1]) if used else skipped
        carry, offset, line = buffer[consumed:], offset + consumed, line + used
        # The carry's last byte may be the first half of a CRLF.
        _assert_bounded(file, np.array([len(carry) - 1]), np.array([line]))
        chunk = following


def _find_lines(buffer: bytes, start: int, *, final: bool) -> _Lines:
    data = np.frombuffer(buffer, dtype=np.uint8)
    breaks = np.flatnonzero(data == LF)
    if CR in buffer:
        returns = np.flatnonzero(data == CR)
        lone = returns[(returns + 1 < len(data)) & (data[np.minimum(returns + 1, len(data) - 1)] != LF)]
        if final and len(data) and data[-1] == CR:
            lone = np.append(lone, len(data) - 1)
        breaks = np.union1d(breaks, lone)
    nexts = breaks + 1
    if final and (not len(nexts) or nexts[-1] < len(data)) and start < len(data):
        breaks, nexts = np.append(breaks, len(data)), np.append(nexts, len(data))
    starts = np.concatenate([[start], nexts[:-1]])[: len(nexts)]
    has_return = (breaks > starts) & (data[np.maximum(breaks - 1, 0)] == CR)
    return _Lines(starts.astype(np.int64), (breaks - has_return).astype(np.int64), nexts.astype(np.int64))


def _join_quoted(
    file: DeliveredFile, buffer: bytes, lines: _Lines, first_line: int, *, final: bool
) -> tuple[Positions, Positions, int]:
    """First and last line of each record, and how many lines the records use; an open record is left for later."""
    count = len(lines.nexts)
    everything = np.arange(count, dtype=np.int64)
    if file.format != "csv" or QUOTE not in buffer or not count:
        return everything, everything, count
    inner = np.zeros(count, dtype=bool)
    following = 0
    for opening in _partial_lines(buffer, lines):
        if opening < following:
            continue  # It is within the record that was looked at last.
        start = int(lines.starts[opening])
        end, looked_at = _record_end(buffer, start, int(lines.ends[opening]), final=final)
        _assert_bounded(file, np.array([looked_at - start]), first_line + np.array([opening]))
        if end is None or end > lines.ends[-1]:
            if final:
                raise _refused(file, first_line + opening, "a quote that opens here is never closed")
            return everything[:opening][~inner[:opening]], _lasts(inner[:opening]), opening
        last = int(np.searchsorted(lines.ends, end))
        inner[opening + 1 : last + 1] = True
        following = last + 1
    return everything[~inner], _lasts(inner), count


def _partial_lines(buffer: bytes, lines: _Lines) -> list[int]:
    """The lines with quotes that are no whole record by themselves, ascending."""
    quotes = np.flatnonzero(np.frombuffer(buffer, dtype=np.uint8) == QUOTE)
    has_quotes = np.searchsorted(quotes, lines.ends) > np.searchsorted(quotes, lines.starts)
    quoted = np.flatnonzero(has_quotes)
    if not len(quoted):
        return []
    is_whole = pc.match_substring_regex(_cells(buffer, lines.starts[quoted], lines.ends[quoted]), _WHOLE_LINE)
    return [int(line) for line in quoted[~is_whole.to_numpy(zero_copy_only=False)]]


def _record_end(buffer: bytes, start: int, line_end: int, *, final: bool) -> tuple[int | None, int]:
    """Where the record ends that starts there, and how far it takes to know.

    The end is None where a quote is not closed, as far as the buffer goes.
    """
    read = _AS_MUCH.match(buffer, start)
    end = read.end() if read else start
    if end < len(buffer) and buffer[end] == QUOTE:
        closed = _CLOSED.match(buffer, end)
        if closed is None or (closed.end() == len(buffer) and not final):
            return None, end
        return line_end, closed.end()  # A stray quote: the record ends with its line, and is judged as it is.
    return (None if end == len(buffer) and not final else end), end


def _lasts(inner: npt.NDArray[np.bool_]) -> Positions:
    """The last line of each record, where ``inner`` marks the lines that continue one."""
    return np.flatnonzero(np.append(~inner[1:], True)[: len(inner)]).astype(np.int64)


def _batch(buffer: bytes, starts: Positions, ends: Positions, lines: Positions, offset: int) -> pa.RecordBatch:
    text, undecodable = _decode(_cells(buffer, starts, ends))
    return pa.RecordBatch.from_arrays(
        [pa.array(lines), pa.array(starts + offset), text, undecodable], schema=RECORD_SCHEMA
    )


def between(
    buffer: bytes | npt.NDArray[np.uint8], starts: Positions, ends: Positions, kind: pa.DataType
) -> pa.BinaryArray | pa.StringArray:
    """What stands in the buffer between each start and end, at every second place of an array of ``kind``.

    Only where it stands is written down. The cells of an Arrow array lie end to end, so that what is between two of
    them (the newline) is a cell of its own.
    """
    edges = np.empty(2 * len(starts) + 1, dtype=np.int32)
    edges[0:-1:2], edges[1::2], edges[-1] = starts, ends, ends[-1] if len(ends) else 0
    return pa.Array.from_buffers(kind, 2 * len(starts), [None, pa.py_buffer(edges), pa.py_buffer(buffer)])


def _cells(buffer: bytes, starts: Positions, ends: Positions) -> pa.BinaryArray:
    cells = between(buffer, starts, ends, pa.binary())
    return cells.take(pa.array(np.arange(0, len(cells), 2)))


def _decode(raw: pa.BinaryArray) -> tuple[pa.StringArray, pa.BinaryArray]:
    try:
        return raw.cast(pa.string()), pa.nulls(len(raw), pa.binary())
    except pa.ArrowInvalid:
        values = raw.to_pylist()
        valid = [_is_utf8(value) for value in values]
        texts = [value.decode() if good else None for value, good in zip(values, valid, strict=True)]
        rest = [None if good else value for value, good in zip(values, valid, strict=True)]
        return pa.array(texts, pa.string()), pa.array(rest, pa.binary())


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _assert_bounded(file: DeliveredFile, lengths: Positions, lines: Positions) -> None:
    too_long = np.flatnonzero(lengths > MAX_RECORD_BYTES)
    if len(too_long):
        why = f"a record is longer than {MAX_RECORD_BYTES:,} bytes, or a quote is not closed"
        raise _refused(file, int(lines[too_long[0]]), why)


def _refused(file: DeliveredFile, line: int, why: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(f"{file.path}, line {line}: {why}. Mend the file and deliver it again.")
