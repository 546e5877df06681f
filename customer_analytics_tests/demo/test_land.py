"""Landing: complete days, the same bytes for the same arguments, nothing rewritten."""

from datetime import date
from pathlib import Path

import pytest

from customer_analytics.demo.land import land_demo
from customer_analytics.landing.folder import FLAG
from customer_analytics_tests.demo.conftest import FIRST_DAY, SEED


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def land(folder: Path, days: int, seed: int = SEED) -> None:
    for _ in land_demo(folder, FIRST_DAY, days, seed):
        pass


def times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_same_arguments_give_the_same_bytes(landing: Path, tmp_path: Path) -> None:
    land(tmp_path, 90)
    assert files_below(tmp_path) == files_below(landing)


def test_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    land(tmp_path / "one", 1, seed=1)
    land(tmp_path / "two", 1, seed=2)
    one, two = files_below(tmp_path / "one"), files_below(tmp_path / "two")
    assert one.keys() == two.keys()
    assert all(one[name] != two[name] for name in one if not name.endswith(FLAG))


def test_more_days_keep_the_earlier_bytes(landing: Path, tmp_path: Path) -> None:
    land(tmp_path, 95)
    longer, shorter = files_below(tmp_path), files_below(landing)
    assert {name: longer[name] for name in shorter} == shorter
    assert len({Path(name).parent for name in longer}) == 95 * 3


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    land(tmp_path, 6)
    before = times(tmp_path)
    land(tmp_path, 6)
    assert times(tmp_path) == before


def test_a_landed_day_is_left_alone_whatever_it_holds(tmp_path: Path) -> None:
    folder = tmp_path / "orders" / FIRST_DAY.isoformat()
    folder.mkdir(parents=True)
    (folder / "mine.csv").write_text("order_id\n")
    (folder / FLAG).touch()
    land(tmp_path, 1)
    assert sorted(path.name for path in folder.iterdir()) == ["mine.csv", FLAG]


def test_a_day_that_was_cut_off_is_written_again(landing: Path, tmp_path: Path) -> None:
    land(tmp_path, 1)
    folder = tmp_path / "orders" / FIRST_DAY.isoformat()
    (folder / FLAG).unlink()
    (folder / "orders.csv").write_text("half")
    before = times(tmp_path)
    land(tmp_path, 1)
    changed = {path for path, time in times(tmp_path).items() if before.get(path) != time}
    assert changed == {folder, *folder.iterdir()}
    assert (folder / "orders.csv").read_bytes() == (landing / folder.relative_to(tmp_path) / "orders.csv").read_bytes()


def test_the_flag_is_put_down_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    replace = Path.replace

    def recorded(self: Path, target: Path) -> Path:
        written.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", recorded)
    next(land_demo(tmp_path, FIRST_DAY, 1))
    assert written == ["orders.csv", FLAG]


def test_nothing_hidden_and_no_half_file_remains(landing: Path) -> None:
    assert not list(landing.rglob(".*"))


def test_days_arrive_in_every_format_the_landing_area_knows(landing: Path) -> None:
    def suffixes(source: str) -> set[str]:
        return {path.name.partition(".")[2] for path in (landing / source).glob("*/*") if path.name != FLAG}

    assert suffixes("orders") == {"csv", "csv.gz", "csv.zst"}
    assert suffixes("support_tickets") == {"jsonl", "jsonl.gz"}
    assert suffixes("marketing_events") == {"parquet", "jsonl.gz"}


def test_days_are_consecutive(landing: Path) -> None:
    days = sorted(date.fromisoformat(folder.name) for folder in (landing / "orders").iterdir())
    assert (days[0], days[-1], len(days)) == (FIRST_DAY, date(2026, 11, 20), 90)
