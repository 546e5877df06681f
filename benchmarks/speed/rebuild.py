"""All change rows anew from very many orders. It takes long, and is measured only when it is asked for by name."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.speed.measuring import Contender, Figure, Result, Scale, alternate, job, run

ROOM = "rebuild"
_DAYS = 1_000
_CUSTOMERS = 1_000_000
_MOST_MEMORY = Figure(2_147.0)  # 2 GiB


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """Ours beside the same rows in plain SQL, and beside an aggregate that keeps no history; once each."""
    millions = 100 if scale.is_large else 10
    run(Contender("orders", job("rebuild_orders", folder, millions * 1_000_000 // _DAYS, _DAYS, _CUSTOMERS)))
    taken = alternate(
        [Contender(way, job("derived_rebuild", folder, way)) for way in ("ours", "plain", "aggregate")], 1
    )
    name = f"{millions} M orders"
    yield Result(ROOM, name, taken["ours"], "the same rows in plain SQL", taken["plain"], 1.5)
    yield Result(ROOM, f"{name}, beside totals", taken["ours"], "bare aggregate", taken["aggregate"])
    memory = Figure(taken["ours"].peak_mb)
    yield Result(ROOM, f"{name}, memory", memory, "what it may be", _MOST_MEMORY, 1.0, unit="MB")
