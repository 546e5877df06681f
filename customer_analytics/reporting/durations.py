"""Whether a run took much longer than runs like it have taken before."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import duckdb

SLOW_FACTOR = 1.5
# Below this much more it is noise: other programs, a cold cache.
LEAST_EXCESS_SECONDS = 5.0
BASELINE_LOADS = 20
LEAST_BASELINE_LOADS = 5
# Runs are alike up to this factor in their number of days: every run has a fixed cost, so a day in a range of thirty
# takes much less than a day alone.
ALIKE_FACTOR = 2
# A baseline is looked for among so many of a dataset's latest loads.
REMEMBERED_LOADS = 300


@dataclass(frozen=True)
class Timing:
    """How long a run took for a dataset, and for how much."""

    run_id: str
    days: int
    records: int
    seconds: float


@dataclass(frozen=True)
class Slow:
    """A load that took much longer than ``usual_seconds``, what ``loads`` earlier ones make one expect."""

    dataset: str
    load: Timing
    usual_seconds: float
    loads: int

    @property
    def words(self) -> str:
        """What happened, for people."""
        load, times = self.load, self.load.seconds / self.usual_seconds
        days = "1 day" if load.days == 1 else f"{load.days:,} days"
        return (
            f"Run {load.run_id} took {load.seconds:,.0f} s for {days} and {load.records:,} records of {self.dataset}, "
            f"{times:.1f} times as long as the {self.usual_seconds:,.0f} s that {self.loads} earlier runs make one "
            "expect."
        )


def slow_loads(snapshot: duckdb.DuckDBPyConnection) -> list[Slow]:
    """The datasets whose latest load was slower than usual, by name."""
    rows = snapshot.execute(
        """select dataset, run_id, days, records, seconds
           from quality.loads
           where days > 0
           qualify row_number() over (partition by dataset order by ended_at desc, run_id) <= ?
           order by dataset, ended_at, run_id desc""",
        [REMEMBERED_LOADS],
    ).fetchall()
    loads: dict[str, list[Timing]] = {}
    for dataset, *load in rows:
        loads.setdefault(dataset, []).append(Timing(*load))
    found = [judge(dataset, of_dataset) for dataset, of_dataset in loads.items()]
    return [slow for slow in found if slow]


def judge(dataset: str, loads: Sequence[Timing]) -> Slow | None:
    """Hold the last of ``loads`` against those before it; None where it is not slow, or too few are like it.

    Expected is the median over the latest loads with about as many days, where a load with fewer records counts for
    longer, in proportion; one with more records does not count for less, as there is a fixed cost.
    """
    if not loads:
        return None
    *earlier, latest = loads
    alike = [load for load in earlier if _is_alike(load, latest)][-BASELINE_LOADS:]
    if len(alike) < LEAST_BASELINE_LOADS:
        return None
    usual = median(load.seconds * max(1.0, latest.records / max(1, load.records)) for load in alike)
    is_slow = latest.seconds > SLOW_FACTOR * usual and latest.seconds - usual >= LEAST_EXCESS_SECONDS
    return Slow(dataset, latest, usual, len(alike)) if is_slow else None


def _is_alike(load: Timing, other: Timing) -> bool:
    return other.days <= ALIKE_FACTOR * load.days and load.days <= ALIKE_FACTOR * other.days
