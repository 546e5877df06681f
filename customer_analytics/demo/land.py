"""Writing demo deliveries into the landing area, each complete or not there at all."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from customer_analytics.demo.files import files_of_day
from customer_analytics.demo.records import SOURCES, Source
from customer_analytics.demo.simulation import SimulatedDay, simulate
from customer_analytics.landing.folder import FLAG


def land_demo(landing_dir: Path, first_day: date, days: int, seed: int = 20260101) -> Iterator[None]:
    """Write `days` days from `first_day` on to `<landing_dir>/<source>/<day>/`, one delivery each time it is iterated.

    The bytes of a day depend on `seed`, `first_day` and the day alone: more days later leave the earlier ones as they
    are. A day whose flag stands is left alone.
    """
    for simulated in islice(simulate(first_day, seed), days):
        for source in SOURCES:
            _land(landing_dir / source / simulated.today.date.isoformat(), source, simulated)
            yield


def _land(folder: Path, source: Source, simulated: SimulatedDay) -> None:
    if (folder / FLAG).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file in files_of_day(source, simulated.today, simulated.rows(source)):
        _write(folder / file.name, file.content)
    # Last, because it tells readers that the day is complete.
    _write(folder / FLAG, b"")


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
