"""When days were there for the first time, which never will be, and how long loads took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from customer_analytics.contracts.schedule import WithoutDelivery


@dataclass(frozen=True)
class Moments:
    """When a day first landed (None where it is derived), was begun with and was published, UTC."""

    landed_at: datetime | None
    started_at: datetime
    published_at: datetime


@dataclass(frozen=True)
class Load:
    """What a run did for a dataset: how many days it published, from when to when (UTC).

    ``records`` were delivered in them, in so many ``bytes``; where they are derived, so many rows were computed.
    """

    dataset: str
    run_id: str
    days: int
    records: int
    bytes: int
    started_at: datetime
    ended_at: datetime


def record_first_times(connection: duckdb.DuckDBPyConnection, dataset: str, moments: Mapping[date, Moments]) -> None:
    """Remember when days that are being published were there, unless they were before; in the caller's transaction."""
    connection.execute(
        """insert or ignore into quality.timeline by name
           select $dataset as dataset, unnest($days::date[]) as day, unnest($landed::timestamp[]) as landed_at,
             unnest($started::timestamp[]) as started_at, unnest($published::timestamp[]) as published_at""",
        {
            "dataset": dataset,
            "days": list(moments),
            "landed": [_naive(each.landed_at) for each in moments.values()],
            "started": [_naive(each.started_at) for each in moments.values()],
            "published": [_naive(each.published_at) for each in moments.values()],
        },
    )


def record_days_without_delivery(
    connection: duckdb.DuckDBPyConnection, source: str, without_delivery: WithoutDelivery
) -> None:
    """Say on which days nothing is expected of a source, so that nobody misses them; in the caller's transaction."""
    row = (source, without_delivery.iso_weekdays, sorted(without_delivery.days))
    if connection.execute("from quality.without_delivery where source = ?", [source]).fetchall() != [row]:
        connection.execute("delete from quality.without_delivery where source = ?", [source])
        connection.execute("insert into quality.without_delivery values (?, ?, ?)", row)


def record_load(connection: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Remember how long a load took."""
    connection.execute(
        """insert or replace into quality.loads by name
           select $dataset as dataset, $run_id as run_id, $days as days, $records as records, $bytes as bytes,
             $seconds as seconds, $ended as ended_at""",
        {
            "dataset": load.dataset,
            "run_id": load.run_id,
            "days": load.days,
            "records": load.records,
            "bytes": load.bytes,
            "seconds": (load.ended_at - load.started_at).total_seconds(),
            "ended": _naive(load.ended_at),
        },
    )


def first_load(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the first load of all began; None before it."""
    row = connection.execute("select min(started_at) from quality.timeline").fetchone()
    return _aware(row[0]) if row and row[0] else None


def timeline(
    connection: duckdb.DuckDBPyConnection, dataset: str, days: Sequence[date] | None = None
) -> dict[date, Moments]:
    """When each published day of a dataset was there for the first time; of ``days`` only, where they are given."""
    rows = connection.execute(
        """select day, landed_at, started_at, published_at from quality.timeline
           where dataset = $dataset and ($days is null or list_contains($days::date[], day))""",
        {"dataset": dataset, "days": list(days) if days is not None else None},
    ).fetchall()
    return {
        day: Moments(_aware(landed) if landed else None, _aware(started), _aware(published))
        for day, landed, started, published in rows
    }


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
