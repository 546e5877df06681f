"""Records that seemed good until their key was found elsewhere are set aside as they were delivered, byte for byte."""

import gzip
from collections.abc import Iterator, Mapping
from datetime import date

import pyarrow as pa
import pytest

from customer_analytics.landing.corrections import Correction, corrections_file, write_corrections
from customer_analytics.landing.folder import DeliveredFile, LandingArea
from customer_analytics.landing.records import read_records
from customer_analytics.quality import recalling
from customer_analytics.reporting.quarantine import read_quarantine
from customer_analytics_tests.scenario import DAY, NEXT_DAY, ORDERS, ORDERS_HEADER, STRICT_ORDERS, Scene, orders_of

# Cells in quotes and a newline among them, spaces, other line ends: none of it is left in the values.
ODD = b'"O-1", C-1 ,2026-03-10 09:00:00,"10.00","paid"'
MULTILINE = b'O-1,"C\r\n1",2026-03-10 09:00:00,10.00,paid'
AGAIN = b"O-1,C-1,2026-03-10T09:00:00Z,010.00,paid"
FIRST = (ORDERS_HEADER + "O-1,C-1,2026-03-10 08:00:00,10.00,paid\r\n\r\n").encode()


def set_aside(scene: Scene) -> list[tuple[date, str, int, bytes]]:
    rows = scene.all("select delivery_day, file, line, raw from quality.quarantine order by all")
    return [(day, file, line, bytes(raw)) for day, file, line, raw in rows]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_key_that_stands_twice_on_a_day(scene: Scene, packed: bool) -> None:
    second = ORDERS_HEADER.encode() + b"\r\n".join([MULTILINE, AGAIN])
    files: Mapping[str, bytes] = {"a.csv": FIRST + ODD, "b.csv": second}
    if packed:
        files = {f"{name}.gz": gzip.compress(content) for name, content in files.items()}
    assert scene.deliver(ORDERS, files).state == "published"
    first, other = files
    assert set_aside(scene) == [(DAY, first, 4, ODD), (DAY, other, 2, MULTILINE), (DAY, other, 4, AGAIN)]


def test_a_key_that_belongs_to_another_day(scene: Scene) -> None:
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1", "O-3"), NEXT_DAY)
    scene.land(ORDERS, FIRST)
    assert len(scene.load(ORDERS)) == 2
    assert set_aside(scene) == [(NEXT_DAY, "delivery.csv", 2, b"O-1,C-1,2026-03-11 09:00:00,10.00,paid")]


def test_among_so_many_records_that_they_are_read_in_several_parts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customer_analytics.landing.content.CHUNK_BYTES", 512)
    lines = [f"O-{n % 150},C-{n},2026-03-10 09:00:00,{n}.00,paid" for n in range(200)]
    scene.deliver(ORDERS, ORDERS_HEADER + "\n".join(lines))
    assert set_aside(scene) == [(DAY, "delivery.csv", n + 2, lines[n].encode()) for n in range(150, 200)]


def test_a_good_record_that_is_corrected_is_known_by_its_bytes(scene: Scene) -> None:
    scene.land(ORDERS, FIRST)
    digest = scene.column("select sha256('O-1,C-1,2026-03-10 08:00:00,10.00,paid')")[0]
    columns = ORDERS.contract.column_names
    corrected = dict(zip(columns, ["O-1", "C-2", "2026-03-10 08:00:00", "12.00", "paid"], strict=True))
    path = corrections_file(scene.root, ORDERS.name, DAY)
    write_corrections(path, columns, [Correction("delivery.csv", 2, digest, corrected)])
    assert scene.load(ORDERS)[0].state == "published"
    assert scene.column("select customer_id from sources.orders") == ["C-2"]


def test_a_day_that_was_held_back_shows_what_it_brought(scene: Scene) -> None:
    scene.land(STRICT_ORDERS, FIRST + b"\r\n".join([ODD, AGAIN]))
    [report] = scene.load(STRICT_ORDERS)
    assert report.state == "held_back"
    found = read_quarantine(scene.connection, LandingArea(scene.root), STRICT_ORDERS, DAY)
    assert [(record.line, record.raw) for record in found] == [(4, ODD), (5, AGAIN)]


def test_a_day_that_shares_keys_with_one_that_was_asked_for_is_still_not_asked_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1", "O-3"), NEXT_DAY)
    scene.land(ORDERS, FIRST)

    def read_nothing(file: DeliveredFile) -> Iterator[pa.RecordBatch]:
        raise PermissionError(13, "Permission denied", str(file.path))

    monkeypatch.setattr(recalling, "read_records", read_nothing)
    reports = scene.load(ORDERS)
    assert [(report.day, report.was_asked_for, report.may_pass) for report in reports] == [
        (DAY, True, True),
        (NEXT_DAY, False, True),
    ]
    assert scene.day_of_each_order() == {"O-1": NEXT_DAY, "O-3": NEXT_DAY}


@pytest.mark.parametrize("change", ["written again", "gone"])
def test_where_the_file_is_not_what_it_was_the_days_are_tried_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    folder = scene.land(ORDERS, FIRST + ODD)
    scene.land(ORDERS, orders_of(NEXT_DAY, "O-5"), NEXT_DAY)

    def read_and_change(file: DeliveredFile) -> Iterator[pa.RecordBatch]:
        if change == "gone":
            (folder / "delivery.csv").unlink()
        read = list(read_records(file))
        (folder / "delivery.csv").write_bytes(FIRST)
        yield from read

    monkeypatch.setattr(recalling, "read_records", read_and_change)
    reports = scene.load(ORDERS, DAY, NEXT_DAY)
    assert [(report.state, report.may_pass) for report in reports] == [("held_back", True)] * 2
    assert str(folder) in reports[0].message
    assert scene.day_of_each_order() == {}
    monkeypatch.undo()
    if change == "written again":
        assert [report.state for report in scene.load(ORDERS, DAY, NEXT_DAY)] == ["published"] * 2
