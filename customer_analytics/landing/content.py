"""The bytes of a delivered text file, decompressed in bounded chunks, with what makes a whole file unusable refused."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

import pyarrow as pa

from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile

CHUNK_BYTES = 512 * 1024
# A text that shrinks more than 200-fold is not a delivery but a bomb; small files may be as regular as they like.
MAX_RATIO = 200
RATIO_APPLIES_FROM_BYTES = 8 * 1024 * 1024

UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_chunks(file: DeliveredFile) -> Iterator[bytes]:
    """The decompressed content in chunks of at most ``CHUNK_BYTES``.

    Raises:
        DeliveryRefusedError: no content, UTF-16, broken compression, or a decompression bomb.
    """
    last, total = b"", 0
    try:
        with file.path.open("rb") as stored, _decompressed(file, stored) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if total == 0 and chunk.startswith(_UTF16_MARKS):
                    raise _refused(file, "is UTF-16 text. Deliver it as UTF-8.")
                total += len(chunk)
                last = chunk
                if file.compression:
                    assert_no_bomb(file, total, stored.tell())
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
    with TemporaryFile() as copy:
        for chunk in read_chunks(file):
            copy.write(chunk)
        copy.flush()
        # The copy has no name of its own, so that nothing of it stays behind, however the process ends.
        yield Path(f"/dev/fd/{copy.fileno()}")


def assert_no_bomb(file: DeliveredFile, content_bytes: int, stored_bytes: int) -> None:
    """Refuse content that is out of all proportion to what is stored of it.

    Raises:
        DeliveryRefusedError: it is a decompression bomb.
    """
    if content_bytes > max(stored_bytes * MAX_RATIO, RATIO_APPLIES_FROM_BYTES):
        raise _refused(file, f"has content of more than {MAX_RATIO} times its size. Deliver a real export.")


def _decompressed(file: DeliveredFile, stored: BinaryIO) -> AbstractContextManager[BinaryIO]:
    if file.compression == "gz":
        return cast("AbstractContextManager[BinaryIO]", gzip.GzipFile(fileobj=stored, mode="rb"))
    if file.compression == "zst":
        return cast("AbstractContextManager[BinaryIO]", pa.CompressedInputStream(stored, "zstd"))
    return nullcontext(stored)


def _refused(file: DeliveredFile, why: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(f"{file.path} {why}")
