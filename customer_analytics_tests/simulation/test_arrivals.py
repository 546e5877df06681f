"""Whatever arrives, and whatever breaks meanwhile: nothing is missed, nothing is doubled, everything is told once."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import dagster as dg
import pytest

from customer_analytics_tests.alerting.sinks import Sink, http_sink
from customer_analytics_tests.simulation.arrivals import Supplier, plan
from customer_analytics_tests.simulation.clock import Clock
from customer_analytics_tests.simulation.daemon import Daemon
from customer_analytics_tests.simulation.house import House

FIRST = date(2026, 3, 2)
WEEK = timedelta(days=7)
RETRIES = {"run_retries": {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}}
ARRIVALS = int(os.environ.get("ARRIVALS", "10000"))


@contextmanager
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, days: int, arrivals: int) -> Iterator[tuple[House, Sink]]:
    data, home = tmp_path / "data", tmp_path / "dagster"
    home.mkdir()
    monkeypatch.setenv("CUSTOMER_ANALYTICS_DATA_DIR", str(data))
    monkeypatch.setenv("CUSTOMER_ANALYTICS_START_DATE", FIRST.isoformat())
    monkeypatch.delenv("CUSTOMER_ANALYTICS_END_DATE", raising=False)
    clock = Clock(datetime(FIRST.year, FIRST.month, FIRST.day, 0, 0, 30, tzinfo=UTC))
    down_from = clock.now + timedelta(days=days // 2, hours=9)
    with (
        http_sink() as sink,
        dg.DagsterInstance.local_temp(str(home), overrides=RETRIES) as instance,
        clock.ticking(),
    ):
        monkeypatch.setenv("CUSTOMER_ANALYTICS_ALERTS_DATA_TEAM", sink.url)
        random = Random(seed)
        house = House(
            data=data,
            clock=clock,
            supplier=Supplier(data / "landing", FIRST),
            daemon=Daemon(clock, instance, random, data),
            random=random,
            downtime=(down_from, down_from + WEEK),
        )
        planned = plan(seed, FIRST, days, arrivals)
        house.live(planned, clock.now + timedelta(days=days + 1))
        house.calm_down()
        yield house, sink


@pytest.mark.parametrize("seed", [1, 2])
def test_some_hundred_arrivals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    t = time.time()
    with lived(tmp_path, monkeypatch, seed, 15, 300) as (house, sink):
        print(time.time() - t, house.counts, len(sink.arrived))
