"""Whatever files a day has: every raw record has its place, its verdict and its values, or the file is refused.

A day has several generated files, so that they share the cost of the oracle; those that nothing could be read from are
delivered alone.
"""

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandera.pandas as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.source import Source
from customer_analytics.contracts.support_tickets import SupportTickets
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import LandingArea
from customer_analytics.quality.duplicates import reject_within_day
from customer_analytics.quality.judge import Delivered, Judge
from customer_analytics.quality.recalling import recall_texts
from customer_analytics_tests.effort import LONG_FILES, LONG_PARTS, QUICK_FILES, long, quick
from customer_analytics_tests.oracle import Cells, bad_records
from customer_analytics_tests.quality.generated_files import GeneratedFile, files_of
from customer_analytics_tests.quality.slow_reader import RawRecord, Reading, UnreadableError, read_file
from customer_analytics_tests.quality.strategies import ORDER_LISTS, SECRET, TICKET_LISTS
from customer_analytics_tests.scenario import DAY, ORDERS, TICKETS, land

# On average at least. A day that fails shrinks to the one file that is to blame.
FILES_A_DAY = 4
DAYS_OF_ORDERS = st.lists(files_of(ORDER_LISTS), min_size=1, max_size=11)
DAYS_OF_TICKETS = st.lists(files_of(TICKET_LISTS), min_size=1, max_size=11)
QUICK_DAYS = math.ceil(QUICK_FILES / 2 / FILES_A_DAY)
LONG_DAYS = math.ceil(LONG_FILES / 2 / FILES_A_DAY / LONG_PARTS)

Row = tuple[Any, ...]
Place = tuple[str, int]


@dataclass(frozen=True)
class Judged:
    """A day that was not refused; a row has a record's file, line, offset, raw bytes, whether it is bad, its values."""

    delivered: Delivered
    rows: Sequence[Row]


@dataclass(frozen=True)
class Court:
    """Where generated days are judged: one connection and one landing area for all of them."""

    connection: duckdb.DuckDBPyConnection
    root: Path

    def judge(self, source: Source, files: Mapping[str, bytes]) -> Judged | str:
        """What the files brought, or why the day is refused."""
        land(self.root, source, files)
        try:
            delivery = LandingArea(self.root).open(source.name, DAY)
            delivered = Judge(self.connection, source).judge(delivery)
        except DeliveryRefusedError as error:
            return str(error)
        reject_within_day(self.connection, source)
        recall_texts(self.connection, [delivery], "true")
        columns = ", ".join(source.contract.column_names)
        rows = self.connection.execute(
            f"""select _file, _line, _byte_offset, coalesce(_bytes, encode(_text)), len(_reasons) > 0, {columns}
                from judged order by _file, _line"""
        ).fetchall()
        return Judged(delivered, rows)


@pytest.fixture(scope="module")
def court() -> Iterator[Court]:
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        duckdb.connect(config={"threads": 1}) as connection,
    ):
        connection.execute("set TimeZone = 'UTC'")
        yield Court(connection, Path(folder))


def assert_whole_truth(
    court: Court, model: type[pa.DataFrameModel], source: Source, generated: Sequence[GeneratedFile]
) -> None:
    """The judge says of the files what the slow reader and pandera say."""
    stored = {f"file-{number:02}.{file.ending}": file.stored for number, file in enumerate(generated)}
    readings = {}
    for name, content in stored.items():
        try:
            readings[name] = _read(source, name, content)
        except UnreadableError:
            refusal = court.judge(source, {name: content})
            assert isinstance(refusal, str), f"{content!r} should have been refused"
            assert_fit_for_people(refusal, name)
    while readings:
        verdicts = verdicts_of(model, readings)
        judged = court.judge(source, {name: stored[name] for name in readings})
        if not isinstance(judged, str):
            assert_same(source, readings, verdicts, judged)
            # The first file has the first say on its keys, so that it can be judged again without the others.
            first = min(readings)
            again = court.judge(source, {first: stored[first]})
            assert isinstance(again, Judged)
            assert again.rows == [row for row in judged.rows if row[0] == first]
            return
        # All of a file's records can belong to another day; or all of its JSON lack a column.
        refused = {name for name in readings if name in judged}
        assert_fit_for_people(judged, *refused)
        good = [place for place, is_good in verdicts.items() if place[0] in refused and is_good]
        assert not good, f"{good} are good, but {judged}"
        readings = {name: reading for name, reading in readings.items() if name not in refused}


def assert_fit_for_people(refusal: str, *names: str) -> None:
    """The message names the files, and repeats no value."""
    assert names
    assert all(name in refusal for name in names), refusal
    assert SECRET.casefold() not in refusal.casefold()


def assert_same(
    source: Source,
    readings: Mapping[str, Reading],
    verdicts: Mapping[Place, bool],
    judged: Judged,
) -> None:
    """Counts, places, raw bytes, verdicts and values are those of the slow reader and the oracle."""
    delivered, rows = judged.delivered, judged.rows
    expected = {(name, record.line): record for name, reading in readings.items() for record in reading.records}
    accepted = sum(not is_bad for *_, is_bad in (row[:5] for row in rows))
    quarantined = len(rows) - accepted
    blank = sum(reading.blank for reading in readings.values())
    assert delivered.ignored == blank
    assert delivered.records == len(expected) + blank == accepted + quarantined + delivered.ignored
    assert [(file, line) for file, line, *_ in rows] == sorted(expected)
    for file, line, offset, raw, is_bad, *values in rows:
        record = expected[file, line]
        assert offset == record.offset
        if record.raw is not None:
            assert raw == record.raw
            assert raw == readings[file].content[offset : offset + len(raw)]
        assert is_bad is not verdicts[file, line], (file, record)
        if not is_bad:
            assert values == values_of(source, record), (file, record)


def verdicts_of(model: type[pa.DataFrameModel], readings: Mapping[str, Reading]) -> dict[Place, bool]:
    """By place, whether a record is good; one without cells is not."""
    places = [(name, record) for name, reading in sorted(readings.items()) for record in reading.records]
    cut: list[tuple[Place, Cells]] = [
        ((name, record.line), record.cells) for name, record in places if record.cells is not None
    ]
    bad = bad_records(model, [cells for _, cells in cut], DAY, earliest_days=1, latest_days=0)
    good = {place for position, (place, _) in enumerate(cut) if position not in bad}
    return {(name, record.line): (name, record.line) in good for name, record in places}


def values_of(source: Source, record: RawRecord) -> list[Any]:
    """What Python reads in the cells of a good record."""
    assert record.cells is not None
    texts = ((record.cells.get(column.name), column.sql_type) for column in source.contract.columns)
    return [_value((text or "").strip(" \t"), sql_type) for text, sql_type in texts]


def _value(text: str, sql_type: str) -> Any:
    if text in ("", "NULL", "null"):
        return None
    if sql_type == "timestamp":
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    return Decimal(text) if sql_type.startswith("decimal") else text


def _read(source: Source, name: str, content: bytes) -> Reading:
    required = [column.name for column in source.contract.columns if not column.nullable]
    return read_file(name, content, source.contract.column_names, required)


@quick(QUICK_DAYS)
@given(files=DAYS_OF_ORDERS)
def test_days_of_orders(court: Court, files: list[GeneratedFile]) -> None:
    assert_whole_truth(court, Orders, ORDERS, files)


@quick(QUICK_DAYS)
@given(files=DAYS_OF_TICKETS)
def test_days_of_tickets(court: Court, files: list[GeneratedFile]) -> None:
    assert_whole_truth(court, SupportTickets, TICKETS, files)


@pytest.mark.long
@pytest.mark.parametrize("part", range(LONG_PARTS))
@long(LONG_DAYS)
@given(files=DAYS_OF_ORDERS)
def test_many_days_of_orders(court: Court, files: list[GeneratedFile], part: int) -> None:
    assert_whole_truth(court, Orders, ORDERS, files)


@pytest.mark.long
@pytest.mark.parametrize("part", range(LONG_PARTS))
@long(LONG_DAYS)
@given(files=DAYS_OF_TICKETS)
def test_many_days_of_tickets(court: Court, files: list[GeneratedFile], part: int) -> None:
    assert_whole_truth(court, SupportTickets, TICKETS, files)
