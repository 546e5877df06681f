"""Feed the readers whatever bytes bring them to lines not seen before: nothing but a refusal may come of it.

Run as a program: ``python -m customer_analytics_tests.fuzz.readers --seconds 60``. It ends with 0 where nothing was
found; else the input is printed. The first byte of an input chooses the reader.
"""

import argparse
import functools
import gzip
import importlib
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["customer_analytics.landing", "customer_analytics.quality"]):
    from customer_analytics.contracts.policy import Format
    from customer_analytics.landing import content
    from customer_analytics.landing.corrections import PLACE, read_corrections, write_corrections
    from customer_analytics.landing.errors import DeliveryRefusedError
    from customer_analytics.landing.folder import Compression, DeliveredFile, LandingArea
    from customer_analytics.landing.layout import match_columns
    from customer_analytics.landing.manifest import MANIFEST, assert_as_listed, read_manifest
    from customer_analytics.landing.records import read_records
    from customer_analytics.quality.judge import Judge
    from customer_analytics.quality.stream import RecordStream, read_header
    from customer_analytics_tests.scenario import CLEAN_ORDERS, DAY, ORDERS, land

MOST_BYTES = 1 << 16
WHOLE = 1024 * 1024
NEWLINES = (b"", b"\n", b"\r", b"\r\n")

Reader = Callable[[bytes, Path], None]


def read_text(data: bytes, folder: Path, form: Format) -> None:
    """Records have their place, end to end, and chunks make no difference; the first byte is the chunks' size."""
    size, data = data[:1], data[1:]
    file = _file(folder, data, form)
    whole = _records(file, WHOLE)
    # A UTF-16 mark is looked for in the first chunk only.
    assert _records(file, 3 + int.from_bytes(size)) == whole
    if whole is None:
        return
    at = len(content.UTF8_MARK) if data.startswith(content.UTF8_MARK) else 0
    last_line = 0
    for number, (line, offset, raw) in enumerate(whole):
        assert line > last_line
        assert number == 0 or offset > at - 1
        assert data[at:offset] in (NEWLINES[1:] if number else NEWLINES[:1])
        assert data[offset : offset + len(raw)] == raw
        last_line, at = line, offset + len(raw)
    assert data[at:] in NEWLINES


def read_layout(data: bytes, folder: Path) -> None:
    """A header can be read or is refused; what is left of the stream is counted."""
    file = _file(folder, data, "csv")
    stream = RecordStream(file)
    names = ORDERS.contract.column_names
    match_columns(file, read_header(file, stream.take_header()), names, names)
    rows = sum(batch.num_rows for batch in stream.batches())
    assert stream.blank <= stream.records >= rows


def read_damaged(data: bytes, folder: Path, compression: Compression) -> None:
    """What was compressed comes back, unless it was damaged; the first three bytes say where and how."""
    place, change, text = int.from_bytes(data[:2]), data[2:3], data[3:]
    stored = bytearray(gzip.compress(text) if compression == "gz" else pa.compress(text, codec="zstd", asbytes=True))
    is_damaged = change not in (b"", b"\0")
    if is_damaged:
        stored[place % len(stored)] ^= change[0]
    found = b"".join(content.read_chunks(_file(folder, bytes(stored), "csv", compression)))
    assert found == text or (is_damaged and compression == "zst")


def read_compressed(data: bytes, folder: Path, compression: Compression) -> None:
    """Whatever is said to be compressed can be read or is refused."""
    for chunk in content.read_chunks(_file(folder, data, "csv", compression)):
        assert 0 < len(chunk) <= content.CHUNK_BYTES


def judge_parquet(data: bytes, folder: Path) -> None:
    """A damaged Parquet file is refused or judged, and the connection can still be used."""
    land(folder, ORDERS, {"orders.parquet": data})
    try:
        delivered = Judge(_connection(), ORDERS).judge(LandingArea(folder).open(ORDERS.name, DAY))
        assert _connection().execute("select count(*) from judged").fetchone() == (delivered.records,)
    finally:
        assert _connection().execute("select 1").fetchone() == (1,)


def corrections(data: bytes, folder: Path) -> None:
    """Corrections that can be read are the same when they are written and read again."""
    path = folder / "corrections.csv"
    path.write_bytes(data)
    read = read_corrections(path)
    columns = list(read[0].cells) if read else []
    write_corrections(path, columns, read)
    assert read_corrections(path) == read


def manifest(data: bytes, folder: Path) -> None:
    """A manifest can be read or is refused; and so is a delivery that is not as it says."""
    (folder / MANIFEST).write_bytes(data)
    found = read_manifest(folder)
    assert found
    assert_as_listed(folder, found, {}, {})


READERS: tuple[Reader, ...] = (
    functools.partial(read_text, form="csv"),
    functools.partial(read_text, form="jsonl"),
    read_layout,
    functools.partial(read_damaged, compression="gz"),
    functools.partial(read_damaged, compression="zst"),
    functools.partial(read_compressed, compression="gz"),
    functools.partial(read_compressed, compression="zst"),
    judge_parquet,
    corrections,
    manifest,
)


def read_anything(data: bytes, folder: Path) -> None:
    """Give the input to its reader; a refusal names the folder, as every message for people does."""
    if not data:
        return
    reader = READERS[data[0] % len(READERS)]
    try:
        reader(data[1:], folder)
    except DeliveryRefusedError as error:
        names_the_file = str(folder) in str(error)
    except BaseException:
        print(f"{reader} failed on {data[1:]!r}", file=sys.stderr)
        raise
    else:
        return
    assert names_the_file


def seeds() -> Iterator[bytes]:
    """Inputs to begin with, so that the fuzzer need not invent Parquet and gzip."""
    csv = CLEAN_ORDERS.encode()
    parquet = io.BytesIO()
    header, *rows = (line.split(",") for line in CLEAN_ORDERS.splitlines())
    pq.write_table(pa.table(dict(zip(header, zip(*rows, strict=True), strict=True))), parquet)
    place = ",".join(PLACE)
    contents = (
        b"\x10" + csv.replace(b"C-1", b'"C\n""1"'),
        b'\x10{"order_id": "O-1", "total_amount": 1.50}\r\n{}\r',
        b"\xef\xbb\xbf\n" + csv,
        b"\0\0\0" + csv,
        b"\0\1\7" + csv,
        gzip.compress(csv) + gzip.compress(csv),
        bytes(pa.compress(csv, codec="zstd", asbytes=True)),
        parquet.getvalue(),
        f"{place},order_id\norders.csv,2,{'a' * 64},'=1\n".encode(),
        b'{"files": [{"name": "a.csv", "sha256": "%s", "bytes": 1, "records": 2}]}' % (b"a" * 64),
    )
    yield from (bytes([number]) + content for number, content in enumerate(contents))


def main() -> int:
    """Fuzz in a process of its own: the fuzzer never gives its process back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        fuzz(arguments.inside, arguments.seconds)
    with _folder() as folder:
        command = [sys.executable, "-m", "customer_analytics_tests.fuzz.readers", "--inside", str(folder)]
        return subprocess.run([*command, "--seconds", str(arguments.seconds)], check=False).returncode


def fuzz(folder: Path, seconds: int) -> None:
    """Fuzz for some seconds, then end the process."""
    found, landing = folder / "found", folder / "landing"
    found.mkdir()
    landing.mkdir()
    for number, seed in enumerate(seeds()):
        (found / str(number)).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-max_len={MOST_BYTES}", "-timeout=30", "-rss_limit_mb=4096"]
    shown = ["-print_final_stats=1", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *limits, *shown, str(found)], lambda data: read_anything(data, landing))
    atheris.Fuzz()


@contextmanager
def _folder() -> Iterator[Path]:
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@functools.cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _file(folder: Path, data: bytes, form: Format, compression: Compression | None = None) -> DeliveredFile:
    path = folder / "file"
    path.write_bytes(data)
    return DeliveredFile(path, path.name, form, compression)


def _records(file: DeliveredFile, chunk_bytes: int) -> list[tuple[int, int, bytes]] | None:
    """Line, byte offset and raw bytes of each record; None where the file is refused."""
    usual, content.CHUNK_BYTES = content.CHUNK_BYTES, chunk_bytes
    try:
        rows = [row for batch in read_records(file) for row in batch.to_pylist()]
    except DeliveryRefusedError:
        return None
    finally:
        content.CHUNK_BYTES = usual
    return [
        (row["line"], row["byte_offset"], row["bytes"] if row["text"] is None else row["text"].encode()) for row in rows
    ]


if __name__ == "__main__":
    sys.exit(main())
