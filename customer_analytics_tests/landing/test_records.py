"""Splitting files into raw records: every byte has its place, however the file is cut into chunks."""

import csv
import io
import re
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.contracts.policy import Format
from customer_analytics.landing import content, records
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile
from customer_analytics.landing.records import read_records

Record = tuple[int, int, bytes]
NEWLINE = re.compile(rb"\r\n|\n|\r")
WHOLE = 1_000_000
examples = settings(max_examples=300, deadline=None, derandomize=True, database=None)


def read(data: bytes, *, chunk_bytes: int = WHOLE, form: Format = "csv", limit: int = WHOLE) -> list[Record]:
    """Line, byte offset and raw bytes of each record."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(content, "CHUNK_BYTES", chunk_bytes)
        patch.setattr(records, "MAX_RECORD_BYTES", limit)
        path = Path(folder) / "file"
        path.write_bytes(data)
        rows = [row for batch in read_records(DeliveredFile(path, path.name, form, None)) for row in batch.to_pylist()]
    assert all((row["text"] is None) != (row["bytes"] is None) for row in rows)
    return [
        (row["line"], row["byte_offset"], row["bytes"] if row["text"] is None else row["text"].encode()) for row in rows
    ]


def read_or_refusal(data: bytes, chunk_bytes: int, form: Format = "csv", limit: int = WHOLE) -> list[Record] | str:
    try:
        return read(data, chunk_bytes=chunk_bytes, form=form, limit=limit)
    except DeliveryRefusedError:
        return "refused"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\nb\n", [(1, 0, b"a"), (2, 2, b"b")]),
        (b"a\r\nb\r\n", [(1, 0, b"a"), (2, 3, b"b")]),
        (b"a\rb\r", [(1, 0, b"a"), (2, 2, b"b")]),
        (b"a\r\nb\nc\rd", [(1, 0, b"a"), (2, 3, b"b"), (3, 5, b"c"), (4, 7, b"d")]),
        (b"a\nb", [(1, 0, b"a"), (2, 2, b"b")]),
        (b"a\n\n\r\nb", [(1, 0, b"a"), (2, 2, b""), (3, 3, b""), (4, 5, b"b")]),
        (b"a\r\r\nb", [(1, 0, b"a"), (2, 2, b""), (3, 4, b"b")]),
        (b"\n", [(1, 0, b"")]),
        (b"\xef\xbb\xbfa\nb", [(1, 3, b"a"), (2, 5, b"b")]),
        (b"\xef\xbb\xbf\na", [(1, 3, b""), (2, 4, b"a")]),
        (b'"a\nb",c\nd', [(1, 0, b'"a\nb",c'), (3, 8, b"d")]),
        (b'x,"a\r\n\r\nb""\n"\r\nd', [(1, 0, b'x,"a\r\n\r\nb""\n"'), (5, 15, b"d")]),
        (b'x, "a\nb" ,y\nd', [(1, 0, b'x, "a\nb" ,y'), (3, 12, b"d")]),
        (b'"a","b\nc","d\ne"\nf', [(1, 0, b'"a","b\nc","d\ne"'), (4, 16, b"f")]),
        (b'5" pipe\nb\n6" pipe\n', [(1, 0, b'5" pipe'), (2, 8, b"b"), (3, 10, b'6" pipe')]),
        (b'"a"b"\nc\n', [(1, 0, b'"a"b"'), (2, 6, b"c")]),
        (b"a\xff\nb\n\xe2\x82", [(1, 0, b"a\xff"), (2, 3, b"b"), (3, 5, b"\xe2\x82")]),
        (b"\xc3\xa9\xe2\x82\xac\n\xf0\x9f\x98\x80", [(1, 0, "é€".encode()), (2, 6, "😀".encode())]),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [3, 4, 5, 7, WHOLE])
def test_records_have_their_line_offset_and_bytes(data: bytes, expected: list[Record], chunk_bytes: int) -> None:
    assert read(data, chunk_bytes=chunk_bytes) == expected


def test_in_json_a_quote_never_joins_lines() -> None:
    assert read(b'{"a\n"}\n', form="jsonl") == [(1, 0, b'{"a'), (2, 4, b'"}')]


@pytest.mark.parametrize("chunk_bytes", [3, 10, WHOLE])
def test_a_quote_that_is_never_closed_is_refused_with_its_line(chunk_bytes: int) -> None:
    with pytest.raises(DeliveryRefusedError, match=r"file, line 3: a quote that opens here is never closed\. Mend"):
        read(b'a,b\nc,d\ne,"f\ng,h\ni,j\n', chunk_bytes=chunk_bytes)


@pytest.mark.parametrize("chunk_bytes", [3, 10, WHOLE])
@pytest.mark.parametrize(
    "data",
    [
        b"a\nb\n" + b"c" * 21 + b"\nd",
        b"a\nb\n" + b"c" * 21,
        b'a\nb\n"c\n' + b"d\n" * 10 + b'"\n',
        b'a\nb\n"c\n' + b"d\n" * 10 + b'e"f\n',
    ],
)
def test_a_record_that_is_too_long_is_refused_with_its_line(data: bytes, chunk_bytes: int) -> None:
    with pytest.raises(DeliveryRefusedError, match="line 3: a record is longer than 20 bytes"):
        read(data, chunk_bytes=chunk_bytes, limit=20)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r", b""])
@pytest.mark.parametrize("chunk_bytes", [3, 20, 21, 22, 23, WHOLE])
def test_a_record_may_be_as_long_as_the_limit(newline: bytes, chunk_bytes: int) -> None:
    assert len(read(b"a\n" + b"c" * 20 + newline, chunk_bytes=chunk_bytes, limit=20)) == 2


def test_a_long_record_between_small_ones_is_read_whole() -> None:
    data = b"a\n" + b"x" * 10_000_000 + b"\nb\n"
    assert [(line, offset, len(raw)) for line, offset, raw in read(data, chunk_bytes=2**20, limit=2**24)] == [
        (1, 0, 1),
        (2, 2, 10_000_000),
        (3, 10_000_003, 1),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b'"' * 1_000_000 + b"\n",
        b'"a",' * 250_000 + b'"b\n",c\n',
        b'"a""' * 250_000 + b'\n"\n',
        b'"a\n' * 300_000,
        b'x"a\n' * 250_000,
        b'"a\n"b' * 200_000,
    ],
    ids=range(6),
)
def test_hostile_quotes_take_no_more_than_linear_time(data: bytes) -> None:
    started = time.monotonic()
    read_or_refusal(data, chunk_bytes=2**23, limit=2**24)
    assert time.monotonic() - started < 10


PIECES = st.sampled_from(
    [b"a", b"b", b",", b'"', b'""', b'",', b',"', b"\n", b"\r", b"\r\n", b" ", b"\xff", "é".encode(), b"\0"]
)
DATA = st.lists(PIECES, min_size=1, max_size=40).map(b"".join)
MARKED = st.builds(lambda mark, data: mark + data, st.sampled_from([b"", b"", b"\xef\xbb\xbf"]), DATA)


@examples
@given(data=MARKED, chunk_bytes=st.integers(3, 50), form=st.sampled_from(["csv", "jsonl"]))
def test_every_byte_has_its_place_and_chunks_make_no_difference(data: bytes, chunk_bytes: int, form: Format) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    whole = read_or_refusal(data, WHOLE, form)
    assert read_or_refusal(data, chunk_bytes, form) == whole
    if isinstance(whole, str):
        return
    end = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    for line, offset, raw in whole:
        assert data[offset : offset + len(raw)] == raw
        assert offset == end
        assert line == len(NEWLINE.findall(data[:offset])) + 1
        newline = NEWLINE.match(data, offset + len(raw))
        end = newline.end() if newline else offset + len(raw)
    assert end == len(data)


@examples
@given(data=DATA, chunk_bytes=st.integers(3, 50), limit=st.integers(1, 20))
def test_chunks_make_no_difference_to_what_is_too_long(data: bytes, chunk_bytes: int, limit: int) -> None:
    if not data.startswith(b"\xff\xfe"):
        assert read_or_refusal(data, chunk_bytes, limit=limit) == read_or_refusal(data, WHOLE, limit=limit)


ROWS = st.lists(
    st.lists(st.text(st.sampled_from('ab," \n\ré'), max_size=5), min_size=2, max_size=4), min_size=1, max_size=6
)


@examples
@given(rows=ROWS, chunk_bytes=st.integers(3, 50))
def test_what_a_csv_writer_wrote_has_one_record_a_row(rows: list[list[str]], chunk_bytes: int) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    raw = [raw.decode() for _, _, raw in read(text.getvalue().encode(), chunk_bytes=chunk_bytes)]
    assert [next(csv.reader(io.StringIO(record, newline=""))) for record in raw] == rows


@pytest.mark.parametrize("chunk_bytes", [1, 7, WHOLE])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'1,5" pipe,"text\n2,injected,low\nmore",low\n3\n', [b'1,5" pipe,"text\n2,injected,low\nmore",low', b"3"]),
        (b'"a\nb",5" pipe,1\n2\n', [b'"a\nb",5" pipe,1', b"2"]),
        (b'"1","2""\n,"3"\n4\n', [b'"1","2""', b',"3"', b"4"]),
    ],
)
def test_a_stray_quote_leaves_quoted_cells_and_other_records_alone(
    data: bytes, expected: list[bytes], chunk_bytes: int
) -> None:
    assert [raw for _, _, raw in read(data, chunk_bytes=chunk_bytes)] == expected


def test_a_stray_quote_hides_no_quote_that_is_never_closed() -> None:
    with pytest.raises(DeliveryRefusedError, match="line 1: a quote that opens here is never closed"):
        read(b'1,5" pipe,"text,low\n2,x\n')
