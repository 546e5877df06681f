"""Where every day of every dataset stands, from the landing area and the warehouse."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.folder import LandingArea
from customer_analytics.landing.unchanged import is_unchanged
from customer_analytics.metrics.as_of import stale_days
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.warehouse.connection import peek_warehouse
from customer_analytics.warehouse.ledger import last_attempts

# missing: nothing delivered, or not derived yet. landed: delivered (again), not loaded yet. held_back: a check blocked
# the delivery; an earlier version may still be published. stale: derived from inputs that have changed since.
State = Literal["missing", "landed", "held_back", "published", "stale"]


@dataclass(frozen=True)
class DayStatus:
    """One day of one dataset; ``records`` to ``quarantined`` are those of the published version.

    Where that was judged by another contract or policy than today's, it ``is_outdated``.
    """

    dataset: str
    day: date
    state: State
    records: int | None = None
    accepted: int | None = None
    quarantined: int | None = None
    is_outdated: bool = False
    failed_checks: tuple[str, ...] = ()
    warned_checks: tuple[str, ...] = ()


def read_status(database: Path, landing: Path, sources: Sequence[Source], days: Sequence[date]) -> list[DayStatus]:
    """The status of each of ``days`` of every source and every derived asset, by the warehouse or a snapshot of it.

    Raises:
        WarehouseError: someone is writing the warehouse, or it has another version than this code's.
        LandingUnreadableError: nobody can see what has landed.
    """
    area = LandingArea(landing)
    with peek_warehouse(database) as connection:
        statuses = [status for source in sources for status in source_status(connection, area, source, days)]
        for asset in DERIVED_ASSETS:
            stale = stale_days(connection, asset, days[-1]) if connection and days else []
            statuses += derived_status(connection, asset, days, stale)
    return statuses


def source_status(
    connection: duckdb.DuckDBPyConnection | None, area: LandingArea, source: Source, days: Sequence[date]
) -> list[DayStatus]:
    """The status of each day of a source; ``connection`` is None while there is no warehouse."""
    landed = set(area.landed_days(source.name))
    published = _ledger(connection, source)
    tried = last_attempts(connection, source.name) if connection else {}
    seen_to = {
        day
        for day in landed.intersection(tried, days)
        if is_unchanged(area, source.name, day, tried[day].signature, tried[day].fingerprint)
    }
    failed, warned = _checks(connection, source.name, "failed"), _checks(connection, source.name, "warned")
    statuses = []
    for day in days:
        state: State = "landed" if day in landed - seen_to else "held_back" if day in failed else "published"
        if day not in landed and day not in published:
            state = "missing"
        records, accepted, quarantined, is_outdated = published.get(day, (None, None, None, False))
        statuses.append(
            DayStatus(
                dataset=source.name,
                day=day,
                state=state,
                records=records,
                accepted=accepted,
                quarantined=quarantined,
                is_outdated=is_outdated,
                failed_checks=failed.get(day, ()),
                warned_checks=warned.get(day, ()),
            )
        )
    return statuses


def derived_status(
    connection: duckdb.DuckDBPyConnection | None, asset: str, days: Sequence[date], stale: Sequence[date]
) -> list[DayStatus]:
    """The status of each day of a derived asset; ``stale`` are the days whose inputs have changed."""
    computed = set()
    if connection:
        rows = connection.execute("select as_of_date from marts.as_of_days where asset = ?", [asset]).fetchall()
        computed = {row[0] for row in rows}
    failed, warned = _checks(connection, asset, "failed"), _checks(connection, asset, "warned")
    statuses = []
    for day in days:
        state: State = "missing" if day not in computed else "stale" if day in stale else "published"
        statuses.append(
            DayStatus(
                dataset=asset,
                day=day,
                state="held_back" if day in failed else state,
                failed_checks=failed.get(day, ()),
                warned_checks=warned.get(day, ()),
            )
        )
    return statuses


def count_states(statuses: Sequence[DayStatus]) -> dict[str, int]:
    """How many days are in each state."""
    return dict(Counter(status.state for status in statuses))


def _ledger(connection: duckdb.DuckDBPyConnection | None, source: Source) -> dict[date, tuple[int, int, int, bool]]:
    if connection is None:
        return {}
    rows = connection.execute(
        """select delivery_day, records, accepted, quarantined, rules_fingerprint <> ?
           from quality.deliveries where source = ?""",
        [source.fingerprint, source.name],
    ).fetchall()
    return {
        day: (records, accepted, quarantined, is_outdated) for day, records, accepted, quarantined, is_outdated in rows
    }


def _checks(connection: duckdb.DuckDBPyConnection | None, dataset: str, outcome: str) -> dict[date, tuple[str, ...]]:
    if connection is None:
        return {}
    rows = connection.execute(
        """select day, list(check_name order by check_name) from quality.audits
           where dataset = ? and outcome = ? group by day""",
        [dataset, outcome],
    ).fetchall()
    return {day: tuple(checks) for day, checks in rows}
