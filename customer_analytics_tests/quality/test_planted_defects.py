"""Of many records with many kinds of defect, exactly the spoiled ones are set aside, for exactly their reasons."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pytest

from customer_analytics_tests.effort import LONG_RECORDS, QUICK_RECORDS
from customer_analytics_tests.quality.planted import HEADER, KINDS, Planted, planted_records
from customer_analytics_tests.scenario import DAY, ORDERS, Scene

SEED = 20260310

TRUTH = pa.schema(
    [
        ("line", pa.int64()),
        ("byte_offset", pa.int64()),
        ("raw", pa.binary()),
        ("rule", pa.string()),
        ("column", pa.string()),
    ]
)
ACCEPTED = pa.schema(
    [
        ("order_id", pa.string()),
        ("customer_id", pa.string()),
        ("order_date", pa.timestamp("us")),
        ("total_amount", pa.decimal128(18, 2)),
        ("status", pa.string()),
    ]
)
SET_ASIDE = """
    select line, byte_offset, raw, reason.rule, reason."column" from (
      select line, byte_offset, raw, unnest(reasons) as reason from quality.quarantine where delivery_day = ?)
"""
PUBLISHED = """
    select order_id, customer_id, order_date, total_amount, status from sources.orders where delivery_day = ?
"""


@pytest.mark.parametrize(
    "count",
    [pytest.param(QUICK_RECORDS, id="quick"), pytest.param(LONG_RECORDS, id="million", marks=pytest.mark.long)],
)
def test_recall_and_precision_are_complete_per_record_and_per_reason(scene: Scene, count: int) -> None:
    with scene.land(ORDERS, {"orders.csv": b""}).joinpath("orders.csv").open("wb") as stream:
        stream.write(HEADER)
        stream.writelines((record.raw if record else b"") + b"\n" for record in planted_records(SEED, count))
    started, before = time.monotonic(), peak_megabytes()
    [report] = scene.load(ORDERS)
    print(
        f"{count:,} records in {time.monotonic() - started:.1f} s; peak of memory {before:,.0f} MB before, "
        f"{peak_megabytes():,.0f} MB after"
    )
    assert report.state == "published"

    truth, accepted, kinds = truth_of(count)
    assert set(kinds) == KINDS
    assert_same(scene, truth, SET_ASIDE)
    assert_same(scene, accepted, PUBLISHED)
    quarantined = len(set(truth["line"].to_pylist()))
    ignored = sum(record is None for record in planted_records(SEED, count))
    assert scene.ledger(ORDERS) == {
        "records": count + ignored,
        "accepted": count - quarantined,
        "quarantined": quarantined,
        "ignored": ignored,
        "revision": 1,
    }
    reasons = Counter(zip(truth["rule"].to_pylist(), truth["column"].to_pylist(), strict=True))
    assert report.figures
    assert {(reason.rule, reason.column): reason.records for reason in report.figures.reasons} == reasons


def assert_same(scene: Scene, truth: pa.Table, found: str) -> None:
    """Every row of the truth is found (recall) and no other row is (precision), each as often."""
    scene.connection.register("truth", truth)
    assert scene.all(f"(from truth) except all ({found}) limit 5", DAY) == []
    assert scene.all(f"({found}) except all (from truth) limit 5", DAY) == []
    assert scene.all(f"select count(*) from ({found})", DAY) == [(truth.num_rows,)]
    scene.connection.unregister("truth")


def truth_of(count: int) -> tuple[pa.Table, pa.Table, Counter[str]]:
    """Every reason of every spoiled record at its place; the values of every good one; how often each kind occurs."""
    reasons, values, kinds = [], [], Counter[str]()
    for line, offset, record in placed(count):
        kinds.update(record.kinds)
        if record.values:
            values.append(record.values)
        reasons += [(line, offset, record.raw, rule, column) for rule, column in record.reasons]
    return as_table(reasons, TRUTH), as_table(values, ACCEPTED), kinds


def placed(count: int) -> Iterator[tuple[int, int, Planted]]:
    """Each record with its line and byte offset."""
    line, offset = 2, len(HEADER)
    for record in planted_records(SEED, count):
        raw = record.raw if record else b""
        if record:
            yield line, offset, record
        line, offset = line + 1 + raw.count(b"\n"), offset + len(raw) + 1


def as_table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def peak_megabytes() -> float:
    """The most memory that this process has had; Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024 * 1024)
