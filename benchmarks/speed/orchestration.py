"""What Dagster itself takes, and what our assets take with it: loading the code, a day, a range, a backfill."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.speed.data import Shape, generate
from benchmarks.speed.measuring import PROJECT, Contender, Figure, Result, Scale, alternate, job, nothing, run
from customer_analytics.definitions import defs

ROOM = "orchestration"
OURS, EMPTY = "customer_analytics.definitions", "benchmarks.speed.jobs.empty_location"
_LOAD = f"from {OURS} import defs; defs()"
_FLOOR = "the same run with empty assets"
# Each is a program of its own, which takes seconds to start.
_FEW_DAYS = 3
_STOCK = "storage:\n  sqlite:\n    base_dir: .dagster\n"


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
    whole = Shape(1_000_000, 365, 100_000, 300_000, 3_000_000)
    place = _prepared(folder / "place", _share_of(whole, days))
    batched = (PROJECT / "dagster.yaml").read_text(encoding="utf-8")
    range_of = f"--partition-range {place.shape.first_day}...{place.shape.last_day}"
    ours, empty = (place.contender(name, where, range_of, batched) for name, where in (("ours", OURS), (_FLOOR, EMPTY)))
    figures = alternate([ours, empty], 1)
    yield Result(ROOM, f"{days} days in one run", figures["ours"], _FLOOR, figures[_FLOOR])
    if scale.is_large:
        stock = place.contender("one transaction an event, as Dagster does", EMPTY, range_of, _STOCK)
        each = alternate([stock], 1)[stock.name]
        yield Result(ROOM, f"events of {days} days, empty assets", figures[_FLOOR], stock.name, each)
        yield from _from_the_page(place, batched, scale.rounds)


def _loading(rounds: int) -> Result:
    contenders = [
        Contender("ours", [sys.executable, "-c", _LOAD]),
        Contender("import dagster", [sys.executable, "-c", "import dagster"]),
    ]
    figures = alternate(contenders, rounds)
    return Result(ROOM, "loading the code location", figures["ours"], "import dagster", figures["import dagster"], 1.3)


def _from_the_page(place: Place, instance: str, rounds: int) -> Iterator[Result]:
    """One day with a year of history, then the year as a backfill beside a run for each of its days."""
    run(place.contender("ours", OURS, f"--partition-range {place.shape.first_day}...{place.shape.last_day}", instance))
    one_day = f"--partition {place.shape.last_day}"
    figures = alternate([place.contender("ours", OURS, one_day), place.contender(_FLOOR, EMPTY, one_day)], rounds)
    yield Result(ROOM, "one day after a year", figures["ours"], _FLOOR, figures[_FLOOR], 1.25)
    ends = (place.shape.first_day, place.shape.last_day)
    command = job("backfill", *ends, *_assets())
    year = alternate([Contender("a backfill", command, partial(place.clear, instance), place.environment)], 1)
    single = Figure(figures["ours"].value * place.shape.days, figures["ours"].peak_mb)
    yield Result(ROOM, "a year from the page", year["a backfill"], "a run for each day, by one of them", single, 0.05)


def _share_of(whole: Shape, days: int) -> Shape:
    counts = (whole.orders, whole.customers, whole.tickets, whole.events)
    orders, customers, tickets, events = (count * days // whole.days for count in counts)
    return Shape(orders, days, customers, tickets, events)


def _prepared(root: Path, shape: Shape) -> Place:
    generate(root / "data" / "landing", shape)
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
