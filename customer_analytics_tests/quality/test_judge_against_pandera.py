"""The SQL judge and pandera give the same verdict on the same records, whatever is in them."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pandera.pandas as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.source import Source
from customer_analytics.contracts.support_tickets import SupportTickets
from customer_analytics.landing.folder import LandingArea
from customer_analytics.quality.duplicates import reject_within_day
from customer_analytics.quality.judge import Judge
from customer_analytics_tests.effort import quick
from customer_analytics_tests.oracle import Cells, bad_records
from customer_analytics_tests.quality.strategies import ORDER_LISTS, SURROGATES, TICKET_LISTS, as_csv, as_jsonl
from customer_analytics_tests.scenario import DAY, ORDERS, TICKETS, land

Written = tuple[str, bytes, Sequence[Cells]]


def judged_bad(connection: duckdb.DuckDBPyConnection, source: Source, name: str, content: bytes) -> set[int]:
    """The positions of the records that the judge refuses."""
    with tempfile.TemporaryDirectory() as folder:
        land(Path(folder), source, {name: content})
        delivered = Judge(connection, source).judge(LandingArea(Path(folder)).open(source.name, DAY))
    reject_within_day(connection, source)
    rows = connection.execute("select len(_reasons) > 0 from judged order by _line").fetchall()
    assert delivered.records - delivered.ignored == len(rows)
    return {position for position, (is_bad,) in enumerate(rows) if is_bad}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def assert_same_verdict(
    connection: duckdb.DuckDBPyConnection, model: type[pa.DataFrameModel], source: Source, written: Written
) -> None:
    """Judge and oracle agree, record by record."""
    name, content, records = written
    expected = bad_records(model, records, DAY, earliest_days=1, latest_days=0)
    assert judged_bad(connection, source, name, content) == expected


examples = quick(40)


@examples
@given(records=ORDER_LISTS)
def test_orders_in_csv(connection: duckdb.DuckDBPyConnection, records: list[Cells]) -> None:
    assert_same_verdict(connection, Orders, ORDERS, ("orders.csv", as_csv(records), records))


@examples
@given(records=ORDER_LISTS)
def test_orders_in_jsonl(connection: duckdb.DuckDBPyConnection, records: list[Cells]) -> None:
    assert_same_verdict(connection, Orders, ORDERS, ("orders.jsonl", as_jsonl(records), records))


@examples
@given(records=TICKET_LISTS)
def test_tickets_in_csv(connection: duckdb.DuckDBPyConnection, records: list[Cells]) -> None:
    assert_same_verdict(connection, SupportTickets, TICKETS, ("tickets.csv", as_csv(records), records))


@examples
@given(records=TICKET_LISTS, surrogate=SURROGATES, at=st.integers(0, 11))
def test_tickets_in_jsonl_with_a_lone_surrogate_somewhere(
    connection: duckdb.DuckDBPyConnection, records: list[Cells], surrogate: str, at: int
) -> None:
    spoiled = [dict(record) | ({"category": surrogate} if n == at else {}) for n, record in enumerate(records)]
    assert_same_verdict(connection, SupportTickets, TICKETS, ("tickets.jsonl", as_jsonl(spoiled), spoiled))
