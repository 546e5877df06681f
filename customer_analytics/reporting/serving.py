"""The serving snapshot: a copy of the warehouse for readers, replaced as a whole, so that nobody waits for anybody."""

import os
import shutil
from pathlib import Path

import duckdb


def refresh_serving(connection: duckdb.DuckDBPyConnection, warehouse: Path, serving: Path) -> None:
    """Replace the snapshot by what the open warehouse has now.

    The quarantine stays behind: its raw records are nobody's reading. Whoever has the old snapshot open keeps it.
    """
    connection.execute("checkpoint")
    for left in serving.parent.glob(f".{serving.name}.*"):
        left.unlink()  # Of a refresh that was killed: whoever has the warehouse open is the only one who makes copies.
    copy = serving.with_name(f".{serving.name}.{os.getpid()}")
    try:
        shutil.copyfile(warehouse, copy)
        with duckdb.connect(str(copy)) as snapshot:
            snapshot.execute("drop table quality.quarantine")
        copy.replace(serving)
    finally:
        copy.unlink(missing_ok=True)
