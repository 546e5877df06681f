"""A made-up shop with customers enough to learn from, and publishing its orders day by day."""

from collections.abc import Sequence
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from customer_analytics_tests.metrics.scenario import NOW, publish_orders

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2024, 9, 30)


def publish_shop(connection: duckdb.DuckDBPyConnection, customers: int = 150, through: date = LAST_DAY) -> None:
    """Publish every day's orders up to ``through``; nobody's depend on how many customers there are, or until when."""
    ids, days, amounts = zip(*(_orders(number) for number in range(customers)), strict=True)
    publish_columns(connection, np.concatenate(ids), np.concatenate(days), np.concatenate(amounts), through)


def publish_columns(
    connection: duckdb.DuckDBPyConnection,
    customers: Sequence[str] | np.typing.NDArray[np.str_],
    days: np.typing.NDArray[np.int64],
    amounts: np.typing.NDArray[np.float64],
    through: date = LAST_DAY,
) -> None:
    """Publish nothing but these orders, each delivered on its day; 0 is the first. Amounts below 0 are refunds."""
    publish_orders(connection, FIRST_DAY, [])
    connection.execute("delete from sources.orders")
    connection.register("made", pa.table({"customer": list(customers), "day": days, "amount": amounts}))
    connection.execute(
        """insert into sources.orders
           select
             $first_day::date + day::integer, row_number() over (), customer, $first_day::date + day::integer,
             amount::decimal(18, 2), if(amount < 0, 'refunded', 'paid')
           from made
           where $first_day::date + day::integer <= $through
           order by day""",
        {"first_day": FIRST_DAY, "through": through},
    )
    connection.execute(
        """insert or ignore into quality.deliveries by name
           select 'orders' as source, delivery_day, nextval('quality.revisions') as revision, '' as fingerprint,
             0 as records, 0 as accepted, 0 as quarantined, 0 as ignored, '1' as contract_version,
             '' as rules_fingerprint, 0 as content_hash, 'run' as run_id, $now as published_at
           from sources.orders
           group by delivery_day
           order by delivery_day""",
        {"now": NOW},
    )


def day(number: int) -> date:
    """The ``number``-th day of the shop; 0 is the first."""
    return FIRST_DAY + timedelta(days=number)


def _orders(
    number: int,
) -> tuple[np.typing.NDArray[np.str_], np.typing.NDArray[np.int64], np.typing.NDArray[np.float64]]:
    """A customer orders every week to every other month, and stops for good some time."""
    draw = np.random.default_rng(number)
    first, gap, life = draw.integers(0, 120), draw.gamma(2, 12) + 2, draw.exponential(150)
    days = np.unique(np.floor(first + np.concatenate([[0], np.cumsum(draw.exponential(gap, 60))])))
    days = days[(days - first <= life) & (days < (LAST_DAY - FIRST_DAY).days + 1)].astype(np.int64)
    return np.full(len(days), f"customer {number:03}"), days, np.round(draw.gamma(4, 5 + number % 10, len(days)), 2)
