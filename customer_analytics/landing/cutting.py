"""Cutting the raw records of a CSV file into cells, a batch at a time.

Where the commas stand is found with numpy for a whole batch; Python looks only at the rare records whose quotes do more
than enclose cells, or that are very long. Cells are without their quotes, and without spaces around them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_analytics.landing.records import CSV_CELL, CSV_RECORD, QUOTE, RECORD_SCHEMA, Positions, between

COMMA = ord(",")
# So many spaces beside a cell are passed in step with those of all others; a longer run is passed at once.
_FEW_BLANKS = 8
_IS_BLANK = np.isin(np.arange(256), [ord(" "), ord("\t")])

# Every quote belongs to a pair that encloses a cell, or stands doubled within one: a comma is a cell's own where the
# quotes before it in the record are odd in number.
_REGULAR = r'(?:[ \t]*"[^"]*(?:""[^"]*)*"[ \t]*|[^",\r\n]*)'
_REGULAR_RECORD = rf"\A{_REGULAR}(?:,{_REGULAR})*\z"
_WHOLE_RECORD = rf"\A(?:{CSV_RECORD})\z"
_EACH_CELL = re.compile(f",({CSV_CELL})")

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Texts:
    """Records end to end in one buffer: record n stands from ``edges[n]`` to ``edges[n + 1]``."""

    data: Bytes
    edges: Positions

    def where(self, character: int) -> Positions:
        """Where a character stands in any of the records."""
        first, last = int(self.edges[0]), int(self.edges[-1])
        places: Positions = np.flatnonzero(self.data[first:last] == character) + first
        return places


def unquoted(cell: str) -> str:
    """What a cell says, without the quotes around it."""
    bare = cell.strip(" \t")
    return bare[1:-1].replace('""', '"') if bare.startswith('"') else cell


class Cutter:
    """Cuts records into ``width`` cells.

    ``schema`` is that of the cut records: the raw record's columns, ``defect`` (encoding, quotes, columns, cell_size;
    null where it could be cut) and ``cell_1``, ``cell_2``, ... A cell longer than ``longest`` characters is a defect.
    """

    def __init__(self, width: int, longest: int) -> None:
        self._width = width
        self._longest = longest
        cells = [pa.field(f"cell_{n}", pa.string()) for n in range(1, width + 1)]
        self.schema = pa.schema([*RECORD_SCHEMA, pa.field("defect", pa.string()), *cells])

    def cut(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The records of a batch of ``RECORD_SCHEMA``, cut."""
        text = batch.column("text")
        texts = _read(text)
        odd, is_text = self._odd(text, texts), ~text.is_null().to_numpy(zero_copy_only=False)
        commas, counts = _separators(texts)
        is_cut = is_text & ~odd & (counts == self._width - 1)
        columns = self._cells(texts, commas[np.repeat(is_cut, counts)], is_cut)
        defect = pa.nulls(len(text), pa.string())
        if not is_cut.all():
            defect = pa.array(np.where(is_text, "columns", "encoding"), mask=is_cut)
        if odd.any():
            defect, columns = self._with_odd(text, odd, defect, columns)
        return pa.RecordBatch.from_arrays([*batch.columns, defect, *columns], schema=self.schema)

    def _odd(self, text: pa.StringArray, texts: _Texts) -> Mask:
        """The records that are cut one by one."""
        odd: Mask = np.diff(texts.edges) > self._longest
        quotes = texts.where(QUOTE)
        if len(quotes):
            quoted = np.flatnonzero(np.diff(np.searchsorted(quotes, texts.edges)))
            is_regular = pc.match_substring_regex(text.take(pa.array(quoted)), _REGULAR_RECORD)
            odd[quoted[~is_regular.to_numpy(zero_copy_only=False)]] = True
        return odd

    def _cells(self, texts: _Texts, commas: Positions, is_cut: Mask) -> list[pa.StringArray]:
        """The cells by column; null where a record is not cut. ``commas`` are those of the records that are."""
        firsts, lasts = texts.edges[:-1], texts.edges[1:]
        inner = commas.reshape(int(is_cut.sum()), self._width - 1)
        starts = np.column_stack([firsts[is_cut], inner + 1])
        ends = np.column_stack([inner, lasts[is_cut]])
        places = pa.array(np.arange(0, 2 * len(is_cut), 2), mask=~is_cut)
        columns = []
        for n in range(self._width):
            first, last = firsts.copy(), firsts.copy()
            first[is_cut], last[is_cut] = starts[:, n], ends[:, n]
            columns.append(_column(texts.data, first, last, places))
        return columns

    def _with_odd(
        self, text: pa.StringArray, odd: Mask, defect: pa.StringArray, columns: Sequence[pa.StringArray]
    ) -> tuple[pa.StringArray, list[pa.StringArray]]:
        raw = text.filter(pa.array(odd))
        is_whole = pc.match_substring_regex(raw, _WHOLE_RECORD).to_pylist()
        cut = [
            self._one(record) if whole else "quotes" for record, whole in zip(raw.to_pylist(), is_whole, strict=True)
        ]
        defects = pa.array([each if isinstance(each, str) else None for each in cut], pa.string())
        cells = [[None] * self._width if isinstance(each, str) else each for each in cut]
        return pc.replace_with_mask(defect, pa.array(odd), defects), [
            pc.replace_with_mask(column, pa.array(odd), pa.array([each[n] for each in cells], pa.string()))
            for n, column in enumerate(columns)
        ]

    def _one(self, record: str) -> list[str] | str:
        """The cells of a whole record, or its defect."""
        cells = [unquoted(cell) for cell in _EACH_CELL.findall(f",{record}")]
        if len(cells) != self._width:
            return "columns"
        if max(map(len, cells)) > self._longest:
            return "cell_size"
        return [cell.strip(" \t") for cell in cells]


def _read(text: pa.StringArray) -> _Texts:
    _, edges, data = text.buffers()
    all_edges = np.frombuffer(edges, dtype=np.int32)
    within = all_edges[text.offset : text.offset + len(text) + 1].astype(np.int64)
    return _Texts(np.frombuffer(data or b"\0", dtype=np.uint8), within)


def _separators(texts: _Texts) -> tuple[Positions, Positions]:
    """Where the commas stand that are not enclosed in quotes, and how many there are in each record."""
    commas, quotes = texts.where(COMMA), texts.where(QUOTE)
    counts = np.diff(np.searchsorted(commas, texts.edges))
    if not len(quotes):
        return commas, counts
    records = np.repeat(np.arange(len(counts)), counts)
    before = np.searchsorted(quotes, commas) - np.searchsorted(quotes, texts.edges[:-1])[records]
    outside = before % 2 == 0
    return commas[outside], np.bincount(records[outside], minlength=len(counts))


def _column(data: Bytes, starts: Positions, ends: Positions, places: pa.Array) -> pa.StringArray:
    """The cells of a column between ``starts`` and ``ends``, which are moved."""
    _trim(data, starts, ends)
    quoted = np.flatnonzero((starts < ends) & (_at(data, starts) == QUOTE))
    if len(quoted):
        starts[quoted] += 1
        ends[quoted] -= 1
        _trim(data, starts, ends)
    cells = between(data, starts, ends, pa.string()).take(places)
    return pc.replace_substring(cells, '""', '"') if len(quoted) else cells


def _trim(data: Bytes, starts: Positions, ends: Positions) -> None:
    """Move the edges of cells inwards past spaces and tabs."""
    for edges, step, offset, strip in ((starts, 1, 0, bytes.lstrip), (ends, -1, -1, bytes.rstrip)):
        blank = np.flatnonzero(_IS_BLANK[_at(data, edges + offset)] & (starts < ends))
        for _ in range(_FEW_BLANKS if len(blank) else 0):
            edges[blank] += step
            blank = blank[_IS_BLANK[_at(data, edges[blank] + offset)] & (starts[blank] < ends[blank])]
        for cell in blank:
            text = data[starts[cell] : ends[cell]].tobytes()
            edges[cell] += step * (len(text) - len(strip(text, b" \t")))


def _at(data: Bytes, places: Positions) -> Bytes:
    return data[np.clip(places, 0, len(data) - 1)]
