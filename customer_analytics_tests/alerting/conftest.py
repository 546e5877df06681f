"""What tests of alerting share."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from customer_analytics.alerting.store import open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_store(tmp_path / "alerts.sqlite") as connection:
        yield connection
