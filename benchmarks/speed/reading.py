"""Reading the snapshot: the commonest questions against 50 ms, alone and while it is replaced again and again."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.speed.jobs.reading_questions import OPENING, QUESTIONS
from benchmarks.speed.measuring import PROJECT, Contender, Figure, Result, Scale, figure, figure_of, job, run

ROOM = "reading"
MOST = Figure(50.0)
_DAYS = 365
_ORDERS_PER_CUSTOMER = 3
_ENDLESSLY = 1_000_000


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """Each question alone; all of them while a writer adds days and replaces the snapshot; what replacing it costs."""
    orders_a_day, customers = _ORDERS_PER_CUSTOMER * scale.customers // _DAYS, scale.customers
    run(Contender("warehouse", job("reading_warehouse", folder, orders_a_day, _DAYS, customers)))
    # Days are added to the snapshot before the present one: there is none yet.
    whole = run(_snapshots(folder, 1, orders_a_day, customers))
    updated = run(_snapshots(folder, scale.rounds, orders_a_day, customers))
    ask = Contender("questions", job("reading_questions", folder / "serving.duckdb", scale.rounds))
    alone = _figures(run(ask).said["asked"])
    with _replaced_all_the_time(_snapshots(folder, _ENDLESSLY, orders_a_day, customers)):
        meanwhile = _figures(run(ask).said["asked"])
    for question in QUESTIONS:
        yield Result(ROOM, question, alone[question], "50 ms", MOST, 1.0, unit="ms")
    for question in QUESTIONS:
        name = f"{question}, while the snapshot is replaced"
        yield Result(ROOM, name, meanwhile[question], "50 ms", MOST, 1.0, unit="ms")
    yield Result(ROOM, OPENING, alone[OPENING], "50 ms", MOST, unit="ms")
    each = _figures({"each": updated.said["each"]}, updated.peak_mb)["each"]
    yield Result(ROOM, "snapshot updated by a day", each, "copied whole", figure_of([whole]))


def _snapshots(folder: Path, times: int, orders_a_day: int, customers: int) -> Contender:
    return Contender("snapshot", job("reading_snapshot", folder, times, orders_a_day, customers))


def _figures(said: object, peak_mb: float = 0.0) -> dict[str, Figure]:
    if not isinstance(said, dict):
        raise TypeError
    return {name: figure(values, peak_mb) for name, values in said.items()}


@contextmanager
def _replaced_all_the_time(snapshots: Contender) -> Iterator[None]:
    # The command is this folder's own.
    with subprocess.Popen(snapshots.command, cwd=PROJECT, start_new_session=True) as writer:  # noqa: S603
        try:
            yield
        finally:
            os.killpg(writer.pid, signal.SIGKILL)
