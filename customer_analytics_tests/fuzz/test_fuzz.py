"""The fuzzer finds nothing within its time."""

import importlib.util
import subprocess
import sys

import pytest

from customer_analytics_tests.effort import FUZZ_SECONDS


@pytest.mark.long
@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed: `pip install atheris` (Linux, macOS)"
)
def test_readers_only_ever_refuse() -> None:
    command = [sys.executable, "-m", "customer_analytics_tests.fuzz.readers", "--seconds", str(FUZZ_SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stderr[-5_000:]
    assert "DONE" in done.stderr, "the fuzzer ended early"
    print(*(line for line in done.stderr.splitlines() if line.startswith("stat::")), sep="\n")
