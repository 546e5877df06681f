"""Delivered text files on their way into one query: files that are cut alike are read one after the other by it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby

import duckdb
import pyarrow as pa

from customer_analytics.contracts.source import Source
from customer_analytics.landing.cutting import Cutter
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile
from customer_analytics.landing.layout import Layout
from customer_analytics.landing.records import RECORD_SCHEMA
from customer_analytics.quality.cells import csv_cells, jsonl_cells
from customer_analytics.quality.compiler import compile_source
from customer_analytics.quality.stream import RecordStream, read_header

# One query reads as many bytes of batches, because Arrow reads ahead of it, by up to a gigabyte.
QUERY_BYTES = 256 * 1024 * 1024
# What stands before the columns of a raw record: where it comes from.
_PLACE = [pa.field("day", pa.date32()), pa.field("file", pa.string())]

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
    def is_read_alike(self) -> tuple[object, ...]:
        """What files have in common that one query can read."""
        return self.cells, *self.parameters.items()

    @property
    def schema(self) -> pa.Schema:
        """The columns that the query reads."""
        return pa.schema([*_PLACE, *(self.cutter.schema if self.cutter else RECORD_SCHEMA)])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What the query reads."""
        for batch in self.stream.batches():
            cut = self.cutter.cut(batch) if self.cutter else batch
            place = [pa.repeat(pa.scalar(self.day, pa.date32()), len(cut)), pa.repeat(self.file.name, len(cut))]
            yield pa.RecordBatch.from_arrays([*place, *cut.columns], schema=self.schema)


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
    for _, alike in groupby(readings, key=lambda reading: reading.is_read_alike):
        _insert(connection, source, alike, read)
    return read


def _insert(
    connection: duckdb.DuckDBPyConnection, source: Source, alike: Iterator[Reading], read: list[Reading]
) -> None:
    errors: list[DeliveryRefusedError | OSError] = []
    first = next(alike)

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for reading in chain([first], alike):
                read.append(reading)
                yield from reading.batches()
        except (DeliveryRefusedError, OSError) as error:
            errors.append(error)
            raise

    query = f"insert into judged {compile_source(source, first.cells)}"
    waiting = batches()
    for batch in waiting:
        with pa.RecordBatchReader.from_batches(first.schema, _of_one_query(batch, waiting)) as reader:
            connection.register("records", reader)
            try:
                connection.execute(query, dict(first.parameters) or None)
            except duckdb.Error:
                if errors:
                    raise errors[0] from None
                raise
            finally:
                connection.unregister("records")
    pa.default_memory_pool().release_unused()  # Arrow would keep it for what it may read next.


def _of_one_query(first: pa.RecordBatch, following: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The first batch, and as many of those that follow as are read with it."""
    size = 0
    for batch in chain([first], following):
        yield batch
        size += batch.nbytes
        if size >= QUERY_BYTES:
            return
