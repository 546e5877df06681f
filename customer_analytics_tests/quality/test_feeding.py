"""Batches on their way into DuckDB: in their order, and what stops them is told as it is."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from customer_analytics.contracts.policy import Format
from customer_analytics.quality.feeding import feed
from customer_analytics_tests.bad_input.records import write
from customer_analytics_tests.scenario import DAY, NEXT_DAY, ORDERS, ORDERS_HEADER, Scene

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


@pytest.mark.parametrize("first", ["parquet", "jsonl", "csv"])
@pytest.mark.parametrize("second", ["parquet", "jsonl", "csv"])
def test_days_of_one_run_lie_one_after_the_other_whatever_their_formats_are(
    scene: Scene, first: Format, second: Format
) -> None:
    for day, form in ((DAY, first), (NEXT_DAY, second)):
        times = {"order_date": datetime.combine(day, time(9)), "customer_id": "C-1", "status": "paid"}
        orders = [{"order_id": f"{day}-{number}", "total_amount": Decimal(1), **times} for number in range(2)]
        scene.land(ORDERS, {f"orders.{form}": write(form, orders)}, day)
    scene.load(ORDERS, DAY, NEXT_DAY)
    assert scene.column("select order_id from sources.orders order by rowid") == [
        f"{day}-{number}" for day in (DAY, NEXT_DAY) for number in range(2)
    ]
