"""File names and damage that the Parquet reader has words of its own for; all else is in the matrix, ``bad_input``."""

import gzip

import pytest

from customer_analytics_tests.bad_input.records import columns_of, good, parquet
from customer_analytics_tests.scenario import ORDERS, Scene


@pytest.mark.parametrize(
    ("name", "neighbour"), [("a*.parquet", "ab.parquet"), ("a?.parquet", "ab.parquet"), ("a[1].parquet", "a1.parquet")]
)
def test_a_file_name_is_never_a_pattern(scene: Scene, name: str, neighbour: str) -> None:
    row = columns_of(good(ORDERS)[:1])
    scene.deliver(ORDERS, {name: parquet(row), neighbour: parquet(row | {"order_id": ["O-2"]})})
    assert scene.column("select order_id from sources.orders order by 1") == ["O-1", "O-2"]
    assert scene.ledger(ORDERS) == {"records": 2, "accepted": 2, "quarantined": 0, "ignored": 0, "revision": 1}


@pytest.mark.parametrize("name", ["orders.parquet", "a[1].parquet", "orders.parquet.gz"])
def test_a_file_that_ends_before_its_values_do_is_refused(scene: Scene, name: str) -> None:
    row = columns_of(good(ORDERS)[:1])
    whole = parquet({column: value * 2000 for column, value in row.items()} | {"order_id": list(map(str, range(2000)))})
    footer = whole[-int.from_bytes(whole[-8:-4], "little") - 8 :]
    damaged = whole[:2000] + footer
    report = scene.deliver(ORDERS, {name: gzip.compress(damaged) if name.endswith(".gz") else damaged})
    assert report.state == "held_back"
    assert f"{name} is not a whole Parquet file, or damaged. Deliver it again." in report.message
