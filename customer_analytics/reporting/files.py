"""Files for people: each is replaced as a whole, and opens to whom the folder around it opens."""

import os
from pathlib import Path

from customer_analytics.landing.drafts import draft_of


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step; whoever may look into its folder may read it.

    Raises:
        OSError: it cannot be written; names it.
    """
    with draft_of(path) as draft:
        make_folder(path.parent)
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(0o666 & path.parent.stat().st_mode)


def make_folder(folder: Path) -> None:
    """It opens to whom the folder around it opens: while the warehouse is open for writing, nothing new would."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o777 & folder.parent.stat().st_mode)
