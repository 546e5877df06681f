"""Whether files are still those that were read: for the load that reads them, and for whoever looks later."""

import os
from pathlib import Path

import pytest

from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import FLAG, LandingArea
from customer_analytics.landing.unchanged import assert_unchanged, is_unchanged
from customer_analytics_tests.scenario import CLEAN_ORDERS, DAY, ORDERS, land

FILES = {"a.csv": CLEAN_ORDERS, "b.jsonl": "{}"}


@pytest.fixture
def area(tmp_path: Path) -> LandingArea:
    return LandingArea(tmp_path / "landing")


@pytest.mark.parametrize("change", ["append", "add", "remove", "remove all"])
def test_a_delivery_that_changed_since_it_was_opened_is_refused(area: LandingArea, change: str) -> None:
    folder = land(area.root, ORDERS, FILES)
    delivery = area.open("orders", DAY)
    assert_unchanged(delivery)
    if change == "append":
        with (folder / "a.csv").open("a") as stream:
            stream.write("x")
    elif change == "add":
        (folder / "c.csv").touch()
    else:
        (folder / "a.csv").unlink()
    if change == "remove all":
        (folder / "b.jsonl").unlink()
        (folder / FLAG).unlink()
        folder.rmdir()
    with pytest.raises(DeliveryRefusedError, match="changed while they were read"):
        assert_unchanged(delivery)


def test_files_that_were_only_touched_are_those_that_were_read(area: LandingArea) -> None:
    folder = land(area.root, ORDERS, FILES)
    read = area.open("orders", DAY)
    assert is_unchanged(area, "orders", DAY, read.signature, None)
    os.utime(folder / "a.csv", (1, 1))
    assert is_unchanged(area, "orders", DAY, read.signature, read.fingerprint)
    assert not is_unchanged(area, "orders", DAY, read.signature, None)
    (folder / "a.csv").write_text(CLEAN_ORDERS + "\n")
    assert not is_unchanged(area, "orders", DAY, read.signature, read.fingerprint)


def test_files_that_cannot_be_opened_any_more_have_changed(area: LandingArea) -> None:
    folder = land(area.root, ORDERS, FILES)
    read = area.open("orders", DAY)
    (folder / "c.txt").touch()
    assert not is_unchanged(area, "orders", DAY, read.signature, read.fingerprint)


def test_files_that_could_not_be_opened_have_changed_when_one_more_comes(area: LandingArea) -> None:
    folder = land(area.root, ORDERS, {"c.txt": ""})
    refused = area.signature("orders", DAY)
    assert is_unchanged(area, "orders", DAY, refused, None)
    (folder / "d.txt").touch()
    assert not is_unchanged(area, "orders", DAY, refused, None)
