"""Decompressing: whole or not at all, in bounded chunks."""

import gzip
import time
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pytest

from customer_analytics.landing import content
from customer_analytics.landing.content import CHUNK_BYTES, read_chunks
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import Compression, DeliveredFile

TEXT = b"".join(b"%d,some text that is not all too regular %x\n" % (n, n * n) for n in range(20_000))


def zstd(text: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(text))


def delivered(folder: Path, compressed: bytes, compression: Compression | None = None) -> DeliveredFile:
    path = folder / "a.csv"
    path.write_bytes(compressed)
    return DeliveredFile(path, path.name, "csv", compression)


@pytest.mark.parametrize(
    ("compressed", "compression"),
    [
        (TEXT, None),
        (gzip.compress(TEXT, mtime=0), "gz"),
        (gzip.compress(TEXT[:1000], mtime=0) + gzip.compress(TEXT[1000:]), "gz"),
        (zstd(TEXT), "zst"),
        (zstd(TEXT[:1000]) + zstd(TEXT[1000:]), "zst"),
    ],
    ids=["plain", "gzip", "gzip of two members", "zstd", "zstd of two frames"],
)
@pytest.mark.parametrize("chunk_bytes", [1000, CHUNK_BYTES])
def test_content_comes_out_whole_in_bounded_chunks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    compressed: bytes,
    compression: Compression | None,
    chunk_bytes: int,
) -> None:
    monkeypatch.setattr(content, "CHUNK_BYTES", chunk_bytes)
    chunks = list(read_chunks(delivered(tmp_path, compressed, compression)))
    assert b"".join(chunks) == TEXT
    assert max(map(len, chunks)) <= chunk_bytes


@pytest.mark.parametrize(
    ("compressed", "compression"),
    [
        (gzip.compress(TEXT, mtime=0)[:-1], "gz"),
        (gzip.compress(TEXT, mtime=0)[: len(gzip.compress(TEXT)) // 2], "gz"),
        (gzip.compress(TEXT, mtime=0)[:-8] + b"\0\0\0\0" + gzip.compress(TEXT)[-4:], "gz"),
        (gzip.compress(TEXT, mtime=0) + b"garbage", "gz"),
        (gzip.compress(TEXT, mtime=0) + gzip.compress(TEXT)[:30], "gz"),
        (TEXT, "gz"),
        (zstd(TEXT)[:-1], "zst"),
        (zstd(TEXT)[: len(zstd(TEXT)) // 2], "zst"),
        (zstd(TEXT) + b"garbage", "zst"),
        (TEXT, "zst"),
    ],
    ids=lambda part: part if isinstance(part, str) else f"{len(part)} bytes",
)
def test_broken_compression_is_refused_by_name(tmp_path: Path, compressed: bytes, compression: Compression) -> None:
    with pytest.raises(
        DeliveryRefusedError, match=r"a\.csv cannot be read: it is cut short, damaged or gone\. Deliver it again\."
    ):
        list(read_chunks(delivered(tmp_path, compressed, compression)))


@pytest.mark.parametrize(
    ("compressed", "compression"),
    [
        (b"", None),
        (b"", "gz"),
        (b"", "zst"),
        (gzip.compress(b"", mtime=0), "gz"),
        (zstd(b""), "zst"),
        (b"\xef\xbb\xbf", None),
        (gzip.compress(b"\xef\xbb\xbf", mtime=0), "gz"),
    ],
)
def test_no_content_is_refused(tmp_path: Path, compressed: bytes, compression: Compression | None) -> None:
    with pytest.raises(DeliveryRefusedError, match="has no content at all"):
        list(read_chunks(delivered(tmp_path, compressed, compression)))


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    file = delivered(tmp_path, TEXT)
    chunks = read_chunks(file)
    file.path.unlink()
    with pytest.raises(DeliveryRefusedError, match="cannot be read"):
        next(chunks)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-le"])
def test_wide_text_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(DeliveryRefusedError, match="is UTF-16 text"):
        list(read_chunks(delivered(tmp_path, "\ufefforder_id".encode(encoding))))


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_a_decompression_bomb_is_refused_in_bounded_time_and_memory(tmp_path: Path, compression: Compression) -> None:
    zeros = bytes(100 * 1024 * 1024)
    bomb = gzip.compress(zeros, mtime=0) * 20 if compression == "gz" else zstd(zeros) * 20
    del zeros
    file = delivered(tmp_path, bomb, compression)
    started = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(DeliveryRefusedError, match="has content of more than 200 times its size"):
            for _ in read_chunks(file):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * CHUNK_BYTES
    assert time.monotonic() - started < 20


def test_a_small_file_may_be_as_regular_as_it_likes(tmp_path: Path) -> None:
    text = b"a" * 1_000_000
    assert sum(map(len, read_chunks(delivered(tmp_path, gzip.compress(text, mtime=0), "gz")))) == len(text)
