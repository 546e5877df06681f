"""Delivered text files on their way into one query: files that are cut alike are read one after the other by it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby

import duckdb
import pyarrow as pa

from customer_analytics.contracts.source import Source
from customer_analytics.landing.cutting import Cutter
from customer_analytics.landing.folder import DeliveredFile
from customer_analytics.landing.layout import Layout
from customer_analytics.landing.records import RECORD_SCHEMA
from customer_analytics.quality.cells import csv_cells, jsonl_cells
from customer_analytics.quality.compiler import compile_source
from customer_analytics.quality.feeding import PLACE_FIELDS, feed, placed
from customer_analytics.quality.stream import RecordStream, read_header

MatchColumns = Callable[[DeliveredFile, Sequence[str]], Layout]


@dataclass(frozen=True)
class Reading:
    """A text file that is being read: ``cells`` is the SQL that gives its cells, with ``parameters``.

    ``unknown`` are the columns of its header that are not promised; a JSONL file has none.
    """

    day: date
    file: DeliveredFile
    stream: RecordStream
    cells: str
    parameters: Mapping[str, str]
    cutter: Cutter | None = None
    unknown: tuple[str, ...] = ()

    @property
    def way_of_reading(self) -> tuple[object, ...]:
        """What files have in common that one query can read."""
        return self.cells, *self.parameters.items()

    @property
    def schema(self) -> pa.Schema:
        """The columns that the query reads."""
        return pa.schema([*PLACE_FIELDS, *(self.cutter.schema if self.cutter else RECORD_SCHEMA)])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What the query reads."""
        for batch in self.stream.batches():
            cut = self.cutter.cut(batch) if self.cutter else batch
            yield placed(self.day, self.file, cut.columns, self.schema)


def open_text(source: Source, day: date, file: DeliveredFile, match_columns: MatchColumns) -> Reading:
    """Begin to read a CSV or JSONL file.

    Raises:
        DeliveryRefusedError: its header cannot be used.
    """
    stream = RecordStream(file)
    if file.format == "jsonl":
        return Reading(day, file, stream, jsonl_cells(source), {})
    header = stream.take_header()
    names = read_header(file, header)
    layout = match_columns(file, names)
    parameters = {"header": header.strip().lower(), "first": names[0].lower()}
    cutter = Cutter(len(names), source.policy.limits.cell_characters)
    return Reading(day, file, stream, csv_cells(source, layout), parameters, cutter, tuple(layout.unknown))


def insert_all(connection: duckdb.DuckDBPyConnection, source: Source, readings: Iterable[Reading]) -> list[Reading]:
    """Judge the records of files into ``judged``; files that follow each other and are read alike share queries.

    ``readings`` are opened one at a time, while a query reads.

    Raises:
        DeliveryRefusedError: one of the files cannot be read.
    """
    read: list[Reading] = []
    for _, alike in groupby(readings, key=lambda reading: reading.way_of_reading):
        _insert(connection, source, alike, read)
    return read


def _insert(
    connection: duckdb.DuckDBPyConnection, source: Source, alike: Iterator[Reading], read: list[Reading]
) -> None:
    first = next(alike)

    def batches() -> Iterator[pa.RecordBatch]:
        for reading in chain([first], alike):
            read.append(reading)
            yield from reading.batches()

    # Which keys JSON records have is asked once all are read; of CSV, a text that is needed later is soon read again.
    query = compile_source(source, first.cells, keeps_texts=first.file.format != "csv")
    feed(connection, f"insert into judged {query}", first.parameters, first.schema, batches())
