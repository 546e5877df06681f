"""Reading the snapshot: the commonest questions against 50 ms, alone and while it is replaced again and again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.speed.jobs.reading_questions import QUESTIONS
from benchmarks.speed.measuring import PROJECT, Contender, Figure, Result, Run, Scale, figure, figure_of, job, run

ROOM = "reading"
MOST = Figure(50.0)
_DAYS = 365
_AGAIN = "import subprocess, sys\nwhile True: subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)"


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """Each question alone; all of them while a writer replaces the snapshot; and what replacing it costs."""
    whole = run(Contender("snapshot", job("reading_snapshot", folder, scale.orders, _DAYS, scale.customers)))
    run(Contender("snapshot", job("reading_snapshot", folder)))
    update = [run(Contender("snapshot", job("reading_snapshot", folder))) for _ in range(scale.rounds)]
    ask = Contender("questions", job("reading_questions", folder / "serving.duckdb"))
    alone = [run(ask) for _ in range(scale.rounds)]
    with _replaced_all_the_time(folder):
        meanwhile = [run(ask) for _ in range(scale.rounds)]
    for question in QUESTIONS:
        yield Result(ROOM, question, _of(alone, question), "50 ms", MOST, 1.0, unit="ms")
    for question in QUESTIONS:
        name = f"{question}, while the snapshot is replaced"
        yield Result(ROOM, name, _of(meanwhile, question), "50 ms", MOST, 1.0, unit="ms")
    opening = figure([float(str(each.said["opening"])) for each in alone])
    yield Result(ROOM, "opening the snapshot", opening, "50 ms", MOST, unit="ms")
    yield Result(ROOM, "snapshot updated", figure_of(update), "copied whole", figure_of([whole]))


def _of(runs: list[Run], question: str) -> Figure:
    found = [each.said["questions"] for each in runs]
    return figure([float(each[question]) for each in found if isinstance(each, dict)])


@contextmanager
def _replaced_all_the_time(folder: Path) -> Iterator[None]:
    command = [sys.executable, "-c", _AGAIN, *job("reading_snapshot", folder)]
    # The command is this folder's own.
    with subprocess.Popen(command, cwd=PROJECT, start_new_session=True) as writer:  # noqa: S603
        try:
            yield
        finally:
            os.killpg(writer.pid, signal.SIGKILL)
