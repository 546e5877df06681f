"""What Dagster itself takes, and what our assets take with it: loading the code, a day, a range, a backfill."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.speed.data import Shape, generate
from benchmarks.speed.measuring import (
    PROJECT,
    Contender,
    Figure,
    Result,
    Scale,
    alternate,
    figure_of,
    job,
    nothing,
    run,
)
from customer_analytics.definitions import defs

ROOM = "orchestration"
OURS, EMPTY = "customer_analytics.definitions", "benchmarks.speed.jobs.empty_location"
_LOAD = f"from {OURS} import defs; defs()"
_FLOOR = "the same run with empty assets"
# Each is a program of its own, which takes seconds to start.
_FEW_DAYS = 3
# Around a month's end a day costs twice what others do; of so many, most are others.
_DAYS_AFTER = 5
_STOCK = "storage:\n  sqlite:\n    base_dir: .dagster\n"
_YEAR = Shape(365_000, 365, 4_000, 110_000, 365_000)
# Event by event a year takes minutes, and says no more.
_MOST_DAYS_BY_EVENT = 30


@dataclass(frozen=True)
class Place:
    """A Dagster instance, the data, and the description of the assets, all below ``root``."""

    root: Path
    shape: Shape

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs to work here."""
        return {
            "PYTHONPATH": str(PROJECT),
            "DAGSTER_HOME": str(self.root),
            "BENCHMARK_ASSETS": str(self.root / "assets.json"),
            "CUSTOMER_ANALYTICS_DATA_DIR": str(self.root / "data"),
            "CUSTOMER_ANALYTICS_START_DATE": self.shape.first_day.isoformat(),
            "CUSTOMER_ANALYTICS_END_DATE": (self.shape.last_day + timedelta(days=2)).isoformat(),
        }

    def clear(self, instance: str) -> None:
        """Begin anew, with the text of a dagster.yaml; what landed stays."""
        for path in self.root.rglob("*.duckdb"):
            path.unlink()
        shutil.rmtree(self.root / ".dagster", ignore_errors=True)
        (self.root / "dagster.yaml").write_text(instance, encoding="utf-8")

    def first(self, days: int) -> str:
        """The first ``days`` as a range for Dagster's command."""
        return f"--partition-range {self.shape.first_day}...{self.shape.all_days[days - 1]}"

    def contender(self, name: str, location: str, days: str, instance: str = "") -> Contender:
        """All assets of a code location in one run of ``days``; with ``instance`` from nothing, else as things are."""
        command = [sys.executable, "-m", "dagster", "asset", "materialize", "--select", "*", "-m", location]
        before = partial(self.clear, instance) if instance else nothing
        return Contender(name, [*command, *days.split()], before, self.environment, self.root)


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """Ours against the same run with empty assets.

    Raises:
        ContenderFailedError: a run failed.
    """
    yield _loading(scale.rounds)
    days = scale.days if scale.is_large else _FEW_DAYS
    more = _DAYS_AFTER if scale.is_large else 0
    place = _prepared(folder / "place", _share_of(_YEAR, days + more))
    batched = (PROJECT / "dagster.yaml").read_text(encoding="utf-8")
    if scale.is_large:
        few = min(days, _MOST_DAYS_BY_EVENT)
        yield _compared(
            f"events of {few} days, empty assets",
            place.contender("one transaction a step", EMPTY, place.first(few), batched),
            place.contender("one transaction an event, as Dagster does", EMPTY, place.first(few), _STOCK),
        )
        yield from _from_the_page(place, days, batched)
        yield _after_a_year(place, days)
    else:
        yield _compared(
            f"{days} days in one run",
            place.contender("ours", OURS, place.first(days), batched),
            place.contender(_FLOOR, EMPTY, place.first(days), batched),
        )


def _loading(rounds: int) -> Result:
    contenders = [
        Contender("ours", [sys.executable, "-c", _LOAD]),
        Contender("import dagster", [sys.executable, "-c", "import dagster"]),
    ]
    figures = alternate(contenders, rounds)
    return Result(ROOM, "loading the code location", figures["ours"], "import dagster", figures["import dagster"], 1.3)


def _from_the_page(place: Place, days: int, instance: str) -> Iterator[Result]:
    """A backfill of all days beside a run for each of them, and beside empty assets; it leaves the place full."""
    one = run(place.contender("ours", OURS, f"--partition {place.shape.first_day}", instance))
    floor = run(place.contender(_FLOOR, EMPTY, place.first(days), instance))
    command = job("backfill", place.shape.first_day, place.shape.all_days[days - 1], *_assets())
    page = Contender("a backfill", command, partial(place.clear, instance), place.environment, place.root)
    backfill, each = figure_of([run(page)]), Figure(one.seconds * days, one.peak_mb)
    yield Result(ROOM, f"{days} days from the page", backfill, "a run for each day", each, 0.05)
    yield Result(ROOM, f"{days} days from the page, beside a run", backfill, _FLOOR, figure_of([floor]))


def _after_a_year(place: Place, days: int) -> Result:
    """The days that follow what was computed last, each in a run of its own."""
    ours, floor = [], []
    for day in place.shape.all_days[days:]:
        ours.append(run(place.contender("ours", OURS, f"--partition {day}")))
        floor.append(run(place.contender(_FLOOR, EMPTY, f"--partition {day}")))
    return Result(ROOM, f"one day after {days}", figure_of(ours), _FLOOR, figure_of(floor), 1.25)


def _compared(name: str, ours: Contender, theirs: Contender) -> Result:
    figures = alternate([ours, theirs], 1)
    return Result(ROOM, name, figures[ours.name], theirs.name, figures[theirs.name])


def _share_of(whole: Shape, days: int) -> Shape:
    counts = (whole.orders, whole.customers, whole.tickets, whole.events)
    orders, customers, tickets, events = (count * days // whole.days for count in counts)
    return Shape(orders, days, customers, tickets, events)


def _prepared(root: Path, shape: Shape) -> Place:
    landing = root / "data" / "landing"
    generate(landing, replace(shape, tickets=0, events=0))
    generate(landing, replace(shape, orders=0, events=0, format="jsonl"))
    generate(landing, replace(shape, orders=0, tickets=0, format="parquet"))
    (root / "assets.json").write_text(json.dumps(_assets()), encoding="utf-8")
    return Place(root, shape)


def _assets() -> dict[str, dict[str, list[str]]]:
    """Of each partitioned asset of ours, on what it depends and which checks it has."""
    graph = defs().resolve_asset_graph()
    described = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.is_partitioned:
            parents = [each.to_user_string() for each in node.parent_keys if graph.get(each).is_partitioned]
            checks = [each.name for each in node.check_keys]
            described[key.to_user_string()] = {"parents": parents, "checks": checks}
    return described
