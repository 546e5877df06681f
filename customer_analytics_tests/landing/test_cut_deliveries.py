"""A small delivery cut at every byte, or with any byte damaged: it is made up for or refused by name, never misread."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from customer_analytics.landing.content import read_chunks
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import FLAG, DeliveredFile, LandingArea
from customer_analytics.landing.manifest import MANIFEST
from customer_analytics.warehouse.day_report import DayReport
from customer_analytics_tests.scenario import DAY, ORDERS, ORDERS_HEADER, Scene, open_at

TEXT = (ORDERS_HEADER + "O-1,C-1,2026-03-10 09:00:00,10.00,paid\nO-2,,2026-03-10 10:30:00,25.50,paid\n").encode()
GZIP = gzip.compress(TEXT, mtime=0)
ZSTD = bytes(pa.Codec("zstd").compress(TEXT))
FILES = {"delivery.csv": TEXT, "delivery.csv.gz": GZIP, "delivery.csv.zst": ZSTD}

Result = list[list[tuple[Any, ...]]]
NOTHING: Result = [[], [], []]


@dataclass(frozen=True)
class Cut:
    """A scene in which a day is delivered again and again; ``whole`` is what is published of the whole delivery."""

    scene: Scene
    whole: Result

    def result_of(self, files: Mapping[str, bytes], flag: bytes | None = b"") -> tuple[DayReport, Result]:
        """Deliver the day, which was not published before, and load it."""
        if published(self.scene) != NOTHING:
            for table in ("sources.orders", "quality.quarantine", "quality.deliveries", "quality.changes"):
                self.scene.connection.execute(f"delete from {table}")
        folder = self.scene.land(ORDERS, files)
        (folder / FLAG).unlink() if flag is None else (folder / FLAG).write_bytes(flag)
        [report] = self.scene.load(ORDERS)
        return report, published(self.scene)

    def assert_as_whole(self, files: Mapping[str, bytes], flag: bytes = b"") -> None:
        report, result = self.result_of(files, flag)
        assert (report.state, report.message) == ("published", "")
        assert result == self.whole

    def assert_refused(self, name: str, files: Mapping[str, bytes]) -> None:
        """Nothing is published, and the message names the file by its path and says what to do."""
        report, result = self.result_of(files)
        assert (report.state, result) == ("held_back", NOTHING)
        assert str(self.scene.root / "orders" / str(DAY) / name) in report.message
        assert "eliver" in report.message
        assert "Traceback" not in report.message

    def assert_not_opened(self, name: str, files: Mapping[str, bytes]) -> None:
        """Refused before anything of it is read into the warehouse, by name."""
        folder = self.scene.land(ORDERS, files)
        with pytest.raises(DeliveryRefusedError) as refused:
            LandingArea(self.scene.root).open(ORDERS.name, DAY)
        assert str(folder / name) in str(refused.value)
        assert "Deliver" in str(refused.value)


def published(scene: Scene) -> Result:
    """What is published of the day, set aside, and counted; wherever it stood."""
    return [
        scene.orders(),
        scene.all("select delivery_day, line, raw, reasons from quality.quarantine order by all"),
        scene.all("select records, accepted, quarantined, ignored, content_hash from quality.deliveries"),
    ]


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cut]:
    folder = tmp_path_factory.mktemp("cut")
    with open_at(folder / "warehouse.duckdb") as connection:
        scene = Scene(folder, connection)
        assert scene.deliver(ORDERS, {"delivery.csv": TEXT}).state == "published"
        yield Cut(scene, published(scene))


def listing(name: str, *, without: str = "") -> bytes:
    """A manifest of one file, with all that it may say, or all but one thing."""
    content = FILES[name]
    about = {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "records": 2}
    return json.dumps({"files": [{key: value for key, value in about.items() if key != without}]}).encode()


def cuts(content: bytes) -> Iterator[bytes]:
    """The content cut before each of its bytes, down to nothing."""
    return (content[:length] for length in range(len(content)))


def flips(content: bytes, mask: int) -> Iterator[tuple[int, bytes]]:
    """The content with each of its bytes changed."""
    for position, byte in enumerate(content):
        yield position, content[:position] + bytes([byte ^ mask]) + content[position + 1 :]


@pytest.mark.parametrize("name", FILES)
def test_the_whole_delivery_is_published_in_every_form(cut: Cut, name: str) -> None:
    cut.assert_as_whole({name: FILES[name]})
    cut.assert_as_whole({name: FILES[name], MANIFEST: listing(name)})


def test_a_flag_counts_by_being_there_however_much_of_it_is_written(cut: Cut) -> None:
    flag = b"complete\r\n"
    for part in (*cuts(flag), flag):
        cut.assert_as_whole({"delivery.csv": TEXT}, part)
    report, result = cut.result_of({"delivery.csv": TEXT}, flag=None)
    assert (report.state, result) == ("not_landed", NOTHING)
    assert FLAG in report.message


@pytest.mark.parametrize("name", ["delivery.csv.gz", "delivery.csv.zst"])
def test_a_compressed_file_cut_anywhere_is_refused(cut: Cut, name: str) -> None:
    for part in cuts(FILES[name]):
        cut.assert_refused(name, {name: part})


@pytest.mark.parametrize("without", ["", "sha256", "bytes", "records"])
def test_a_plain_file_cut_anywhere_does_not_go_with_its_manifest(cut: Cut, without: str) -> None:
    manifest = listing("delivery.csv", without=without)
    for part in cuts(TEXT):
        cut.assert_not_opened(MANIFEST, {"delivery.csv": part, MANIFEST: manifest})
    cut.assert_refused(MANIFEST, {"delivery.csv": TEXT[:-1], MANIFEST: manifest})


@pytest.mark.parametrize("name", FILES)
def test_a_manifest_cut_anywhere_is_refused_but_for_blanks_at_its_end(cut: Cut, name: str) -> None:
    manifest = listing(name)
    for part in cuts(manifest):
        cut.assert_not_opened(MANIFEST, {name: FILES[name], MANIFEST: part})
    cut.assert_refused(MANIFEST, {name: FILES[name], MANIFEST: manifest[:-1]})
    for part in (manifest, manifest + b"\n", manifest + b"\r\n "):
        cut.assert_as_whole({name: FILES[name], MANIFEST: part})


def test_a_gzip_file_with_any_bit_changed_is_refused_or_the_same(cut: Cut) -> None:
    file = DeliveredFile(cut.scene.folder / "delivery.csv.gz", "delivery.csv.gz", "csv", "gz")
    harmless = set()
    for mask in (*(1 << bit for bit in range(8)), 0xFF):
        for position, damaged in flips(GZIP, mask):
            file.path.write_bytes(damaged)
            if (
                content_or_refusal(file)
                != f"{file.path} cannot be read: it is cut short, damaged or gone. Deliver it again."
            ):
                assert content_or_refusal(file) == TEXT, f"byte {position}, changed by {mask:#x}"
                harmless.add(position)
    # The time, what was done to compress, on which system; one flag, and the bits that fill up the content's last byte.
    assert set(range(4, 10)) <= harmless <= {*range(3, 10), len(GZIP) - 9}


def content_or_refusal(file: DeliveredFile) -> bytes | str:
    try:
        return b"".join(read_chunks(file))
    except DeliveryRefusedError as error:
        return str(error)


def test_a_gzip_file_with_a_byte_of_its_frame_changed_is_published_the_same_or_refused(cut: Cut) -> None:
    """The frame: ten bytes of header before the content, checksum and length after it."""
    for position, damaged in flips(GZIP, 0xFF):
        if 4 <= position < 10:
            cut.assert_as_whole({"delivery.csv.gz": damaged})
        elif position < 10 or position >= len(GZIP) - 8:
            cut.assert_refused("delivery.csv.gz", {"delivery.csv.gz": damaged})


@pytest.mark.parametrize("name", ["delivery.csv.gz", "delivery.csv.zst"])
def test_a_compressed_file_with_any_byte_changed_does_not_go_with_its_manifest(cut: Cut, name: str) -> None:
    for _, damaged in flips(FILES[name], 0xFF):
        cut.assert_not_opened(MANIFEST, {name: damaged, MANIFEST: listing(name)})
