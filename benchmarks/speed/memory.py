"""How much memory a command needs at its peak, everything that it starts included."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.02


@dataclass
class Peak:
    """The largest sum of what the processes at work had at their own peaks; 0 where there is no /proc."""

    megabytes: float = 0.0


@contextmanager
def watched_memory(pid: int) -> Iterator[Peak]:
    """Resident memory of a process and what it starts, by their own high-water marks.

    Not by what the kernel says when a process has ended: that counts the peak of the one that started it, too.
    """
    peak, has_ended = Peak(), threading.Event()

    def watch() -> None:
        while Path("/proc").is_dir() and not has_ended.wait(POLL_SECONDS):
            peak.megabytes = max(peak.megabytes, sum(map(_high_water, _of_session(pid))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        has_ended.set()
        watcher.join()


def _of_session(leader: int) -> Iterator[int]:
    """The processes that a command started, itself among them: they share its session."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)


def _high_water(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))
