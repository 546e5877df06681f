"""Ninety landed days and the company behind them, made once."""

from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from customer_analytics.demo.land import land_demo
from customer_analytics.demo.simulation import SimulatedDay, simulate

FIRST_DAY = date(2026, 8, 23)
DAYS = 90
SEED = 20260101


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A landing area with ninety days."""
    folder = tmp_path_factory.mktemp("landing")
    assert len(list(land_demo(folder, FIRST_DAY, DAYS, SEED))) == DAYS * 3
    return folder


@pytest.fixture(scope="session")
def company() -> list[SimulatedDay]:
    """The same ninety days before anything was planted or written."""
    return list(islice(simulate(FIRST_DAY, SEED), DAYS))
