"""Opening deliveries: which days have landed, which files they have, and what makes a delivery another one."""

import os
from datetime import date
from pathlib import Path

import pytest

from customer_analytics.landing.errors import DeliveryRefusedError, LandingUnreadableError, NotLandedError
from customer_analytics.landing.folder import FLAG, LandingArea
from customer_analytics_tests.scenario import CLEAN_ORDERS, DAY, NEXT_DAY, ORDERS, land

FILES = {"a.csv": CLEAN_ORDERS, "b.jsonl": "{}"}


@pytest.fixture
def area(tmp_path: Path) -> LandingArea:
    return LandingArea(tmp_path / "landing")


def refusal(area: LandingArea) -> str:
    with pytest.raises(DeliveryRefusedError) as refused:
        area.open("orders", DAY)
    return str(refused.value)


def test_a_day_that_never_came_is_told_what_is_expected_where(area: LandingArea) -> None:
    with pytest.raises(NotLandedError) as missing:
        area.open("orders", DAY)
    assert f"{area.root}/orders/2026-03-10/*.{{csv|jsonl|parquet}}[.gz|.zst] and then {FLAG}" in str(missing.value)
    assert area.landed_days("orders") == []


def test_files_without_their_flag_have_not_landed(area: LandingArea) -> None:
    (land(area.root, ORDERS, FILES) / FLAG).unlink()
    assert area.landed_days("orders") == []
    assert area.landed_days("orders") == []
    with pytest.raises(NotLandedError):
        area.open("orders", DAY)


def test_landed_days_are_those_with_a_flag_ascending(area: LandingArea) -> None:
    for day in (NEXT_DAY, DAY):
        land(area.root, ORDERS, FILES, day)
    for name in ("2026-W11-1", "20260312", "2026-02-30", "latest", ".2026-03-13"):
        (area.root / "orders" / name).mkdir()
        (area.root / "orders" / name / FLAG).touch()
    assert area.landed_days("orders") == [DAY, NEXT_DAY]
    (area.root / "orders" / "2026-03-14").symlink_to("x" * 300)
    (area.root / "lost+found").mkdir()
    assert area.landed_days("orders") == [DAY, NEXT_DAY]
    assert area.sources() == ["orders"]
    assert area.landed_days("unknown") == []


def test_where_it_cannot_be_seen_what_has_landed_nobody_is_told_that_nothing_has(area: LandingArea) -> None:
    area.root.mkdir()
    (area.root / "orders").symlink_to("x" * 300)
    with pytest.raises(LandingUnreadableError, match="landing/orders cannot be read: File name too long"):
        area.landed_days("orders")


def test_a_manifest_that_is_no_file_is_refused(area: LandingArea) -> None:
    (land(area.root, ORDERS, FILES) / "manifest.json").mkdir()
    assert "2026-03-10/manifest.json is not a file. Deliver the manifest itself, or remove it." in refusal(area)


def test_an_area_that_is_not_there_has_no_sources(area: LandingArea) -> None:
    assert area.sources() == []


def test_a_delivery_has_its_files_by_name_and_hidden_ones_do_not_count(area: LandingArea) -> None:
    land(area.root, ORDERS, {"c.parquet": "", "b.JSONL.GZ": "", "a.csv.zst": "", ".a.csv.part": ""})
    delivery = area.open("orders", DAY)
    assert [(file.name, file.format, file.compression) for file in delivery.files] == [
        ("a.csv.zst", "csv", "zst"),
        ("b.JSONL.GZ", "jsonl", "gz"),
        ("c.parquet", "parquet", None),
    ]


def test_a_flag_without_data_is_refused(area: LandingArea) -> None:
    land(area.root, ORDERS, {})
    assert f"has {FLAG} but no data" in refusal(area)


@pytest.mark.parametrize("name", ["a.xlsx", "a", "csv", "gz", "zst", "a.csv.bz2", "a.gz", "a.xlsx.gz"])
def test_an_unknown_ending_is_refused_by_name(area: LandingArea, name: str) -> None:
    land(area.root, ORDERS, {name: "x"})
    message = refusal(area)
    assert name in message
    assert "the ending is not one of .csv, .jsonl or .parquet, each also with .gz or .zst" in message


def test_a_folder_in_a_days_folder_is_refused(area: LandingArea) -> None:
    (land(area.root, ORDERS, FILES) / "more.csv").mkdir()
    assert "more.csv: only files belong into a day's folder" in refusal(area)


def test_a_link_that_leaves_the_landing_area_is_refused(area: LandingArea, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(CLEAN_ORDERS)
    (land(area.root, ORDERS, FILES) / "c.csv").symlink_to(tmp_path / "secret.csv")
    assert "c.csv is a link that leaves the landing area" in refusal(area)


def test_a_days_folder_that_is_a_link_out_is_refused(area: LandingArea, tmp_path: Path) -> None:
    outside = land(tmp_path / "elsewhere", ORDERS, FILES)
    (area.root / "orders").mkdir(parents=True)
    (area.root / "orders" / DAY.isoformat()).symlink_to(outside, target_is_directory=True)
    assert "leaves the landing area" in refusal(area)


def test_a_link_to_nothing_is_refused(area: LandingArea) -> None:
    (land(area.root, ORDERS, FILES) / "c.csv").symlink_to(area.root / "gone.csv")
    assert area.signature("orders", DAY)
    assert "c.csv: only files belong" in refusal(area)


def test_a_link_within_the_landing_area_is_read(area: LandingArea) -> None:
    target = land(area.root, ORDERS, FILES, NEXT_DAY) / "a.csv"
    (land(area.root, ORDERS, {}) / "a.csv").symlink_to(target)
    assert [file.name for file in area.open("orders", DAY).files] == ["a.csv"]


def test_a_file_name_that_is_not_utf8_is_refused(area: LandingArea) -> None:
    folder = land(area.root, ORDERS, FILES)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_text(CLEAN_ORDERS)
    assert area.signature("orders", DAY)
    assert "is not UTF-8" in refusal(area)


def test_the_fingerprint_is_of_names_and_content_and_not_of_times(area: LandingArea) -> None:
    folder = land(area.root, ORDERS, FILES)
    before = area.open("orders", DAY).fingerprint
    os.utime(folder / "a.csv", (1, 1))
    assert area.open("orders", DAY).fingerprint == before
    (folder / "a.csv").write_text(CLEAN_ORDERS.replace("O-1", "O-7"))
    changed = area.open("orders", DAY).fingerprint
    (folder / "a.csv").write_text(CLEAN_ORDERS)
    (folder / "a.csv").rename(folder / "c.csv")
    renamed = area.open("orders", DAY).fingerprint
    assert len({before, changed, renamed}) == 3


def test_the_fingerprint_knows_where_one_file_ends_and_the_next_begins(area: LandingArea) -> None:
    land(area.root, ORDERS, {"a.csv": "12", "b.csv": "3"})
    before = area.open("orders", DAY).fingerprint
    land(area.root, ORDERS, {"a.csv": "1", "b.csv": "23"})
    assert area.open("orders", DAY).fingerprint != before


def test_the_signature_changes_when_a_file_is_written_again_added_or_gone(area: LandingArea) -> None:
    folder = land(area.root, ORDERS, FILES)
    seen = [area.signature("orders", DAY)]
    os.utime(folder / "a.csv", (1, 1))
    seen.append(area.signature("orders", DAY))
    (folder / "c.csv").write_text("x")
    seen.append(area.signature("orders", DAY))
    (folder / "b.jsonl").unlink()
    seen.append(area.signature("orders", DAY))
    (folder / FLAG).touch()
    assert len(set(seen)) == 4
    assert area.signature("orders", DAY) == seen[-1]


def test_the_signature_reads_no_content(area: LandingArea) -> None:
    folder = land(area.root, ORDERS, FILES)
    stat = (folder / "a.csv").stat()
    before = area.signature("orders", DAY)
    (folder / "a.csv").write_text("x" * stat.st_size)
    os.utime(folder / "a.csv", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert area.signature("orders", DAY) == before


def test_a_day_is_a_date_so_no_path_leads_out_of_the_area(area: LandingArea) -> None:
    land(area.root, ORDERS, FILES, date(2026, 3, 10))
    with pytest.raises(AttributeError):
        area.open("orders", "../../etc")  # type: ignore[arg-type]
