"""A day of 10 GB: does memory stay bounded? It takes long, and is measured only when it is asked for by name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.speed.loading import measure_day
from benchmarks.speed.measuring import Result, Scale

ROOM = "huge_day"


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """A tenth of it at the small scale."""
    for result in measure_day(180 if scale.is_large else 18, 1_000_000, folder):
        yield replace(result, room=ROOM)
