"""The scene that tests of this room play in: hundreds of them, so all that does not concern them is done before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from customer_analytics_tests.scenario import Scene, new_warehouse, open_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty data folder with a new warehouse that knows the contracts of all sources."""
    with open_scene(tmp_path, new_warehouse(knows_contracts=True)) as opened:
        opened.connection.execute("set threads = 1")  # A few records each: another thread only takes time.
        yield opened
