"""Batches on their way into DuckDB: in their order, and what stops them is told as it is."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from customer_analytics.quality.feeding import feed
from customer_analytics_tests.scenario import ORDERS, ORDERS_HEADER, Scene

SCHEMA = pa.schema([("number", pa.int64())])


@pytest.mark.parametrize("kind", [KeyboardInterrupt, PermissionError, ZeroDivisionError])
def test_what_ends_the_reading_is_raised_as_it_is(kind: type[BaseException]) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([[1]], schema=SCHEMA)
        raise kind

    with duckdb.connect() as connection:
        connection.execute("create table numbers (number bigint)")
        with pytest.raises(kind):
            feed(connection, "insert into numbers from records", {}, SCHEMA, batches())
        assert connection.execute("from numbers").fetchall() == []


def test_a_query_may_end_before_the_last_batch() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(1_000):
            yield pa.record_batch([[number]], schema=SCHEMA)

    with duckdb.connect() as connection:
        connection.execute("create table numbers (number bigint)")
        feed(connection, "insert into numbers from records limit 2", {}, SCHEMA, batches())
        assert connection.execute("from numbers").fetchall() == [(0,), (1,)]


def test_records_are_published_in_the_order_in_which_they_were_delivered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customer_analytics.landing.content.CHUNK_BYTES", 50_000)
    delivered = [f"O-{number}" for number in range(40_000)]
    scene.deliver(ORDERS, ORDERS_HEADER + "".join(f"{order},C-1,2026-03-10 09:00:00,1,paid\n" for order in delivered))
    assert scene.column("select order_id from sources.orders order by rowid") == delivered
