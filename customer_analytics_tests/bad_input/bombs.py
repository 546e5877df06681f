"""Small files that grow: built so that the test that lands them stays small itself."""

import gzip
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

from customer_analytics.contracts.policy import Format
from customer_analytics_tests.bad_input.records import columns_of, good, text_line
from customer_analytics_tests.scenario import ORDERS

MEBIBYTE = 1024 * 1024
PATTERNS = ("zeros", "newlines", "plausible records")
_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def block(pattern: str, form: Format) -> bytes:
    """About a mebibyte of what a bomb repeats."""
    if pattern == "plausible records":
        line = text_line(form, good(ORDERS)[0]) + b"\n"
        return line * (MEBIBYTE // len(line))
    return (b"\0" if pattern == "zeros" else b"\n") * MEBIBYTE


def header(form: Format) -> bytes:
    """What a CSV file begins with."""
    return (",".join(columns_of(good(ORDERS))) + "\n").encode() if form == "csv" else b""


def gzip_bomb(form: Format, pattern: str, mebibytes: int) -> bytes:
    """One gzip member; its checksum is wrong, but nobody should come so far."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = compressor.compress(header(form)) + compressor.flush(zlib.Z_FULL_FLUSH)
    repeated = compressor.compress(block(pattern, form)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return _GZIP_HEADER + first + repeated * mebibytes + compressor.flush() + bytes(8)


def gzip_members(form: Format, pattern: str, mebibytes: int) -> bytes:
    """Many gzip members, each of which is whole."""
    return gzip.compress(header(form), mtime=0) + gzip.compress(block(pattern, form), mtime=0) * mebibytes


def zstd_bomb(form: Format, pattern: str, mebibytes: int) -> bytes:
    """Many zstd frames, each of which is whole."""
    codec = pa.Codec("zstd")
    frame = codec.compress(block(pattern, form), asbytes=True)
    return bytes(codec.compress(header(form) or b"\n", asbytes=True)) + bytes(frame) * mebibytes


def parquet_bomb(mebibytes: int) -> bytes:
    """Row groups of one long text, each of which compresses to next to nothing."""
    order = columns_of(good(ORDERS)[:1])
    group = pa.table({**order, "customer_id": ["C" * MEBIBYTE]})
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink, group.schema, compression="zstd", use_dictionary=False, write_statistics=False
    ) as writer:
        for _ in range(mebibytes):
            writer.write_table(group)
    return bytes(sink.getvalue())
