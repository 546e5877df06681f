"""Killed in the middle: a day is as before or complete, and loading it again makes up for it."""

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from customer_analytics_tests.scenario import (
    CLEAN_ORDERS,
    CORRECTED_ORDERS,
    DAY,
    LENIENT,
    MIXED_ORDERS,
    NEXT_DAY,
    ORDERS,
    Scene,
    land,
    open_at,
    orders_of,
    published_state,
)

State = dict[str, list[tuple[Any, ...]]]
# The functions of a load, in the order in which they are called; the process dies as it enters one.
MOMENTS = (
    "load._load_batch",
    "load.audit_days",
    "load.publish",
    "publish._write_profiles",
    "publish._write_ledger",
    "load.record_audits",
    "load._report",
)
COMMITTED = ("load._report",)

CHILD = """
    import importlib, json, os, signal, sys
    from datetime import date, datetime
    from pathlib import Path
    from customer_analytics.contracts.contract import load_contract
    from customer_analytics.contracts.source import Source, SourcePolicy
    from customer_analytics.landing.folder import LandingArea
    from customer_analytics.warehouse.connection import open_warehouse
    from customer_analytics.warehouse.load import load_days

    folder, moment, policy, *days = sys.argv[1:]

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    module, function = moment.split(".")
    setattr(importlib.import_module(f"customer_analytics.warehouse.{module}"), function, die)
    contract = load_contract("customer_analytics.contracts.orders.Orders")
    source = Source("orders", contract, SourcePolicy.model_validate_json(policy))
    path = Path(folder, "warehouse.duckdb")
    with open_warehouse(path, "child", timeout_seconds=5, memory_limit="1GB", log=print) as connection:
        area = LandingArea(Path(folder, "landing"))
        asked_for = [date.fromisoformat(day) for day in days]
        list(load_days(connection, area, source, asked_for, run_id="child", now=datetime(2026, 3, 11)))
"""


def kill_at(moment: str, folder: Path) -> None:
    """Load both days in a process that is killed at the moment."""
    arguments = [str(folder), moment, LENIENT.model_dump_json(), DAY.isoformat(), NEXT_DAY.isoformat()]
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHILD), *arguments], check=False, capture_output=True
    )
    assert process.returncode == -9, process.stderr.decode()


def state_of(folder: Path, then: Callable[[Scene], object] = lambda _: None) -> State:
    """What the warehouse holds after a restart, and after what is done then."""
    with open_at(folder / "warehouse.duckdb") as connection:
        then(Scene(folder, connection))
        return published_state(connection)


def load_again(scene: Scene) -> None:
    assert [report.state for report in scene.load(ORDERS, DAY, NEXT_DAY)] == ["published", "published"]


def prepare(folder: Path) -> State:
    """A warehouse with a day published, and that day corrected and the next one landed; what it holds so far."""

    def first_load(scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)

    before = state_of(folder, first_load)
    land(folder / "landing", ORDERS, {"delivery.csv": CORRECTED_ORDERS})
    land(folder / "landing", ORDERS, {"delivery.csv": orders_of(NEXT_DAY, "O-1", "O-8", "O-9")}, NEXT_DAY)
    return before


def without_revisions(state: State) -> State:
    """Revisions say that something changed; a number that was lost in a crash makes no difference."""
    ledger = 'quality."deliveries"'
    return state | {ledger: [(*row[:10], *row[11:]) for row in state[ledger]]}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, State, State]:
    """A folder to copy, what it holds, and what an undisturbed load makes of it."""
    folder = tmp_path_factory.mktemp("prepared")
    before = prepare(folder)
    undisturbed = shutil.copytree(folder, folder.with_name("undisturbed"))
    complete = without_revisions(state_of(undisturbed, load_again))
    return folder, without_revisions(before), complete


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_leaves_every_day_as_before_or_complete_and_loading_again_mends_it(
    tmp_path: Path, prepared: tuple[Path, State, State], moment: str
) -> None:
    source, before, complete = prepared
    folder = shutil.copytree(source, tmp_path / "data")
    kill_at(moment, folder)
    assert without_revisions(state_of(folder)) == (complete if moment in COMMITTED else before)
    assert without_revisions(state_of(folder, load_again)) == complete


def test_a_log_cut_short_anywhere_is_all_or_nothing(tmp_path: Path, prepared: tuple[Path, State, State]) -> None:
    source, before, complete = prepared
    killed = shutil.copytree(source, tmp_path / "killed")
    kill_at(COMMITTED[0], killed)
    log = (killed / "warehouse.duckdb.wal").read_bytes()
    seen = []
    for cut in [*range(0, len(log), max(1, len(log) // 15)), len(log) - 1, len(log)]:
        folder = shutil.copytree(killed, tmp_path / "cut")
        (folder / "warehouse.duckdb.wal").write_bytes(log[:cut])
        state = without_revisions(state_of(folder))
        assert state in (before, complete), f"cut at byte {cut} of {len(log)}"
        seen.append(state == complete)
        shutil.rmtree(folder)
    assert seen[-1]
    assert not seen[0]
    assert seen == sorted(seen)


def test_a_first_load_that_is_killed_leaves_an_empty_warehouse_that_works(tmp_path: Path) -> None:
    for day, content in ((DAY, CLEAN_ORDERS), (NEXT_DAY, orders_of(NEXT_DAY, "O-9"))):
        land(tmp_path / "landing", ORDERS, {"delivery.csv": content}, day)
    kill_at("load.record_audits", tmp_path)
    assert state_of(tmp_path)['quality."deliveries"'] == []
    assert len(state_of(tmp_path, load_again)['sources."orders"']) == 4
