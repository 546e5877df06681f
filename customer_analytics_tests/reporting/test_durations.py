"""A run is slow when it took more than 1.5 times as long as runs like it, and not merely by a few seconds."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import duckdb
import pytest

from customer_analytics.reporting.durations import Timing, judge, slow_loads
from customer_analytics.warehouse.schema import migrate


def load(seconds: float, records: int = 1000, days: int = 1) -> Timing:
    return Timing("run", days, records, seconds)


def is_slow(earlier: Sequence[Timing], latest: Timing) -> bool:
    return judge("orders", [*earlier, latest]) is not None


@pytest.mark.parametrize(("seconds", "expected"), [(20, False), (29.9, False), (30, False), (30.1, True), (300, True)])
def test_more_than_one_and_a_half_times_as_long_is_slow(seconds: float, expected: bool) -> None:
    assert is_slow([load(20)] * 5, load(seconds)) is expected


@pytest.mark.parametrize(("seconds", "expected"), [(3, False), (5.9, False), (6, True)])
def test_a_few_seconds_more_are_noise(seconds: float, expected: bool) -> None:
    assert is_slow([load(1)] * 20, load(seconds)) is expected


def test_too_few_loads_are_no_history() -> None:
    assert not is_slow([], load(1000))
    assert not is_slow([load(20)] * 4, load(1000))
    assert judge("orders", []) is None


def test_one_slow_run_among_the_earlier_ones_does_not_move_the_baseline() -> None:
    assert is_slow([load(20), load(20), load(9000), load(20), load(20)], load(40))


def test_what_has_been_slow_for_long_is_usual() -> None:
    assert not is_slow([*[load(20)] * 100, *[load(40)] * 20], load(41))


def test_more_records_may_take_longer_in_proportion() -> None:
    assert not is_slow([load(20, records=1000)] * 5, load(60, records=2000))
    assert is_slow([load(20, records=1000)] * 5, load(61, records=2000))


def test_fewer_records_are_not_expected_to_take_less() -> None:
    assert not is_slow([load(20, records=1000)] * 5, load(25, records=10))


def test_loads_without_records_are_compared_as_they_are() -> None:
    assert is_slow([load(20, records=0)] * 5, load(40, records=0))


def test_a_range_is_held_against_ranges_and_a_day_against_days() -> None:
    days, ranges = [load(5)] * 20, [load(60, records=30_000, days=30)] * 5
    assert not is_slow(days, load(150, records=30_000, days=30))
    assert is_slow([*days, *ranges], load(150, records=30_000, days=30))
    assert is_slow([*days, *ranges], load(20))
    assert is_slow(ranges, load(150, records=30_000, days=15))
    assert not is_slow(ranges, load(150, records=30_000, days=14))


def test_it_is_told_with_its_numbers() -> None:
    slow = judge("orders", [*[load(100)] * 5, Timing("run-7", 1, 1000, 320)])
    assert slow
    assert slow.words == (
        "Run run-7 took 320 s for 1 day and 1,000 records of orders, 3.2 times as long as the 100 s that 5 earlier "
        "runs make one expect."
    )


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        yield connection


def record(warehouse: duckdb.DuckDBPyConnection, dataset: str, *seconds: float, days: int = 1) -> None:
    """Loads of a dataset, one an hour, after those that are recorded."""
    for each in seconds:
        warehouse.execute(
            """insert into quality.loads by name
               select $dataset as dataset, count(*)::varchar as run_id, $days as days, 1000 as records, 0 as bytes,
                 $seconds as seconds, $start::timestamp + to_hours(count(*)) as ended_at
               from quality.loads""",
            {"dataset": dataset, "days": days, "seconds": each, "start": datetime(2026, 11, 1) + timedelta(hours=1)},
        )


def test_of_each_dataset_the_latest_load_counts(warehouse: duckdb.DuckDBPyConnection) -> None:
    record(warehouse, "orders", 20, 20, 20, 20, 20, 40)
    record(warehouse, "support_tickets", 20, 20, 20, 20, 40, 20)
    record(warehouse, "customer_lifetime_value", 40)
    [slow] = slow_loads(warehouse)
    assert (slow.dataset, slow.load.seconds, slow.usual_seconds, slow.loads) == ("orders", 40, 20, 5)
    record(warehouse, "orders", 21)
    assert slow_loads(warehouse) == []


def test_a_run_that_published_nothing_says_nothing(warehouse: duckdb.DuckDBPyConnection) -> None:
    record(warehouse, "orders", 20, 20, 20, 20, 20)
    record(warehouse, "orders", 900, days=0)
    assert slow_loads(warehouse) == []


def test_a_new_warehouse_has_no_slow_loads(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert slow_loads(warehouse) == []
