"""A small file that grows to a gigabyte is refused before it takes the machine's memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from customer_analytics.contracts.policy import Format
from customer_analytics_tests.bad_input.bombs import PATTERNS, gzip_bomb, parquet_bomb, zstd_bomb

MEMORY_BYTES = 200_000_000
GIBIBYTE_IN_MEBIBYTES = 1024


def load(folder: Path, name: str, content: bytes) -> tuple[str, int, str]:
    """Load a file in a process of its own: the outcome, by how many bytes its peak of memory grew, the message."""
    (folder / name).write_bytes(content)
    program = [sys.executable, "-m", "customer_analytics_tests.bad_input.peak_memory", str(folder / name)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=120)
    state, growth, message = done.stdout.strip().split(" ", 2)
    return state, int(growth), message


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_gibibyte_in_one_gzip_file_is_refused_in_little_memory(tmp_path: Path, form: Format, pattern: str) -> None:
    name = f"orders.{form}.gz"
    state, growth, message = load(tmp_path, name, gzip_bomb(form, pattern, GIBIBYTE_IN_MEBIBYTES))
    assert (state, name in message) == ("held_back", True)
    assert growth < MEMORY_BYTES


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_gibibyte_in_one_zstd_file_is_refused_in_little_memory(tmp_path: Path, pattern: str) -> None:
    state, growth, message = load(tmp_path, "orders.csv.zst", zstd_bomb("csv", pattern, GIBIBYTE_IN_MEBIBYTES))
    assert (state, "orders.csv.zst" in message) == ("held_back", True)
    assert growth < MEMORY_BYTES


def test_a_gibibyte_in_a_parquet_file_is_refused_in_little_memory(tmp_path: Path) -> None:
    state, growth, message = load(tmp_path, "orders.parquet", parquet_bomb(GIBIBYTE_IN_MEBIBYTES))
    assert (state, "orders.parquet" in message) == ("held_back", True)
    assert growth < MEMORY_BYTES
