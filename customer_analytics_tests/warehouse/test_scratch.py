"""A very large delivery: judged on disk, and published like any other."""

import gzip
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_analytics.landing import content
from customer_analytics.landing.corrections import Correction
from customer_analytics.landing.folder import LandingArea
from customer_analytics.reporting.corrections import add_corrections
from customer_analytics.reporting.quarantine import read_quarantine
from customer_analytics.warehouse import load as load_module
from customer_analytics.warehouse.audited import audit_days
from customer_analytics.warehouse.scratch import room_for_judging, scratch_file
from customer_analytics_tests.scenario import (
    DAY,
    MIXED_ORDERS,
    NEXT_DAY,
    ORDERS,
    THIRD_DAY,
    Scene,
    open_at,
    orders_of,
    published_state,
)

CELLS = {
    "order_id": "O-7",
    "customer_id": "C-7",
    "order_date": f"{DAY} 08:00:00",
    "total_amount": "1",
    "status": "paid",
}


def tell_a_story(scene: Scene) -> None:
    """A key on two days and twice on one, a day that is refused at first, one delivered again, and a correction."""
    scene.deliver(ORDERS, MIXED_ORDERS)
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1", "O-10", "O-10"), NEXT_DAY)
    scene.deliver(ORDERS, "what is this", THIRD_DAY)
    scene.deliver(ORDERS, {"a.csv": orders_of(THIRD_DAY, "O-20"), "b.csv": orders_of(THIRD_DAY, "O-21")}, THIRD_DAY)
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-11", "O-10"), NEXT_DAY)
    area = LandingArea(scene.root)
    held, *_ = read_quarantine(scene.connection, area, ORDERS, DAY)
    correction = Correction(held.file, held.line, held.raw_sha256 or "", CELLS)
    add_corrections(area.corrections_file("orders", DAY), ORDERS, [correction])
    scene.load(ORDERS, DAY)


def test_days_judged_on_disk_are_published_like_others(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    tell_a_story(scene)
    monkeypatch.setattr(load_module, "BATCH_BYTES", 1)
    with open_at(scene.folder / "other" / "warehouse.duckdb") as connection:
        tell_a_story(Scene(scene.folder / "other", connection))
        assert published_state(connection) == published_state(scene.connection)
        # And what fits into memory is judged there again.
        monkeypatch.undo()
        [report] = Scene(scene.folder / "other", connection).load(ORDERS, DAY)
        assert report.state == "published"


def test_what_is_judged_on_disk_is_its_owners_only_and_does_not_stay(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_module, "BATCH_BYTES", 1)
    path = scratch_file(scene.folder / "warehouse.duckdb")
    modes: list[int] = []

    def look_at(connection: duckdb.DuckDBPyConnection, *others: Any) -> Sequence[Any]:
        modes.append(stat.S_IMODE(path.stat().st_mode))
        return audit_days(connection, *others)

    monkeypatch.setattr(load_module, "audit_days", look_at)
    scene.deliver(ORDERS, MIXED_ORDERS)
    assert modes == [0o600]
    assert not path.exists()
    assert scene.column("select database_name from duckdb_databases() where not internal") == ["warehouse"]


def test_what_is_packed_counts_as_what_it_will_be(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, asked = orders_of(DAY, "O-1", "O-2", "O-3").encode(), list[bool]()

    def ask(connection: duckdb.DuckDBPyConnection, *, is_large: bool) -> Any:
        asked.append(is_large)
        return room_for_judging(connection, is_large=is_large)

    monkeypatch.setattr(load_module, "room_for_judging", ask)
    monkeypatch.setattr(load_module, "BATCH_BYTES", len(plain))
    scene.deliver(ORDERS, plain)
    scene.deliver(ORDERS, {"orders.csv.gz": gzip.compress(plain)}, NEXT_DAY)
    assert asked == [False, True]


def test_what_a_killed_process_left_is_taken_away(tmp_path: Path) -> None:
    left = scratch_file(tmp_path / "warehouse.duckdb")
    log = left.with_name(left.name + ".wal")
    for path in (left, log):
        path.write_bytes(b"personal data")
    with open_at(tmp_path / "warehouse.duckdb"):
        assert not left.exists()
        assert not log.exists()


def test_a_fault_on_disk_is_told_as_it_is(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "BATCH_BYTES", 1)

    def fail(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
        connection.execute("detach scratch")  # So that clearing up fails, too.
        message = "no room"
        raise duckdb.IOException(message)

    monkeypatch.setattr(load_module, "audit_days", fail)
    scene.land(ORDERS, MIXED_ORDERS)
    with pytest.raises(duckdb.IOException, match="no room"):
        scene.load(ORDERS)
    assert not scratch_file(scene.folder / "warehouse.duckdb").exists()


@pytest.mark.parametrize("last", ["", '"never closed\n'])
def test_how_much_is_read_at_once_makes_no_difference(scene: Scene, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    orders = orders_of(DAY, *(f"O-{number}" for number in range(300))) + last
    whole = scene.deliver(ORDERS, {"a.csv": orders, "b.csv": orders_of(DAY, "O-300", "O-5")})
    before = published_state(scene.connection)
    monkeypatch.setattr(content, "CHUNK_BYTES", 700)
    [cut] = scene.load(ORDERS)
    assert (cut.state, cut.message) == (whole.state, whole.message)
    assert whole.state == ("held_back" if last else "published")
    assert published_state(scene.connection) == before
    assert scene.column("select order_id from sources.orders") == ([] if last else [f"O-{n}" for n in range(301)])
