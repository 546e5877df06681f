"""What is derived: a day on a short and on a long history, a corrected day, all of it anew, and its place on disk."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks.speed.data import Shape, generate
from benchmarks.speed.measuring import Contender, Figure, Result, Scale, alternate, figure, figure_of, job, run

ROOM = "derived"
# Ids that count up take next to no room in Parquet with zstd, and the same as any others in DuckDB.
_ON_DISK = {
    "orders and change rows on disk": "from warehouse.sources.orders",
    "orders and change rows on disk, order ids drawn": """
        select * replace (
            format('O{:010d}', hash(order_id) % 10_000_000_000) as order_id
        ) from warehouse.sources.orders""",
}


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """A day against the same day on the shortest history; the rest on the longest one."""
    landing, histories = folder / "landing", sorted(scale.history_days)
    shape = _shape(scale, histories[-1])
    generate(landing, shape)
    run(Contender("history", job("derived_history", landing, folder, *histories)))
    yield from _days(scale, landing, {days: folder / str(days) for days in histories})
    yield from _whole(scale, landing, folder / str(histories[-1]), shape)


def _shape(scale: Scale, days: int) -> Shape:
    """Days to come are landed too. There are so few customers that the shortest history knows nearly all of them.

    When a day is stored, DuckDB writes the last 122,880 rows of a table anew, as far as there are so many: with these
    numbers of orders a day every history of the scale ends with as many of them.
    """
    orders_a_day = 4_380 if scale.is_large else 820
    landed = days + scale.rounds + 1
    return Shape(orders_a_day * landed, landed, 5 * orders_a_day)


def _days(scale: Scale, landing: Path, stores: dict[int, Path]) -> Iterator[Result]:
    """All days in one process, which has one peak of memory: that of the longest history."""
    added = run(Contender("days", job("derived_days", landing, scale.rounds + 1, *stores.values())))
    took = added.said["took"]
    if not isinstance(took, dict):
        raise TypeError
    figures = {days: figure(took[str(store)], added.peak_mb) for days, store in stores.items()}
    shortest = min(stores)
    for days in stores:
        if days != shortest:
            name = f"a day at {days:,} days"
            yield Result(ROOM, name, figures[days], f"at {shortest} days", figures[shortest], 1.15)


def _whole(scale: Scale, landing: Path, place: Path, shape: Shape) -> Iterator[Result]:
    ways = [Contender(way, job("derived_rebuild", place, way)) for way in ("ours", "plain", "aggregate")]
    taken = alternate(ways, 1 if scale.is_large else scale.rounds)
    yield Result(ROOM, "change rows anew", taken["ours"], "the same rows in plain SQL", taken["plain"], 1.5)
    yield Result(ROOM, "change rows anew, beside totals", taken["ours"], "bare aggregate", taken["aggregate"])
    yield _correct(landing, place, shape, taken["ours"])
    for name, orders in _ON_DISK.items():
        yield _size(place, name, orders)


def _correct(landing: Path, place: Path, shape: Shape, anew: Figure) -> Result:
    """A day that is delivered again without its last order, and all days derived after it."""
    back = min(300, shape.days // 2)
    day = shape.last_day - timedelta(days=back)
    [delivered] = (landing / "orders" / day.isoformat()).glob("orders.*")
    delivered.write_text("".join(delivered.read_text().splitlines(keepends=True)[:-1]))
    corrected = run(Contender("late", job("derived_late", landing, place, day.isoformat())))
    return Result(ROOM, f"a day corrected {back} days back", figure_of([corrected]), "change rows anew", anew)


def _size(place: Path, name: str, orders: str) -> Result:
    """Orders and change rows as the warehouse has them, beside the orders in Parquet with zstd."""
    alone, parquet = place / "alone.duckdb", place / "orders.parquet"
    alone.unlink(missing_ok=True)
    with duckdb.connect(str(alone)) as connection:
        connection.execute(f"attach '{place / 'warehouse.duckdb'}' as warehouse (read_only)")
        connection.execute(f"create table orders as {orders}")
        for table in ("customer_value_closed", "customer_value_open"):
            connection.execute(f"create table {table} as from warehouse.marts.{table}")
        connection.execute(f"copy orders to '{parquet}' (format parquet, compression zstd)")
    ours, theirs = (Figure(path.stat().st_size / 1e6) for path in (alone, parquet))
    return Result(ROOM, name, ours, "orders in Parquet, zstd", theirs, 2.5, unit="MB")
