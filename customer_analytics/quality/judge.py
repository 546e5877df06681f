"""Judging deliveries: every raw record becomes one row of the temporary table ``judged``, with all its reasons."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.content import uncompressed
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile, Delivery, assert_unchanged
from customer_analytics.landing.layout import Layout, match_columns, presentable
from customer_analytics.landing.manifest import assert_counted
from customer_analytics.quality.cells import csv_cells, jsonl_beside, jsonl_cells, parquet_cells
from customer_analytics.quality.compiler import compile_source, structure_reason
from customer_analytics.quality.corrections import REPLACED, apply_corrections
from customer_analytics.quality.delivery_rules import assert_constants, assert_few_files, assert_own_day, time_limit
from customer_analytics.quality.parquet import assert_readable_types, describe_parquet
from customer_analytics.quality.sql import name
from customer_analytics.quality.stream import RecordStream, read_header

# A record of ``judged`` that is one JSON object.
IS_WHOLE = "json_valid(_text) and json_type(_text) = 'OBJECT'"

# Whatever else goes wrong while a Parquet file is read, the file is damaged.
NOT_THE_FILES_FAULT = (duckdb.InterruptException, duckdb.OutOfMemoryException, duckdb.BinderException)

# DuckDB would look for other files where a name has one of these.
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Delivered:
    """What a delivery brought, counted while it was read: raw records, and how many of them are blank lines.

    ``unknown_columns`` are delivered and neither promised nor constants. ``stray_corrections`` are corrections of
    records that are not there, or not as they were.
    """

    records: int
    ignored: int
    unknown_columns: tuple[str, ...] = ()
    stray_corrections: int = 0


class Judge:
    """Judges the deliveries of one source on one connection, into its temporary table ``judged``.

    ``judged`` has _day, _file, _line, _byte_offset, _text (the raw record; null where it is not UTF-8, then _bytes has
    it), _reasons (empty where the record is good), every promised column, typed, _beside (the texts of columns that are
    kept beside them) and _cells (the texts of a bad record). ``replaced`` has the verdict on records before they were
    corrected.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        self._connection = connection
        self._source = source
        columns = ", ".join(f"{name(column.name)} {column.sql_type}" for column in source.contract.columns)
        for table in ("judged", REPLACED):
            connection.execute(
                f"""create or replace temp table {table} (
                  _day date, _file varchar, _line bigint, _byte_offset bigint, _text varchar, _bytes blob, {columns},
                  _beside map(varchar, varchar), _cells map(varchar, varchar),
                  _reasons struct("rule" varchar, "column" varchar, message varchar)[])"""
            )

    def judge(self, delivery: Delivery) -> Delivered:
        """Add a delivery's records to ``judged``; where it is refused, none of them stay.

        Raises:
            DeliveryRefusedError: the delivery as a whole cannot be trusted.
        """
        try:
            with time_limit(self._connection, self._source, delivery):
                assert_few_files(self._source, delivery)
                parts = [self._judge_file(delivery, file) for file in delivery.files]
                stray = apply_corrections(self._connection, self._source, delivery)
                assert_constants(self._connection, self._source, delivery)
                assert_own_day(self._connection, delivery)
            assert_unchanged(delivery)
        except (DeliveryRefusedError, OSError):
            for table in ("judged", REPLACED):
                self._connection.execute(f"delete from {table} where _day = ?", [delivery.day])
            raise
        unknown = {column for part in parts for column in part.unknown_columns}
        return Delivered(
            records=sum(part.records for part in parts),
            ignored=sum(part.ignored for part in parts),
            unknown_columns=tuple(sorted(unknown - set(self._source.policy.constants))),
            stray_corrections=stray,
        )

    def _judge_file(self, delivery: Delivery, file: DeliveredFile) -> Delivered:
        if file.format not in self._source.policy.formats:
            expected = ", ".join(self._source.policy.formats)
            message = f"{file.path}: {self._source.name} is delivered as {expected}. Convert it, or allow the format."
            raise DeliveryRefusedError(message)
        judged = {"csv": self._judge_csv, "jsonl": self._judge_jsonl, "parquet": self._judge_parquet}
        delivered = judged[file.format](delivery, file)
        assert_counted(file.path, delivery.promised_records.get(file.name), delivered.records - delivered.ignored)
        return delivered

    def _judge_csv(self, delivery: Delivery, file: DeliveredFile) -> Delivered:
        stream = RecordStream(file)
        header = stream.take_header()
        layout = self._layout(file, read_header(file, header))
        self._insert(csv_cells(self._source, layout), delivery, file, stream, header=header.strip().lower())
        return Delivered(stream.records, stream.blank, tuple(layout.unknown))

    def _judge_jsonl(self, delivery: Delivery, file: DeliveredFile) -> Delivered:
        stream = RecordStream(file)
        self._insert(jsonl_cells(self._source), delivery, file, stream)
        keys = self._keys(delivery, file)
        if not keys:
            return Delivered(stream.records, stream.blank)
        layout = self._layout(file, keys)
        kept = self._source.kept_beside(layout.unknown)
        if kept:
            texts, is_unclear = jsonl_beside(self._source, kept)
            unclear = structure_reason("json_number")
            self._connection.execute(
                f"""update judged set _beside = {texts},
                      _reasons = if({is_unclear}, list_append(_reasons, {unclear}), _reasons)
                    where _day = ? and _file = ? and {IS_WHOLE}""",
                [delivery.day, file.name],
            )
        return Delivered(stream.records, stream.blank, tuple(layout.unknown))

    def _judge_parquet(self, delivery: Delivery, file: DeliveredFile) -> Delivered:
        with uncompressed(file) as content:
            path = _GLOB.sub(r"[\g<0>]", str(content))
            try:
                columns, records = describe_parquet(self._connection, file, path)
                layout = self._layout(file, list(columns))
                assert_readable_types(self._source.contract, file, layout, list(columns.values()))
                self._insert(parquet_cells(self._source, layout), delivery, file, None, path=path)
            except NOT_THE_FILES_FAULT:
                raise
            except duckdb.Error as error:
                # DuckDB's own words may repeat values.
                message = f"{file.path} is not a whole Parquet file, or damaged. Deliver it again."
                raise DeliveryRefusedError(message) from error
        return Delivered(records, 0, tuple(layout.unknown))

    def _layout(self, file: DeliveredFile, delivered: Sequence[str]) -> Layout:
        contract, evolution = self._source.contract, self._source.policy.evolution
        accepts_missing = evolution.missing_columns == "accept"
        required = [column.name for column in contract.columns if not (column.nullable and accepts_missing)]
        layout = match_columns(file, delivered, contract.column_names, required)
        unknown = set(layout.unknown) - set(self._source.policy.constants)
        if unknown and evolution.new_columns == "refuse":
            message = (
                f"{file.path} has {len(unknown)} columns that are not promised: {presentable(unknown)}. Deliver it "
                "without them, add them to the contract, or let the source's evolution rule accept them."
            )
            raise DeliveryRefusedError(message)
        kept, most = self._source.kept_beside(unknown), self._source.policy.limits.new_columns
        if len(kept) > most:
            message = (
                f"{file.path} has {len(kept)} columns that are not promised; at most {most} are kept. Deliver fewer, "
                "or raise limits.new_columns."
            )
            raise DeliveryRefusedError(message)
        return layout

    def _insert(
        self, cells: str, delivery: Delivery, file: DeliveredFile, stream: RecordStream | None, **parameters: str
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

    def _keys(self, delivery: Delivery, file: DeliveredFile) -> list[str]:
        """What keys a JSONL file has: its header, so to speak."""
        rows = self._connection.execute(
            f"""select distinct key from (
                  select distinct json_keys(_text) as keys from judged where _day = ? and _file = ? and {IS_WHOLE}
                ), unnest(keys) as unnested(key) order by key""",
            [delivery.day, file.name],
        ).fetchall()
        return [str(row[0]) for row in rows]
