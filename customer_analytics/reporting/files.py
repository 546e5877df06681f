"""Files for people: each is replaced as a whole, so that nobody ever reads half of one."""

import os
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step; whoever may look into its folder may read it.

    Raises:
        OSError: it cannot be written; names it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _make_folder(path.parent)
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink(missing_ok=True)  # The draft of a writer that was killed.
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(0o666 & path.parent.stat().st_mode)
        draft.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        with suppress(OSError):  # It would hide why the file could not be written.
            draft.unlink()


def _make_folder(folder: Path) -> None:
    """It opens to whom the folder around it opens: while the warehouse is open for writing, nothing new would."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(folder.parent.stat().st_mode & 0o777)
