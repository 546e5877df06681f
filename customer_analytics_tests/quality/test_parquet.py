"""File names that the Parquet reader would take for patterns; all else stands in the matrix, ``bad_input``."""

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
