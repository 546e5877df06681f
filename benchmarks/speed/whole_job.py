"""The same whole job for every contender on the same files: read, judge, keep, derive; and all must get the same."""

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.speed.data import Shape, generate
from benchmarks.speed.environments import PEERS, NotInstalledError, python_for
from benchmarks.speed.measuring import (
    Contender,
    ContenderFailedError,
    DisagreementError,
    Result,
    Run,
    Scale,
    Skipped,
    figure_of,
    job,
    run,
)

ROOM = "whole job"
OURS = "ours"
# What takes longer than this is run once.
_LONG_SECONDS = 10.0
_BAD_SHARE = 0.02


@dataclass(frozen=True)
class Peer:
    """Another way to do the job: its folder in ``peers``, and how much of its time ours may take."""

    folder: str
    title: str
    goal: float | None


LIMIT = Peer("duckdb", "raw DuckDB script", 3.0)
PANDAS = Peer("pandas", "pandas script", 1.0)
POLARS = Peer("polars", "Polars", None)
OTHERS = (
    Peer("pandera", "pandas with pandera, all of it", 1.0),
    Peer("dbt", "dbt-duckdb", 1.0),
    Peer("sqlmesh", "SQLMesh", 1.0),
    Peer("dlt", "dlt (loading only)", 1.0),
    Peer("pyspark", "PySpark, local", 1.0),
)


@dataclass(frozen=True)
class Workload:
    """Files of ``shape``'s size, and who works on them; tickets come as JSONL, events as Parquet, orders as CSV."""

    title: str
    shape: Shape
    peers: Sequence[Peer]


def workload(scale: Scale) -> Workload:
    """What is done at a scale: a month, or a year with all peers."""
    title, tickets, events = ("a year", 300_000, 3_000_000) if scale.is_large else ("a month", 20_000, 30_000)
    shape = Shape(scale.orders, scale.days, scale.orders // 10, tickets, events, bad_share=_BAD_SHARE)
    return Workload(title, shape, (LIMIT, PANDAS, *((POLARS, *OTHERS) if scale.has_peers else ())))


def measure(scale: Scale, folder: Path) -> Iterator[Result | Skipped]:
    """Ours against each peer; a peer that cannot run here is skipped.

    Raises:
        DisagreementError: a contender got other totals than ours.
        ContenderFailedError: ours or the raw DuckDB script failed.
    """
    work = workload(scale)
    _land(folder / "landing", work.shape)
    yield from _compete(work, scale.rounds, folder / "landing", folder / "store")


def _land(landing: Path, shape: Shape) -> None:
    generate(landing, replace(shape, tickets=0, events=0))
    generate(landing, replace(shape, orders=0, events=0, format="jsonl"))
    generate(landing, replace(shape, orders=0, tickets=0, format="parquet"))


def _compete(work: Workload, rounds: int, landing: Path, store: Path) -> Iterator[Result | Skipped]:
    contenders = [Contender(OURS, job("whole_job_ours", landing, store), partial(_empty, store))]
    skipped: dict[str, str] = {}
    for peer in work.peers:
        try:
            contenders.append(_contender(peer, landing, store))
        except NotInstalledError as error:
            skipped[peer.title] = str(error)
    runs = _race(contenders, rounds, skipped)
    _empty(store)
    for peer in work.peers:
        name = f"{work.title}: {peer.title}"
        if peer.title in skipped:
            yield Skipped(ROOM, name, skipped[peer.title])
        else:
            yield Result(ROOM, name, figure_of(runs[OURS]), peer.title, figure_of(runs[peer.title]), peer.goal)


def _race(contenders: Sequence[Contender], rounds: int, skipped: dict[str, str]) -> dict[str, list[Run]]:
    """All rounds by name; a peer that fails is ``skipped`` from then on, and what takes long is run once."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            before = runs[contender.name]
            if contender.name in skipped or (before and before[0].seconds > _LONG_SECONDS):
                continue
            try:
                before.append(run(contender))
            except ContenderFailedError as error:
                if contender.name in (OURS, LIMIT.title):
                    raise
                skipped[contender.name] = str(error)
            else:
                _assert_agreed(contender.name, before[-1].said, runs[OURS][0].said)
    return runs


def _contender(peer: Peer, landing: Path, store: Path) -> Contender:
    command = [str(python_for(peer.folder)), str(PEERS / peer.folder / "whole_job.py"), str(landing), str(store)]
    return Contender(peer.title, command, partial(_empty, store), {"HOME": str(store)})


def _empty(store: Path) -> None:
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir()


def _assert_agreed(name: str, said: Mapping[str, object], ours: Mapping[str, object]) -> None:
    differing = differences(_totals(said), _totals(ours))
    if differing:
        message = f"{name} and ours do not get the same: {'; '.join(differing)}"
        raise DisagreementError(message)


def _totals(said: Mapping[str, object]) -> Mapping[str, object]:
    totals = said.get("totals")
    return totals if isinstance(totals, dict) else {}


def differences(theirs: Mapping[str, object], ours: Mapping[str, object]) -> list[str]:
    """Which totals of a contender are not ours. One that only loads says how many records it has: ours, good and bad.

    Estimated values are sums of what each rounds in its own way, so they may differ by a millionth.
    """
    if set(theirs) == {"records"}:
        ours = {"records": int(str(ours["accepted"])) + int(str(ours["quarantined"]))}
    return [
        f"{key}: {theirs.get(key)}, not {ours.get(key)}"
        for key in sorted(theirs.keys() | ours.keys())
        if not _is_same(theirs.get(key), ours.get(key), tolerance=1e-6 if key == "clv" else 0)
    ]


def _is_same(theirs: object, ours: object, tolerance: float) -> bool:
    if isinstance(theirs, int) and isinstance(ours, int):
        return math.isclose(theirs, ours, rel_tol=tolerance, abs_tol=0)
    return theirs == ours
