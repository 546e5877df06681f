"""Judging deliveries: every raw record becomes one row of the temporary table ``judged``, with all its reasons."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from customer_analytics.contracts.source import Source
from customer_analytics.landing.content import uncompressed
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile, Delivery, assert_unchanged
from customer_analytics.landing.layout import Layout, match_columns
from customer_analytics.landing.records import CSV_CELL, CSV_RECORD, RECORD_SCHEMA, read_records
from customer_analytics.quality.cells import csv_cells, jsonl_cells, parquet_cells
from customer_analytics.quality.compiler import compile_source
from customer_analytics.quality.sql import name

# What a Parquet column may be, by the promised type; anything else would be changed by turning it into text.
_PARQUET_TYPES = {
    "varchar": ("VARCHAR", "ENUM", "UUID", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U"),
    "timestamp": ("TIMESTAMP", "DATE", "VARCHAR"),
    "decimal": ("DECIMAL", "DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "VARCHAR"),
    "bigint": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "VARCHAR"),
    "boolean": ("BOOLEAN", "VARCHAR"),
}

# DuckDB would look for other files where a name has one of these.
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Delivered:
    """What a delivery brought, counted while it was read: raw records, and how many of them are blank lines."""

    records: int
    ignored: int
    unknown_columns: tuple[str, ...]


class Judge:
    """Judges the deliveries of one source on one connection, into its temporary table ``judged``.

    ``judged`` has _day, _file, _line, _byte_offset, _text (the raw record; null where it is not UTF-8, then _bytes has
    it), _reasons (empty where the record is good), and every promised column, typed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        self._connection = connection
        self._source = source
        columns = ", ".join(f"{name(column.name)} {column.sql_type}" for column in source.contract.columns)
        connection.execute(
            f"""create or replace temp table judged (
              _day date, _file varchar, _line bigint, _byte_offset bigint, _text varchar, _bytes blob, {columns},
              _reasons struct("rule" varchar, "column" varchar, message varchar)[])"""
        )

    def judge(self, delivery: Delivery) -> Delivered:
        """Add a delivery's records to ``judged``; where it is refused, none of them stay.

        Raises:
            DeliveryRefusedError: the delivery as a whole cannot be trusted.
        """
        try:
            parts = [self._judge_file(delivery, file) for file in delivery.files]
            assert_unchanged(delivery)
        except (DeliveryRefusedError, OSError):
            self._connection.execute("delete from judged where _day = ?", [delivery.day])
            raise
        unknown = {column for part in parts for column in part.unknown_columns}
        return Delivered(
            records=sum(part.records for part in parts),
            ignored=sum(part.ignored for part in parts),
            unknown_columns=tuple(sorted(unknown)),
        )

    def _judge_file(self, delivery: Delivery, file: DeliveredFile) -> Delivered:
        if file.format not in self._source.policy.formats:
            expected = ", ".join(self._source.policy.formats)
            message = f"{file.path}: {self._source.name} is delivered as {expected}. Convert it, or allow the format."
            raise DeliveryRefusedError(message)
        if file.format == "parquet":
            return self._judge_parquet(delivery, file)
        stream = _Records(file)
        if file.format == "jsonl":
            self._insert(jsonl_cells(self._source), delivery, file, stream)
            return self._with_keys(delivery, file, stream.delivered())
        header = stream.take_header()
        layout = self._layout(file, _names(file, header))
        self._insert(csv_cells(self._source, layout), delivery, file, stream, header=header.strip().lower())
        return replace(stream.delivered(), unknown_columns=layout.unknown)

    def _judge_parquet(self, delivery: Delivery, file: DeliveredFile) -> Delivered:
        with uncompressed(file) as content:
            path = _GLOB.sub(r"[\g<0>]", str(content))
            try:
                described = self._connection.execute(
                    "describe select * from read_parquet(?, hive_partitioning = false)", [path]
                ).fetchall()
                rows = self._connection.execute("select sum(num_rows) from parquet_file_metadata(?)", [path]).fetchone()
                layout = self._layout(file, [row[0] for row in described])
                self._assert_parquet_types(file, layout, [str(row[1]) for row in described])
                self._insert(parquet_cells(self._source, layout), delivery, file, None, path=path)
            except (duckdb.InvalidInputException, duckdb.IOException) as error:
                # DuckDB's own words may repeat values.
                message = f"{file.path} is not a whole Parquet file, or damaged. Deliver it again."
                raise DeliveryRefusedError(message) from error
        return Delivered(records=int(rows[0]) if rows else 0, ignored=0, unknown_columns=layout.unknown)

    def _layout(self, file: DeliveredFile, delivered: list[str]) -> Layout:
        contract = self._source.contract
        required = [column.name for column in contract.columns if not column.nullable]
        return match_columns(file, delivered, contract.column_names, required)

    def _assert_parquet_types(self, file: DeliveredFile, layout: Layout, types: list[str]) -> None:
        for column in self._source.contract.columns:
            position = layout.positions[column.name]
            allowed = _PARQUET_TYPES[column.sql_type.split("(")[0]]
            if position is not None and (not types[position].startswith(allowed) or types[position].endswith("]")):
                message = (
                    f"{file.path}: {column.name} is {types[position]}, which cannot be read as "
                    f"{column.sql_type} without changing it. Deliver it as {column.sql_type} or as text."
                )
                raise DeliveryRefusedError(message)

    def _insert(
        self, cells: str, delivery: Delivery, file: DeliveredFile, stream: "_Records | None", **parameters: str
    ) -> None:
        query = f"insert into judged {compile_source(self._source, cells)}"
        values = {"day": delivery.day, "file": file.name, **parameters}
        if stream is None:
            self._connection.execute(query, values)
            return
        with stream.reader() as reader:
            self._connection.register("records", reader)
            try:
                self._connection.execute(query, values)
            except duckdb.Error:
                if stream.error:
                    raise stream.error from None
                raise
            finally:
                self._connection.unregister("records")

    def _with_keys(self, delivery: Delivery, file: DeliveredFile, delivered: Delivered) -> Delivered:
        """What keys a JSONL file has: its header, so to speak."""
        rows = self._connection.execute(
            """select distinct key from (
                 select distinct json_keys(_text) as keys from judged
                 where _day = ? and _file = ? and json_valid(_text) and json_type(_text) = 'OBJECT'
               ), unnest(keys) as unnested(key)""",
            [delivery.day, file.name],
        ).fetchall()
        keys = {str(row[0]) for row in rows}
        if not keys:
            return delivered
        contract = self._source.contract
        missing = [column.name for column in contract.columns if not column.nullable and column.name not in keys]
        if missing:
            message = (
                f"{file.path}: no record has {', '.join(missing)}; of the promised names there are "
                f"{', '.join(name for name in contract.column_names if name in keys) or 'none'}. "
                "Deliver one JSON object a line, with the promised names."
            )
            raise DeliveryRefusedError(message)
        return replace(delivered, unknown_columns=tuple(sorted(keys - set(contract.column_names))))


class _Records:
    """The raw records of one text file as a stream that counts what passes and keeps the error that ended it."""

    def __init__(self, file: DeliveredFile) -> None:
        self._file = file
        self._batches = read_records(file)
        self._rest: pa.RecordBatch | None = None
        self._records = 0
        self._blank = 0
        self.error: DeliveryRefusedError | OSError | None = None

    def take_header(self) -> str:
        """The first line that is not blank."""
        for batch in self._batches:
            for position, text in enumerate(batch.column("text")):
                if text.as_py() is None or text.as_py().strip():
                    self._rest = batch.slice(position + 1)
                    return str(text.as_py() or "")
                self._records += 1
                self._blank += 1
        message = f"{self._file.path} has no header. Deliver at least the line with the column names."
        raise DeliveryRefusedError(message)

    def reader(self) -> pa.RecordBatchReader:
        """What is left, for DuckDB to pull."""
        return pa.RecordBatchReader.from_batches(RECORD_SCHEMA, self._counted())

    def delivered(self) -> Delivered:
        """What has passed."""
        return Delivered(self._records, self._blank, ())

    def _counted(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._remaining():
                self._records += batch.num_rows
                self._blank += _count_blank(batch)
                yield batch
        except (DeliveryRefusedError, OSError) as error:
            self.error = error
            raise

    def _remaining(self) -> Iterator[pa.RecordBatch]:
        if self._rest is not None:
            yield self._rest
        yield from self._batches


def _names(file: DeliveredFile, header: str) -> list[str]:
    if not re.fullmatch(CSV_RECORD, header):
        message = f"{file.path}: the header has quotes that do not enclose a whole name. Mend it and deliver it again."
        raise DeliveryRefusedError(message)
    cells = (cell.strip(" \t") for cell in re.findall(f",({CSV_CELL})", f",{header}"))
    return [cell[1:-1].replace('""', '"') if cell.startswith('"') else cell for cell in cells]


def _count_blank(batch: pa.RecordBatch) -> int:
    text = batch.column("text")
    lengths = pc.utf8_length(pc.utf8_trim(text, characters=" \t"))
    return int(pc.sum(pc.equal(lengths, 0)).as_py() or 0)
