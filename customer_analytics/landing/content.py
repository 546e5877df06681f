"""The bytes of a delivered text file, decompressed in bounded chunks, with what makes a whole file unusable refused."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, cast

import pyarrow as pa

from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile

CHUNK_BYTES = 8 * 1024 * 1024
# A text that shrinks more than 200-fold is not a delivery but a bomb; small files may be as regular as they like.
MAX_RATIO = 200
RATIO_APPLIES_FROM_BYTES = 64 * 1024 * 1024

UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_chunks(file: DeliveredFile) -> Iterator[bytes]:
    """The decompressed content in chunks of at most ``CHUNK_BYTES``.

    Raises:
        DeliveryRefusedError: no content, UTF-16, broken compression, or a decompression bomb.
    """
    last, total = b"", 0
    try:
        limit = max(file.path.stat().st_size * MAX_RATIO, RATIO_APPLIES_FROM_BYTES)
        with _open(file) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if total == 0 and chunk.startswith(_UTF16_MARKS):
                    raise _refused(file, "is UTF-16 text. Deliver it as UTF-8.")
                total += len(chunk)
                last = chunk
                if file.compression and total > limit:
                    raise _refused(file, f"decompresses to more than {MAX_RATIO} times its size. Is it a real export?")
                yield chunk
    except (EOFError, zlib.error, OSError) as error:
        # An error number is the machine's fault (permission, disk), and may pass; the codecs' own errors have none.
        if isinstance(error, OSError) and error.errno and not isinstance(error, FileNotFoundError):
            raise
        raise _refused(file, "cannot be read: it is cut short, damaged or gone. Deliver it again.") from error
    if total == 0 or (total == len(UTF8_MARK) and last == UTF8_MARK):
        raise _refused(file, "has no content at all. Deliver at least a header, or remove the file.")


@contextmanager
def uncompressed(file: DeliveredFile) -> Iterator[Path]:
    """Where the content lies for a reader that needs a file: the delivered one, or for a while a decompressed copy.

    Raises:
        DeliveryRefusedError: as ``read_chunks``.
    """
    if file.compression is None:
        yield file.path
        return
    with NamedTemporaryFile() as copy:
        for chunk in read_chunks(file):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _open(file: DeliveredFile) -> IO[bytes]:
    if file.compression == "gz":
        return cast("IO[bytes]", gzip.open(file.path, "rb"))
    if file.compression == "zst":
        return cast("IO[bytes]", pa.CompressedInputStream(pa.OSFile(str(file.path), "rb"), "zstd"))
    return file.path.open("rb")


def _refused(file: DeliveredFile, why: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(f"{file.path} {why}")
