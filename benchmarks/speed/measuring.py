"""Commands run in turn as processes of their own: how long their work took, and the peak of their memory."""

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import IO

from benchmarks.speed.memory import watched_memory

PROJECT = Path(__file__).parents[2]
# No command takes longer on purpose; one that does is stopped.
LONGEST_SECONDS = 3_600.0
# What is not written down is compiled again by every process; people's own machines keep it.
_OF_OTHERS = ("DAGSTER_HOME", "CUSTOMER_ANALYTICS_", "PYTHONDONTWRITEBYTECODE")


class ContenderFailedError(Exception):
    """A command ended with an error, or did not end; the message is the last line that it wrote."""


def nothing() -> None:
    """There is nothing to do before."""


@dataclass(frozen=True)
class Contender:
    """A command to be measured; ``before`` runs before each of its rounds and does not count."""

    name: str
    command: Sequence[str]
    before: Callable[[], None] = nothing
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = PROJECT


@dataclass(frozen=True)
class Run:
    """One round of a contender: seconds, megabytes (10^6 bytes), and what its last line said, if that was JSON."""

    seconds: float
    peak_mb: float
    said: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """The median of several rounds in the unit of its result, and the largest peak of memory in megabytes.

    ``spread`` is the range of the rounds as a share of the median.
    """

    value: float
    peak_mb: float = 0.0
    spread: float = 0.0


@dataclass(frozen=True)
class Result:
    """A figure of ours beside one of a limit or a peer; ``goal`` is the ratio that is still good, None without one.

    ``unit`` is that of both figures: s, ms, MB. A result is known by its room and name.
    """

    room: str
    name: str
    ours: Figure
    against: str
    theirs: Figure
    goal: float | None = None
    higher_is_better: bool = False
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Ours over theirs."""
        return self.ours.value / self.theirs.value

    @property
    def noise(self) -> float:
        """How far the ratio may be off, as a share, by the spread of the rounds of both."""
        return math.hypot(self.ours.spread, self.theirs.spread)

    @property
    def meets_goal(self) -> bool:
        """Whether the ratio is as good as its goal, or there is none."""
        if self.goal is None:
            return True
        return self.ratio >= self.goal if self.higher_is_better else self.ratio <= self.goal


@dataclass(frozen=True)
class Skipped:
    """What could not be measured here, and the reason in a word."""

    room: str
    name: str
    reason: str


class DisagreementError(Exception):
    """Contenders did the same work on the same files, and did not get the same; the message says who and what."""


@dataclass(frozen=True)
class Scale:
    """How much is measured, for the rooms to take what concerns them.

    ``orders`` in ``days`` are those of a whole job, ``customers`` those whom readers ask for, ``day_records`` those of
    one large day, and ``history_days`` the histories that a day is added to. ``has_peers`` says that tools which have
    to be installed first take part.
    """

    name: str
    rounds: int
    orders: int
    days: int
    customers: int
    day_records: int
    history_days: Sequence[int]
    has_peers: bool

    @property
    def is_large(self) -> bool:
        """Whether minutes may pass."""
        return self.name == "large"


SMALL = Scale("small", 2, 200_000, 30, 20_000, 200_000, (30, 180), has_peers=False)
LARGE = Scale("large", 2, 1_000_000, 365, 1_000_000, 1_000_000, (30, 365, 1_095), has_peers=True)


def job(name: str, *arguments: object) -> list[str]:
    """The command that runs ``benchmarks.speed.jobs.<name>`` with this Python."""
    return [sys.executable, "-m", f"benchmarks.speed.jobs.{name}", *map(str, arguments)]


def say(seconds: float, **more: object) -> None:
    """What a job prints at its end: how long its own work took, imports left out, and what else it found."""
    print(json.dumps({"seconds": seconds, **more}), flush=True)


def alternate(contenders: Sequence[Contender], rounds: int) -> dict[str, Figure]:
    """Run each command in turn, ``rounds`` times; figures in seconds by name.

    Raises:
        ContenderFailedError: a command ended with an error.
    """
    return {name: figure_of(runs) for name, runs in take_turns(contenders, rounds).items()}


def take_turns(contenders: Sequence[Contender], rounds: int) -> dict[str, list[Run]]:
    """Every round of every contender, by name, for those who want more than the figures.

    Raises:
        ContenderFailedError: a command ended with an error.
    """
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            runs[contender.name].append(run(contender))
    return runs


def figure_of(runs: Sequence[Run]) -> Figure:
    """Median, largest peak and spread of rounds."""
    return figure([each.seconds for each in runs], max(each.peak_mb for each in runs))


def figure(values: Sequence[float], peak_mb: float = 0.0) -> Figure:
    """Median and spread of what was measured otherwise than by the seconds of a run."""
    middle = median(values)
    return Figure(middle, peak_mb, (max(values) - min(values)) / middle if middle else 0.0)


def run(contender: Contender) -> Run:
    """Run a command once. Its seconds are those that it prints, or else those of the whole process.

    Raises:
        ContenderFailedError: it ended with an error, or took longer than ``LONGEST_SECONDS``.
    """
    contender.before()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OF_OTHERS)}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - the commands are this folder's own
            contender.command,
            stdout=output,
            stderr=errors,
            env={**inherited, **contender.environment},
            cwd=contender.folder,
            start_new_session=True,
        )
        with _all_ended(process), watched_memory(process.pid) as peak:
            code = _wait(process)
        seconds = time.perf_counter() - began
        said, lines = _read(output), _read(errors)
    if code != 0:
        message = f"{contender.name}: {[f'it ended with {code}', *said, *lines][-1]}"
        raise ContenderFailedError(message)
    printed = _as_json(said[-1]) if said else {}
    own = printed.get("seconds")
    return Run(own if isinstance(own, float) else seconds, peak.megabytes, printed)


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired as error:
        message = f"{process.args!r} did not end within {LONGEST_SECONDS:.0f} s"
        raise ContenderFailedError(message) from error


@contextmanager
def _all_ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Nothing that the command started outlives it: not in the next one's time, not on the machine."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(stream: IO[bytes]) -> list[str]:
    stream.seek(0)
    return [line for line in stream.read().decode(errors="replace").splitlines() if line.strip()]


def _as_json(line: str) -> dict[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
