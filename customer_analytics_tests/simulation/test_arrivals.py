"""Whatever arrives, and whatever breaks meanwhile: nothing is missed, nothing is doubled, everything is told once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import dagster as dg
import pytest

from customer_analytics.components import watch
from customer_analytics_tests.alerting.sinks import Sink, http_sink
from customer_analytics_tests.simulation.arrivals import Supplier, plan
from customer_analytics_tests.simulation.clock import Clock
from customer_analytics_tests.simulation.daemon import Daemon
from customer_analytics_tests.simulation.ending import (
    assert_all_told_once,
    assert_nothing_doubled,
    assert_nothing_missed,
)
from customer_analytics_tests.simulation.house import House

FIRST = date(2026, 3, 2)
WEEK = timedelta(days=7)
RETRIES = {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
ARRIVALS = int(os.environ.get("ARRIVALS", "10000"))


@contextmanager
def lived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, days: int, arrivals: int, down: timedelta = WEEK
) -> Iterator[tuple[House, Sink]]:
    data, home = tmp_path / "data", tmp_path / "dagster"
    home.mkdir()
    monkeypatch.setenv("CUSTOMER_ANALYTICS_DATA_DIR", str(data))
    monkeypatch.setenv("CUSTOMER_ANALYTICS_START_DATE", FIRST.isoformat())
    monkeypatch.delenv("CUSTOMER_ANALYTICS_END_DATE", raising=False)
    monkeypatch.setattr(watch, "stopped_problems", lambda *_: [])  # An instance in memory has no daemons.
    clock = Clock(datetime(FIRST.year, FIRST.month, FIRST.day, 0, 0, 30, tzinfo=UTC))
    down_from = clock.now + timedelta(days=max(1, days // 3), hours=9)
    with (
        http_sink() as sink,
        dg.DagsterInstance.ephemeral(settings={"run_retries": RETRIES}) as instance,
        dg.DagsterInstance.local_temp(str(home)) as lasting,
        clock.ticking(),
    ):
        monkeypatch.setenv("CUSTOMER_ANALYTICS_ALERTS_DATA_TEAM", sink.url)
        random = Random(seed)
        house = House(
            data=data,
            clock=clock,
            supplier=Supplier(data / "landing", FIRST),
            daemon=Daemon(clock, instance, lasting, random, data),
            random=random,
            downtime=(down_from, down_from + down),
        )
        planned = plan(seed, FIRST, days, arrivals)
        house.live(planned, clock.now + timedelta(days=days + 1))
        house.calm_down()
        yield house, sink


def assert_all_is_well(house: House, sink: Sink) -> None:
    assert_nothing_missed(house)
    assert_nothing_doubled(house)
    assert_all_told_once(house)
    assert len(sink.arrived) > 1
    print(house.counts, f"{len(sink.arrived)} messages arrived")


@pytest.mark.long
def test_a_few_arrivals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with lived(tmp_path, monkeypatch, seed=1, days=2, arrivals=50, down=timedelta(hours=12)) as (house, sink):
        assert_all_is_well(house, sink)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_some_hundred_arrivals_and_a_week_of_downtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with lived(tmp_path, monkeypatch, seed, days=9, arrivals=200) as (house, sink):
        assert_all_is_well(house, sink)


@pytest.mark.long
def test_ten_thousand_arrivals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with lived(tmp_path, monkeypatch, seed=3, days=max(9, ARRIVALS // 500), arrivals=ARRIVALS) as (house, sink):
        assert_all_is_well(house, sink)
        assert house.counts.most_requests > 1
