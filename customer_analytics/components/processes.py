"""Which process a run is in, and whether that is still there."""

import os
import socket
from contextlib import suppress
from pathlib import Path

# Noted on a run as run@host:pid:start: Dagster copies the tags of a run that it starts again.
PROCESS_TAG = "customer_analytics/process"


def process_of(run_id: str) -> str:
    """What a run in this process has as ``PROCESS_TAG``."""
    return f"{run_id}@{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(process: str) -> bool:
    """Whether host:pid:start is a process of this host that has ended; another may have its number now.

    Of other hosts nothing is known.
    """
    host, pid, started = (*process.split(":"), "")[:3]
    now = _started(int(pid)) if host == socket.gethostname() else started
    return now is None or (now != started and "" not in (now, started))


def _started(pid: int) -> str | None:
    """When a process began, in ticks since the machine did, where Linux tells; None where there is no such process."""
    with suppress(PermissionError):  # It is there, and someone else's.
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
    try:
        state, *facts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return None if state == "Z" else facts[18]  # A zombie has ended; nobody has taken note of it yet.
