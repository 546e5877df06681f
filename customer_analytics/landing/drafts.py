"""Files that are replaced as a whole, so that nobody ever reads half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A file beside ``path``, to be written; takes its place at the end, unless something was raised.

    Raises:
        OSError: it cannot be written; names ``path``.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink(missing_ok=True)  # The draft of a writer that was killed.
        yield draft
        draft.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        with suppress(OSError):  # It would hide why the file could not be written.
            draft.unlink()
