"""An environment of its own for each peer, made once and made again when its pinned versions change."""

import subprocess
import sys
from pathlib import Path

from benchmarks.speed.measuring import PROJECT

PEERS = Path(__file__).with_name("peers")
ENVIRONMENTS = PROJECT / ".bench"


class NotInstalledError(Exception):
    """A peer cannot be installed here; the message is the last line of the reason."""


def python_for(peer: str) -> Path:
    """The Python that a peer runs with: this one, or its own where the peer has a ``requirements.txt``.

    Raises:
        NotInstalledError: its environment could not be made.
    """
    wanted, environment = PEERS / peer / "requirements.txt", ENVIRONMENTS / peer
    if not wanted.exists():
        return Path(sys.executable)
    python, installed = environment / "bin" / "python", environment / "installed.txt"
    pins = wanted.read_text(encoding="utf-8")
    if not installed.exists() or installed.read_text(encoding="utf-8") != pins:
        _run(sys.executable, "-m", "venv", "--clear", str(environment))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted))
        installed.write_text(pins, encoding="utf-8")
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - named above
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("hint:")]
        raise NotInstalledError(lines[-1] if lines else f"pip ended with {done.returncode}")
