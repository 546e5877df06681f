"""Delivered Parquet files on their way into one query: files that are laid out alike are read by it together."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.content import uncompressed
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile
from customer_analytics.quality.cells import parquet_cells
from customer_analytics.quality.compiler import compile_source
from customer_analytics.quality.parquet import assert_readable_types, describe_parquet
from customer_analytics.quality.reading import MatchColumns

# Whatever else goes wrong while a Parquet file is read, it is damaged; unless what DuckDB could not read is another.
_NOT_THE_FILES_FAULT = (duckdb.InterruptException, duckdb.OutOfMemoryException, duckdb.BinderException)

# DuckDB would look for other files where a name has one of these.
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class ParquetReading:
    """A Parquet file that is to be read: ``cells`` is the SQL that gives its cells, ``path`` where its content lies.

    ``types`` are DuckDB's types of its columns; ``unknown`` are those columns that are not promised.
    """

    day: date
    file: DeliveredFile
    path: str
    cells: str
    types: tuple[str, ...]
    records: int
    unknown: tuple[str, ...]

    def is_read_like(self, other: "ParquetReading") -> bool:
        """Whether one query can read both as each by itself would be read."""
        return (self.cells, self.types) == (other.cells, other.types)


def insert_parquet(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    files: Iterable[tuple[date, DeliveredFile]],
    match_columns: MatchColumns,
) -> Iterator[ParquetReading]:
    """Judge the records of files into ``judged``, with one query for those that follow each other and are read alike.

    Raises:
        DeliveryRefusedError: one of the files cannot be read, or not as what is promised.
    """
    alike: list[ParquetReading] = []
    for day, file in files:
        with uncompressed(file) as content:
            reading = _open(connection, source, day, file, content, match_columns)
            if alike and not reading.is_read_like(alike[0]):
                _insert(connection, source, alike)
                alike = []
            alike.append(reading)
            # A decompressed copy is there for as long as the file is open.
            if file.compression:
                _insert(connection, source, alike)
                alike = []
        yield reading
    if alike:
        _insert(connection, source, alike)


def _open(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    day: date,
    file: DeliveredFile,
    content: Path,
    match_columns: MatchColumns,
) -> ParquetReading:
    path = _GLOB.sub(r"[\g<0>]", str(content))
    try:
        columns, records = describe_parquet(connection, file, path)
    except duckdb.Error as error:
        if not _is_damage(error, file, path):
            raise
        raise _damaged(file) from error
    types = tuple(columns.values())
    layout = match_columns(file, list(columns))
    assert_readable_types(source.contract, file, layout, types)
    return ParquetReading(day, file, path, parquet_cells(source, layout), types, records, tuple(layout.unknown))


def _insert(connection: duckdb.DuckDBPyConnection, source: Source, alike: Sequence[ParquetReading]) -> None:
    try:
        connection.execute(
            f"insert into judged {compile_source(source, alike[0].cells)}",
            {
                "days": [reading.day for reading in alike],
                "files": [reading.file.name for reading in alike],
                "paths": [reading.path for reading in alike],
            },
        )
    except duckdb.Error as error:
        if not any(_is_damage(error, reading.file, reading.path) for reading in alike):
            raise
        if len(alike) == 1:
            raise _damaged(alike[0].file) from error
        # Which of them it was, each by itself will show.
        for reading in alike:
            _insert(connection, source, [reading])


def _is_damage(error: duckdb.Error, file: DeliveredFile, path: str) -> bool:
    """Whether a file's content is why it could not be read, and not, for instance, a disk that is full."""
    if isinstance(error, duckdb.IOException):
        return str(file.path) in str(error) or path in str(error)
    return not isinstance(error, _NOT_THE_FILES_FAULT)


def _damaged(file: DeliveredFile) -> DeliveryRefusedError:
    """DuckDB's own words may repeat values, and are left out."""
    return DeliveryRefusedError(f"{file.path} is not a whole Parquet file, or damaged. Deliver it again.")
