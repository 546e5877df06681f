"""What a day's latest republication changed, record by record."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb


@dataclass(frozen=True)
class ChangedRecord:
    """One record that a republication of its day added, removed or changed, at ``changed_at`` (UTC).

    ``before`` and ``after`` have the values that differ, by column; null where they were erased.
    """

    key: str
    change: Literal["added", "removed", "changed"]
    before: dict[str, str | None] | None
    after: dict[str, str | None] | None
    run_id: str
    changed_at: datetime


def latest_changes(connection: duckdb.DuckDBPyConnection, source: str, day: date) -> list[ChangedRecord]:
    """What the latest republication that changed the day did, by key; nothing where it was published once."""
    rows = connection.execute(
        """select key, change, before, after, run_id, changed_at from quality.changes
           where source = $source and delivery_day = $day and changed_at = (
             select max(changed_at) from quality.changes where source = $source and delivery_day = $day
           )
           order by key""",
        {"source": source, "day": day},
    ).fetchall()
    return [ChangedRecord(*row) for row in rows]
