"""What is derived: a day on a short and on a long history, a corrected day, all of it anew, and its place on disk."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks.speed.data import Shape, generate
from benchmarks.speed.measuring import Contender, Figure, Result, Scale, alternate, figure_of, job, run

ROOM = "derived"


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """A day against the same day on the shortest history; the rest on the longest one."""
    shapes = {days: _shape(scale, days) for days in scale.history_days}
    for days, shape in shapes.items():
        place = folder / str(days)
        generate(place / "landing", shape)
        run(Contender("history", job("derived_history", place / "landing", place, days)))
    shortest, longest = min(shapes), max(shapes)
    day_on = [
        Contender(str(days), job("derived_day", folder / str(days) / "landing", folder / str(days))) for days in shapes
    ]
    taken = alternate(day_on, scale.rounds)
    for days in shapes:
        if days != shortest:
            name = f"a day at {days:,} days"
            yield Result(ROOM, name, taken[str(days)], f"at {shortest} days", taken[str(shortest)], 1.15)
    yield from _whole(scale, folder / str(longest), shapes[longest])


def _shape(scale: Scale, days: int) -> Shape:
    """Days to come are landed too. There are so few customers that the shortest history knows nearly all of them."""
    orders_a_day = 10_000 if scale.is_large else 1_000
    landed = days + scale.rounds
    return Shape(orders_a_day * landed, landed, 5 * orders_a_day)


def _whole(scale: Scale, place: Path, shape: Shape) -> Iterator[Result]:
    ways = [Contender(way, job("derived_rebuild", place, way)) for way in ("ours", "plain", "aggregate")]
    taken = alternate(ways, scale.rounds)
    yield Result(ROOM, "change rows anew", taken["ours"], "the same rows in plain SQL", taken["plain"], 1.5)
    yield Result(ROOM, "change rows anew, beside totals", taken["ours"], "bare aggregate", taken["aggregate"])
    yield _correct(place, shape, taken["ours"])
    yield _size(place)


def _correct(place: Path, shape: Shape, anew: Figure) -> Result:
    """A day that is delivered again without its last order, and all days derived after it."""
    back = min(300, shape.days // 2)
    day = shape.last_day - timedelta(days=back)
    [delivered] = (place / "landing" / "orders" / day.isoformat()).glob("orders.*")
    delivered.write_text("".join(delivered.read_text().splitlines(keepends=True)[:-1]))
    corrected = run(Contender("late", job("derived_day", place / "landing", place, day.isoformat())))
    return Result(ROOM, f"a day corrected {back} days back", figure_of([corrected]), "change rows anew", anew)


def _size(place: Path) -> Result:
    """Orders and change rows as the warehouse has them, beside the orders in Parquet with zstd."""
    alone, parquet = place / "alone.duckdb", place / "orders.parquet"
    with duckdb.connect(str(alone)) as connection:
        connection.execute(f"attach '{place / 'warehouse.duckdb'}' as warehouse (read_only)")
        for table in ("sources.orders", "marts.customer_value_closed", "marts.customer_value_open"):
            connection.execute(f"create table {table.split('.')[1]} as from warehouse.{table}")
        connection.execute(f"copy warehouse.sources.orders to '{parquet}' (format parquet, compression zstd)")
    ours, theirs = (Figure(path.stat().st_size / 1e6) for path in (alone, parquet))
    return Result(ROOM, "orders and change rows on disk", ours, "orders in Parquet, zstd", theirs, 2.5, unit="MB")
