"""Parquet deliveries: judged like text, refused where a type would have to be changed."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_analytics_tests.scenario import CLEAN_ORDER_ROWS, CLEAN_ORDERS, DAY, ORDERS, Scene

MORNING = datetime(2026, 3, 10, 9, 0)
COLUMNS: dict[str, list[Any]] = {
    "order_id": ["O-1", "O-2", "O-3"],
    "customer_id": ["C-1", "C-2", "C-1"],
    "order_date": [MORNING, datetime(2026, 3, 10, 10, 30), datetime(2026, 3, 10, 11, 0)],
    "total_amount": [Decimal("10.00"), Decimal("25.50"), Decimal("-10.00")],
    "status": ["paid", "delivered", "refunded"],
}


def parquet(columns: dict[str, Any]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue())


def deliver(scene: Scene, **changed: Any) -> str:
    return scene.deliver(ORDERS, {"orders.parquet": parquet(COLUMNS | changed)}).state


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"total_amount": [10.0, 25.5, -10.0]},
        {"total_amount": ["10.00", "25.5", "-10"]},
        {"order_date": pa.array(COLUMNS["order_date"], pa.timestamp("ns"))},
        {
            "order_date": pa.array(
                [time.replace(tzinfo=UTC) for time in COLUMNS["order_date"]], pa.timestamp("us", "Asia/Tokyo")
            )
        },
        {"order_date": [time.replace(tzinfo=timezone(timedelta(0))) for time in COLUMNS["order_date"]]},
        {"order_date": [time.isoformat() for time in COLUMNS["order_date"]]},
        {"status": pa.array(COLUMNS["status"]).dictionary_encode()},
    ],
)
def test_the_same_orders_in_other_types_are_published_alike(scene: Scene, changed: dict[str, Any]) -> None:
    assert deliver(scene, **changed) == "published"
    assert scene.orders() == CLEAN_ORDER_ROWS


@pytest.mark.parametrize(("ending", "compress"), [("gz", gzip.compress), ("zst", partial(pa.compress, codec="zstd"))])
def test_a_compressed_file_is_published_alike(scene: Scene, ending: str, compress: Callable[[bytes], bytes]) -> None:
    content = bytes(compress(parquet(COLUMNS)))
    assert scene.deliver(ORDERS, {f"orders.parquet.{ending}": content}).state == "published"
    assert scene.orders() == CLEAN_ORDER_ROWS


def test_integers_are_good_ids(scene: Scene) -> None:
    deliver(scene, customer_id=[1, 2**62, -3])
    assert scene.column("select customer_id from sources.orders order by order_id") == ["1", str(2**62), "-3"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"total_amount": [10.0, 12.345, -10.0]}, ("type", "total_amount")),
        ({"total_amount": [10.0, float("nan"), -10.0]}, ("type", "total_amount")),
        ({"total_amount": [10.0, float("inf"), -10.0]}, ("type", "total_amount")),
        ({"total_amount": [10.0, None, -10.0]}, ("not_null", "total_amount")),
        ({"total_amount": [10.0, -0.01, -10.0]}, ("negative_only_where", None)),
        ({"customer_id": ["C-1", "C\u200b2", "C-1"]}, ("visible_characters", "customer_id")),
        ({"customer_id": ["C-1", "C\0", "C-1"]}, ("type", "customer_id")),
        ({"order_date": [DAY, date(1, 1, 1), DAY]}, ("type", "order_date")),
        ({"order_date": [DAY, date(2026, 3, 11), DAY]}, ("delivery_day", "order_date")),
        ({"order_id": ["O-1", "O-1", "O-3"]}, ("unique", "order_id")),
    ],
)
def test_a_bad_row_is_quarantined_as_json_with_its_row_number(
    scene: Scene, changed: dict[str, Any], reason: tuple[str, str | None]
) -> None:
    deliver(scene, **changed)
    [(line, offset, raw, reasons)] = scene.all("select line, byte_offset, raw, reasons from quality.quarantine")
    assert (line, offset) == (2, None)
    assert list(json.loads(raw)) == list(COLUMNS)
    assert [(reason["rule"], reason["column"]) for reason in reasons] == [reason]
    assert scene.ledger(ORDERS) == {"records": 3, "accepted": 2, "quarantined": 1, "ignored": 0, "revision": 1}


def test_column_names_may_differ_in_case_and_spaces(scene: Scene) -> None:
    columns = {f" {name.upper()} ": values for name, values in COLUMNS.items()}
    scene.deliver(ORDERS, {"orders.parquet": parquet(columns)})
    assert scene.orders() == CLEAN_ORDER_ROWS


@pytest.mark.parametrize("extra", ["line", "text", "bytes", "record", "byte_offset", "o'clock", 'in "quotes"'])
def test_an_extra_column_may_have_any_name(scene: Scene, extra: str) -> None:
    assert deliver(scene, **{extra: ["x", "y", "z"]}) == "published"
    assert scene.orders() == CLEAN_ORDER_ROWS


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"total_amount": [[1.0], [2.0], [3.0]]}, "total_amount is DOUBLE[]"),
        ({"order_date": [1773136800000] * 3}, "order_date is BIGINT"),
        ({"customer_id": [1.5, 2.5, 3.5]}, "customer_id is DOUBLE"),
        ({"customer_id": [b"C-1", b"C-2", b"C-3"]}, "customer_id is BLOB"),
        ({"status": [{"is": "paid"}] * 3}, "status is STRUCT"),
    ],
)
def test_a_type_that_cannot_be_read_unchanged_is_refused(scene: Scene, changed: dict[str, Any], named: str) -> None:
    report = scene.deliver(ORDERS, {"orders.parquet": parquet(COLUMNS | changed)})
    assert report.state == "held_back"
    assert named in report.message
    assert scene.ledger(ORDERS) is None


@pytest.mark.parametrize("content", [b"", b"PAR1", parquet(COLUMNS)[:-20], CLEAN_ORDERS.encode()])
def test_a_file_that_is_not_whole_parquet_is_refused(scene: Scene, content: bytes) -> None:
    report = scene.deliver(ORDERS, {"orders.parquet": content})
    assert report.state == "held_back"
    assert "orders.parquet is not a whole Parquet file" in report.message


def test_a_missing_column_is_refused(scene: Scene) -> None:
    columns = {name: values for name, values in COLUMNS.items() if name != "status"}
    report = scene.deliver(ORDERS, {"orders.parquet": parquet(columns)})
    assert "the header lacks status" in report.message


@pytest.mark.parametrize(
    ("name", "neighbour"), [("a*.parquet", "ab.parquet"), ("a?.parquet", "ab.parquet"), ("a[1].parquet", "a1.parquet")]
)
def test_a_file_name_is_never_a_pattern(scene: Scene, name: str, neighbour: str) -> None:
    row = {column: values[:1] for column, values in COLUMNS.items()}
    scene.deliver(ORDERS, {name: parquet(row), neighbour: parquet(row | {"order_id": ["O-2"]})})
    assert scene.column("select order_id from sources.orders order by 1") == ["O-1", "O-2"]
    assert scene.ledger(ORDERS) == {"records": 2, "accepted": 2, "quarantined": 0, "ignored": 0, "revision": 1}


def test_a_parquet_file_without_rows_is_a_day_without_records(scene: Scene) -> None:
    schema = pa.table(COLUMNS).schema
    assert deliver(scene, **{name: pa.array([], schema.field(name).type) for name in COLUMNS}) == "published"
    assert scene.ledger(ORDERS) == {"records": 0, "accepted": 0, "quarantined": 0, "ignored": 0, "revision": 1}
