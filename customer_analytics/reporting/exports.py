"""Files for other tools: days of a derived table as Parquet, one folder a day."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb

from customer_analytics.quality.sql import literal, name

# DuckDB writes a file of a few thousand rows with one thread.
_DAYS_AT_ONCE = 2


def export_table_days(
    connection: duckdb.DuckDBPyConnection, table: str, folder: Path, days: Sequence[date]
) -> list[Path]:
    """Write ``days`` of a table, ``marts.scores`` say, to ``<folder>/as_of_date=<day>/scores.parquet``; says where.

    The table has the columns as_of_date and customer_id. Rows are in the order of customer_id, as_of_date is in the
    folder's name (Hive's layout), and a day without rows has a file without rows. Each file is replaced as a whole, and
    has the same bytes whenever the rows are the same. Whoever may look into the folder around may read the files.

    Raises:
        duckdb.IOException: a file cannot be written; names it.
        OSError: the same.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _make_folder(folder)
    with ThreadPoolExecutor(_DAYS_AT_ONCE) as pool:
        return list(pool.map(lambda day: _export_day(connection, table, folder, day), days))


def _export_day(connection: duckdb.DuckDBPyConnection, table: str, folder: Path, day: date) -> Path:
    schema, table_name = table.split(".")
    file = folder / f"as_of_date={day.isoformat()}" / f"{table_name}.parquet"
    _make_folder(file.parent)
    _remove_drafts(file)  # What an export that was killed has left.
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""copy (
                  select * exclude (as_of_date) from {name(schema)}.{name(table_name)}
                  where as_of_date = {literal(day.isoformat())}::date order by customer_id
                ) to {literal(str(draft))} (format parquet, compression zstd)"""
            )
        draft.chmod(0o666 & folder.stat().st_mode)
        draft.replace(file)
    finally:
        _remove_drafts(file)
    return file


def _make_folder(folder: Path) -> None:
    """It opens to whom the folder around it opens: while the warehouse is open for writing, nothing new would."""
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o777 & folder.parent.stat().st_mode)


def _remove_drafts(file: Path) -> None:
    for left in file.parent.glob(f".{file.name}.*"):
        left.unlink(missing_ok=True)
