"""Cutting raw CSV records into cells: whatever is cut in one go is what a look at each character gives."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.landing.cutting import Cutter
from customer_analytics.landing.records import RECORD_SCHEMA

LONGEST = 12
examples = settings(max_examples=500, deadline=None, derandomize=True, database=None)

Cut = tuple[str | None, ...]


def batch(records: list[str | None]) -> pa.RecordBatch:
    count = len(records)
    columns = [range(1, count + 1), range(count), records, [b"\xff" if text is None else None for text in records]]
    return pa.RecordBatch.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, RECORD_SCHEMA, strict=True)],
        schema=RECORD_SCHEMA,
    )


def cut(records: list[str | None], width: int) -> list[Cut]:
    """The defect of each record, then its cells."""
    rows = Cutter(width, LONGEST).cut(batch(records)).to_pylist()
    return [(row["defect"], *(row[f"cell_{n}"] for n in range(1, width + 1))) for row in rows]


def slowly(record: str | None, width: int) -> Cut:
    """The same for one record, a character at a time."""
    nothing = (None,) * width
    if record is None:
        return ("encoding", *nothing)
    cells, rest = [], record
    while True:
        cell = take_cell(rest)
        if cell is None:
            return ("quotes", *nothing)
        text, taken = cell
        cells.append(text)
        if taken == len(rest):
            break
        rest = rest[taken + 1 :]
    if len(cells) != width:
        return ("columns", *nothing)
    if max(map(len, cells)) > LONGEST:
        return ("cell_size", *nothing)
    return (None, *(each.strip(" \t") for each in cells))


def take_cell(rest: str) -> tuple[str, int] | None:
    """What the first cell says, and where its comma or the end stands; None where its quotes enclose no whole cell."""
    at = len(rest) - len(rest.lstrip(" \t"))
    if rest[at : at + 1] != '"':
        end = rest.find(",")
        if "\n" in (rest if end < 0 else rest[:end]):
            return None
        return (rest, len(rest)) if end < 0 else (rest[:end], end)
    text, at = "", at + 1
    while at < len(rest):
        if rest[at : at + 2] == '""':
            text, at = text + '"', at + 2
        elif rest[at] == '"':
            behind = rest[at + 1 :].lstrip(" \t")
            return (text, len(rest) - len(behind)) if not behind or behind[0] == "," else None
        else:
            text, at = text + rest[at], at + 1
    return None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("a,b", (None, "a", "b")),
        ("a,", (None, "a", "")),
        (" a\t, b ", (None, "a", "b")),
        ('"a","b"', (None, "a", "b")),
        ('"a,1", "b"', (None, "a,1", "b")),
        ('"say ""a""",b', (None, 'say "a"', "b")),
        ('"a\nb",c', (None, "a\nb", "c")),
        ('" a ",b', (None, "a", "b")),
        ('5" pipe,b', (None, '5" pipe', "b")),
        ('"","é"', (None, "", "é")),
        ("a", ("columns", None, None)),
        ("a,b,c", ("columns", None, None)),
        ('"a"x,b', ("quotes", None, None)),
        ("a,1234567890123", ("cell_size", None, None)),
        ("a,éééééééééééé", (None, "a", "éééééééééééé")),
        (None, ("encoding", None, None)),
    ],
)
def test_a_record_is_cut(record: str | None, expected: Cut) -> None:
    assert cut([record], 2) == [expected]
    assert cut(["x,y", record, '"x",y', record], 2) == [(None, "x", "y"), expected, (None, "x", "y"), expected]


pieces = st.sampled_from(["a", "é", ",", ",", '"', '""', '","', " ", "\t", "\n", "1234567"])
records_of_pieces = st.lists(pieces, min_size=1, max_size=10).map("".join)


@examples
@given(st.lists(st.none() | records_of_pieces, min_size=1, max_size=12), st.integers(1, 4))
def test_records_are_cut_as_one_by_one(records: list[str | None], width: int) -> None:
    # Without quotes, a newline would have ended the record.
    usable = [text for text in records if text is None or "\n" not in text or '"' in text]
    assert cut(usable, width) == [slowly(text, width) for text in usable]


def test_a_slice_of_a_batch_is_cut_like_a_whole_one() -> None:
    cutter = Cutter(2, LONGEST)
    whole = batch(["order_id,status", "O-1,paid", None, '"O-2","new"'])
    assert cutter.cut(whole.slice(1)).to_pylist() == cutter.cut(whole).to_pylist()[1:]
    assert cutter.cut(whole.slice(4)).num_rows == 0


def test_long_runs_of_spaces_are_taken_off() -> None:
    blank = " \t" * 2000
    records = [f"a{blank},{blank}b", f"{blank},c", f'{blank}"d"{blank},"{blank}e"', "f,g"]
    rows = Cutter(2, 50_000).cut(batch([*records])).to_pylist()
    assert [(row["cell_1"], row["cell_2"]) for row in rows] == [("a", "b"), ("", "c"), ("d", "e"), ("f", "g")]
