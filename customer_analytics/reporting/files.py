"""Files for people: each is replaced as a whole, and opens to whom the folder around it opens."""

import os
from pathlib import Path

from customer_analytics.landing.drafts import draft_of


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step; whoever may look into its folder may read it, and nobody else.

    Raises:
        OSError: it cannot be written; names it.
    """
    with draft_of(path) as draft:
        make_folder(path.parent)
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(0o664 & path.parent.stat().st_mode)


def make_folder(folder: Path) -> None:
    """It opens to whom the folder around it opens, whoever makes it: a run makes files for their owner only."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o775 & folder.parent.stat().st_mode)
