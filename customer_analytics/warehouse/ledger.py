"""Reading and writing what is known of each day of a source: what is published, and what was tried last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from customer_analytics.contracts.source import Source


@dataclass(frozen=True)
class Attempt:
    """The latest try to load a day; ``fingerprint`` is None where the files could not be read."""

    number: int
    signature: str
    fingerprint: str | None
    rules_fingerprint: str
    is_published: bool


@dataclass(frozen=True)
class Tried:
    """What a run tried: a day, its files, and whether it was published."""

    day: date
    signature: str
    fingerprint: str | None
    is_published: bool


def last_attempts(connection: duckdb.DuckDBPyConnection, source: str) -> dict[date, Attempt]:
    """The latest try of each day of a source."""
    rows = connection.execute(
        """select delivery_day, number, signature, fingerprint, rules_fingerprint, is_published
           from quality.attempts where source = ?""",
        [source],
    ).fetchall()
    return {day: Attempt(*attempt) for day, *attempt in rows}


def record_attempts(
    connection: duckdb.DuckDBPyConnection, source: Source, tried: Sequence[Tried], run_id: str, now: datetime
) -> None:
    """Record the latest try of each day; runs inside the caller's transaction. ``now`` is UTC."""
    connection.execute(
        """insert or replace into quality.attempts by name
           with tried as (
             select unnest($days) as delivery_day, unnest($signatures) as signature,
               unnest($fingerprints) as fingerprint, unnest($published) as is_published
           )
           select $source as source, tried.*, coalesce(before.number, 0) + 1 as number, $rules as rules_fingerprint,
             $run_id as run_id, $now as attempted_at
           from tried
           left join quality.attempts as before
             on before.source = $source and before.delivery_day = tried.delivery_day""",
        {
            "source": source.name,
            "days": [each.day for each in tried],
            "signatures": [each.signature for each in tried],
            "fingerprints": [each.fingerprint for each in tried],
            "published": [each.is_published for each in tried],
            "rules": source.fingerprint,
            "run_id": run_id,
            "now": now,
        },
    )


def is_published(connection: duckdb.DuckDBPyConnection, source: str, day: date) -> bool:
    """Whether the ledger has the day."""
    row = connection.execute(
        "select count(*) from quality.deliveries where source = ? and delivery_day = ?", [source, day]
    ).fetchone()
    return bool(row and row[0])


def quarantined_share(accepted: int | None, quarantined: int | None) -> float | None:
    """Of a day's records that were judged, how many were set aside: 0 to 1, and 0 where there were none.

    None where the day is not in the ledger.
    """
    if accepted is None or quarantined is None:
        return None
    return quarantined / max(1, accepted + quarantined)


def latest_published_day(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> date | None:
    """The latest published day of any of the sources; None while there is none."""
    row = connection.execute(
        "select max(delivery_day) from quality.deliveries where list_contains($sources::varchar[], source)",
        {"sources": list(sources)},
    ).fetchone()
    return row[0] if row else None
