"""Judging deliveries: every raw record becomes one row of the table ``judged``, with all its reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile, Delivery
from customer_analytics.landing.layout import Layout, match_columns, presentable
from customer_analytics.landing.manifest import assert_counted
from customer_analytics.landing.unchanged import assert_unchanged
from customer_analytics.quality.cells import jsonl_beside
from customer_analytics.quality.compiler import structure_reason
from customer_analytics.quality.corrections import REPLACED, apply_corrections
from customer_analytics.quality.delivery_rules import assert_constants, assert_few_files, assert_own_day, time_limit
from customer_analytics.quality.reading import Reading, insert_all, open_text
from customer_analytics.quality.reading_parquet import insert_parquet
from customer_analytics.quality.sql import name, text_map

# A record of ``judged`` that is one JSON object; of one without reasons that is known.
IS_WHOLE = "(len(_reasons) = 0 or (json_valid(_text) and json_type(_text) = 'OBJECT'))"

# How a judge makes a table, by its name.
IN_MEMORY = "temp table {}"


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


@dataclass(frozen=True)
class _FilePart:
    """What one file of a delivery brought; ``unpromised`` are its columns that are not promised, constants too."""

    records: int
    ignored: int
    unpromised: tuple[str, ...]


class Judge:
    """Judges the deliveries of one source on one connection, into ``judged``, a table made as ``table`` says.

    ``judged`` has _day, _file, _line, _byte_offset, _text (the raw record; null where it is not UTF-8, then _bytes has
    it, and of good CSV records until it is recalled), _reasons (empty where the record is good), every promised column,
    typed, _beside (the texts of columns that are kept beside them) and _cells (the texts of a bad record). ``replaced``
    has the verdict on records before they were corrected. ``is_in_order`` tells whether its good records lie in the
    order of days, files and lines.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source, table: str = IN_MEMORY) -> None:
        self._connection = connection
        self._source = source
        self._latest = date.min
        self.is_in_order = True
        columns = ", ".join(f"{name(column.name)} {column.sql_type}" for column in source.contract.columns)
        for each in ("judged", REPLACED):
            # That of an earlier judge would hide one that is made elsewhere.
            connection.execute(f"drop table if exists temp.{each}")
            connection.execute(
                f"""create {table.format(each)} (
                  _day date, _file varchar, _line bigint, _byte_offset bigint, _text varchar, _bytes blob, {columns},
                  _beside map(varchar, varchar), _cells map(varchar, varchar),
                  _reasons struct("rule" varchar, "column" varchar, message varchar)[])"""
            )

    def judge(self, delivery: Delivery) -> Delivered:
        """Add a delivery's records to ``judged``; where it is refused, none of them stay.

        Raises:
            DeliveryRefusedError: the delivery as a whole cannot be trusted.
        """
        return self.judge_together([delivery])[delivery.day]

    def judge_together(self, deliveries: Sequence[Delivery]) -> dict[date, Delivered]:
        """Add the records of deliveries to ``judged``, all of them or none; tells what they brought, by day.

        Raises:
            DeliveryRefusedError: one of the deliveries cannot be trusted, or all of them take longer than one may.
        """
        days = [delivery.day for delivery in deliveries]
        try:
            with time_limit(self._connection, self._source, deliveries[0]):
                for delivery in deliveries:
                    assert_few_files(self._source, delivery)
                parts = self._judge_files(deliveries)
                stray = {each.day: apply_corrections(self._connection, self._source, each) for each in deliveries}
                for delivery in deliveries:
                    if _unpromised(parts[delivery.day]) & set(self._source.policy.constants):
                        assert_constants(self._connection, self._source, delivery)
                assert_own_day(self._connection, deliveries)
            for delivery in deliveries:
                assert_unchanged(delivery)
            self._note_order(deliveries)
        except (DeliveryRefusedError, OSError):
            for table in ("judged", REPLACED):
                self._connection.execute(f"delete from {table} where list_contains(?, _day)", [days])
            raise
        return {day: self._delivered(parts[day], stray[day]) for day in days}

    def _note_order(self, deliveries: Sequence[Delivery]) -> None:
        # Corrected records, and Parquet files among others, are judged last.
        self.is_in_order &= len({file.format for delivery in deliveries for file in delivery.files}) == 1
        for delivery in deliveries:
            self.is_in_order &= delivery.day >= self._latest and not delivery.corrections
            self._latest = delivery.day

    def _delivered(self, parts: Sequence[_FilePart], stray_corrections: int) -> Delivered:
        return Delivered(
            records=sum(part.records for part in parts),
            ignored=sum(part.ignored for part in parts),
            unknown_columns=tuple(sorted(_unpromised(parts) - set(self._source.policy.constants))),
            stray_corrections=stray_corrections,
        )

    def _judge_files(self, deliveries: Sequence[Delivery]) -> dict[date, list[_FilePart]]:
        """What each file brought, by day."""
        by_day = {delivery.day: delivery for delivery in deliveries}
        parts: dict[date, list[_FilePart]] = {day: [] for day in by_day}
        readings = insert_all(self._connection, self._source, self._text_files(deliveries))
        keys = self._keys([reading for reading in readings if reading.file.format == "jsonl"])
        for reading in readings:
            delivered = keys.get((reading.day, reading.file.name))
            unpromised = self._judge_keys(reading, delivered) if delivered else reading.unknown
            part = _FilePart(reading.stream.records, reading.stream.blank, unpromised)
            _assert_as_promised(by_day[reading.day], reading.file, part)
            parts[reading.day].append(part)
        files = ((each.day, file) for each in deliveries for file in each.files if file.format == "parquet")
        for read in insert_parquet(self._connection, self._source, files, self._layout):
            part = _FilePart(read.records, 0, read.unknown)
            _assert_as_promised(by_day[read.day], read.file, part)
            parts[read.day].append(part)
        return parts

    def _text_files(self, deliveries: Sequence[Delivery]) -> Iterator[Reading]:
        formats = self._source.policy.formats
        for delivery in deliveries:
            for file in delivery.files:
                if file.format not in formats:
                    message = (
                        f"{file.path}: {self._source.name} is delivered as {', '.join(formats)}. Convert it, or allow "
                        "the format."
                    )
                    raise DeliveryRefusedError(message)
                if file.format != "parquet":
                    yield open_text(self._source, delivery.day, file, self._layout)

    def _judge_keys(self, reading: Reading, keys: Sequence[str]) -> tuple[str, ...]:
        """Judge a JSONL file by the keys of its records, its header, so to speak; those that are not promised."""
        day, file = reading.day, reading.file
        layout = self._layout(file, keys)
        kept = self._source.kept_beside(layout.unknown)
        if kept:
            self.is_in_order = False
            texts, is_unclear = jsonl_beside(self._source, kept)
            unclear = structure_reason("json_number")
            self._connection.execute(
                f"""update judged set _beside = {texts},
                      _reasons = if({is_unclear}, list_append(_reasons, {unclear}), _reasons)
                    where _day = ? and _file = ? and {IS_WHOLE}""",
                [day, file.name],
            )
        return tuple(layout.unknown)

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

    def _keys(self, readings: Sequence[Reading]) -> dict[tuple[date, str], list[str]]:
        """The keys of the records of JSONL files, by day and file; a file without a record that is JSON has none."""
        if not readings:
            return {}
        rows = self._connection.execute(
            f"""select _day, _file, list_sort(list_distinct(flatten(list(keys))))
                from (
                  select distinct _day, _file, json_keys(_text) as keys from judged
                  where list_contains($days, _day) and list_contains($files, _file) and {IS_WHOLE}
                ) group by all""",
            {
                "days": list({reading.day for reading in readings}),
                "files": list({reading.file.name for reading in readings}),
            },
        ).fetchall()
        return {(day, file): keys for day, file, keys in rows}


def cells_of_bad_record(source: Source) -> str:
    """SQL: the texts of a bad record of ``judged`` by column; null where it could not be cut into cells.

    A record that was set aside only for its key has good cells: their texts are those of its values.
    """
    typed = text_map({column: f"{name(column)}::varchar" for column in source.contract.column_names})
    has_values = f"{name(source.contract.key)} is not null"
    return f"case when _cells is not null then _cells when {has_values} then {typed} end"


def _unpromised(parts: Sequence[_FilePart]) -> set[str]:
    return {column for part in parts for column in part.unpromised}


def _assert_as_promised(delivery: Delivery, file: DeliveredFile, part: _FilePart) -> None:
    assert_counted(file.path, delivery.promised_records.get(file.name), part.records - part.ignored)
