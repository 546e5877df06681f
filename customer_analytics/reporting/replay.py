"""What a replay left of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb


@dataclass(frozen=True)
class Replayed:
    """One day after its replay: what is published, what is still set aside, and what corrections released."""

    source: str
    day: date
    records: int
    accepted: int
    quarantined: int
    released: int


def read_replayed(connection: duckdb.DuckDBPyConnection, source: str, days: Sequence[date]) -> list[Replayed]:
    """Those of ``days`` that are published, ascending."""
    rows = connection.execute(
        """select source, delivery_day, records, accepted, quarantined, (
             select count(*) from quality.quarantine as held
             where held.source = ledger.source and held.delivery_day = ledger.delivery_day
               and held.released_at is not null)
           from quality.deliveries as ledger where source = ? and list_contains(?, delivery_day) order by 2""",
        [source, list(days)],
    ).fetchall()
    return [Replayed(*row) for row in rows]
