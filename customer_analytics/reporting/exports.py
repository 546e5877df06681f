"""Files for other tools: days of a derived table as Parquet, one folder a day."""

import errno
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from customer_analytics.landing.drafts import draft_of
from customer_analytics.quality.sql import literal, name
from customer_analytics.reporting.files import make_folder


def export_table_days(
    connection: duckdb.DuckDBPyConnection, table: str, folder: Path, days: Sequence[date]
) -> list[Path]:
    """Write ``days`` of a table, ``marts.scores`` say, to ``<folder>/as_of_date=<day>/scores.parquet``; says where.

    The table has the columns as_of_date and customer_id. Rows are in the order of customer_id, as_of_date is in the
    folder's name (Hive's layout), and a day without rows has a file without rows. Each file is replaced as a whole, and
    has the same bytes whenever the rows are the same. Whoever may look into the folder around may read the files.

    Raises:
        OSError: a file cannot be written; names it.
    """
    make_folder(folder)
    return [_export_day(connection, table, folder, day) for day in days]


def _export_day(connection: duckdb.DuckDBPyConnection, table: str, folder: Path, day: date) -> Path:
    schema, table_name = table.split(".")
    file = folder / f"as_of_date={day.isoformat()}" / f"{table_name}.parquet"
    make_folder(file.parent)
    with draft_of(file) as draft:
        try:
            connection.execute(
                f"""copy (
                  select * exclude (as_of_date) from {name(schema)}.{name(table_name)}
                  where as_of_date = {literal(day.isoformat())}::date order by customer_id
                ) to {literal(str(draft))} (format parquet, compression zstd)"""
            )
        except duckdb.IOException as error:
            cause = str(error).splitlines()[0].rstrip(".")
            message = f"{cause}. Make room, or mend what is named, then run this again."
            raise OSError(errno.EIO, message) from error
        draft.chmod(0o666 & folder.stat().st_mode)
    return file
