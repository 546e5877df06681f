"""Which days' outputs are ready, and telling systems downstream of those that are ready anew."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from customer_analytics.alerting.calls import write_calls
from customer_analytics.alerting.store import change, to_text
from customer_analytics.landing.calendar import contiguous
from customer_analytics.metrics.as_of import as_of_figures, stale_days
from customer_analytics.metrics.derived import DERIVED_ASSETS

EVENT_TYPE = "outputs.ready"
# More days than this are told as ranges, and more ranges than this as one: a call stays below 20 kB, as recommended.
MOST_ENTRIES = 40


@dataclass(frozen=True)
class ReadyOutput:
    """What is published of a day of a derived asset.

    ``revision`` grows with the inputs that it was computed from; ``has_all_inputs`` says whether days of them were
    missing, which may still come.
    """

    revision: int
    has_all_inputs: bool


@dataclass(frozen=True)
class ReadyDay:
    """A day whose outputs are all there, up to date and passed; by name of the asset."""

    day: date
    outputs: Mapping[str, ReadyOutput]

    @property
    def version(self) -> str:
        """Differs when any output was computed from other inputs."""
        return " ".join(f"{asset}:{output.revision}" for asset, output in sorted(self.outputs.items()))


def ready_days(snapshot: duckdb.DuckDBPyConnection) -> list[ReadyDay]:
    """Every day that is ready, ascending: computed for every derived asset, and none of them stale or held back."""
    outputs = {asset: _outputs(snapshot, asset) for asset in DERIVED_ASSETS}
    days = set.intersection(*(set(of_asset) for of_asset in outputs.values()))
    return [ReadyDay(day, {asset: of_asset[day] for asset, of_asset in outputs.items()}) for day in sorted(days)]


def announce(
    store: sqlite3.Connection, snapshot: duckdb.DuckDBPyConnection, webhooks: Sequence[str], now: datetime
) -> list[date]:
    """Owe each of the webhooks, by name, one call about the days that are ready anew; gives these days, ascending.

    What was owed counts as announced in the same transaction, so that no day is left out or told again. Without any
    webhook nothing is announced. ``now`` is aware.

    Raises:
        duckdb.Error: the snapshot cannot be read.
        sqlite3.Error: the store cannot be read or written.
    """
    if not webhooks:
        return []
    ready = ready_days(snapshot)
    with change(store):
        announced = dict(store.execute("select day, version from announced_days").fetchall())
        new = [day for day in ready if announced.get(day.day.isoformat()) != day.version]
        if new:
            updated = {day.day for day in new if day.day.isoformat() in announced}
            write_calls(store, webhooks, _body(snapshot, new, updated, now), now)
            store.executemany(
                "insert or replace into announced_days (day, version) values (?, ?)",
                [(day.day.isoformat(), day.version) for day in new],
            )
    return [day.day for day in new]


def _outputs(snapshot: duckdb.DuckDBPyConnection, asset: str) -> dict[date, ReadyOutput]:
    """The days of an asset that are computed, not stale, and not held back."""
    rows = snapshot.execute(
        """select computed.as_of_date, computed.inputs_revision,
             coalesce(bool_and(audits.outcome = 'passed') filter (audits.check_name = 'inputs_fresh'), false)
           from marts.as_of_days as computed
           left join quality.audits as audits on audits.dataset = computed.asset and audits.day = computed.as_of_date
           where computed.asset = $asset
           group by all
           having coalesce(bool_and(audits.outcome <> 'failed'), true)""",
        {"asset": asset},
    ).fetchall()
    stale = set(stale_days(snapshot, asset, max((row[0] for row in rows), default=date.min)))
    return {day: ReadyOutput(revision, has_all) for day, revision, has_all in rows if day not in stale}


def _body(snapshot: duckdb.DuckDBPyConnection, new: Sequence[ReadyDay], updated: set[date], now: datetime) -> str:
    told: dict[str, object] = {"days": [], "ranges": []}
    if len(new) <= MOST_ENTRIES:
        told["days"] = _day_entries(snapshot, new, updated)
    else:
        told["ranges"] = _range_entries(new, updated)
    payload = {"type": EVENT_TYPE, "timestamp": to_text(now), "data": told}
    return json.dumps(payload, separators=(",", ":"))


def _day_entries(
    snapshot: duckdb.DuckDBPyConnection, new: Sequence[ReadyDay], updated: set[date]
) -> list[dict[str, object]]:
    figures = {asset: as_of_figures(snapshot, asset, [day.day for day in new]) for asset in DERIVED_ASSETS}
    return [
        {
            "day": day.day.isoformat(),
            "updated": day.day in updated,
            "outputs": {
                asset: {
                    "rows": figures[asset][day.day].row_count,
                    "revision": output.revision,
                    "inputs_complete": output.has_all_inputs,
                }
                for asset, output in day.outputs.items()
            },
        }
        for day in new
    ]


def _range_entries(new: Sequence[ReadyDay], updated: set[date]) -> list[dict[str, object]]:
    """Days without a gap between them as one entry; if that makes too many, all days as one, gaps included."""
    ranges = contiguous(day.day for day in new)
    if len(ranges) > MOST_ENTRIES:
        ranges = [(new[0].day, new[-1].day)]
    gathered = [[day for day in new if first <= day.day <= last] for first, last in ranges]
    return [
        {
            "first": days[0].day.isoformat(),
            "last": days[-1].day.isoformat(),
            "days": len(days),
            "updated": sum(day.day in updated for day in days),
            "inputs_complete": sum(all(output.has_all_inputs for output in day.outputs.values()) for day in days),
        }
        for days in gathered
    ]
