"""What is known of the weeks before, and of other days: what a day's volume and drift are judged by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.anomaly import WEEK
from customer_analytics.quality.profile import ColumnProfile, DayProfile


@dataclass(frozen=True)
class History:
    """Of published days: the records that were delivered, blank lines aside, and the profile; and which days were odd.

    ``alarms`` are, by check, the days on which it did not pass.
    """

    records: Mapping[date, int]
    profiles: Mapping[date, DayProfile]
    alarms: Mapping[str, Collection[date]]


def read_history(connection: duckdb.DuckDBPyConnection, source: Source, days: Collection[date]) -> History:
    """The history that ``days`` need: the trailing weeks of the first of them, up to the last."""
    if not days:
        return History({}, {}, {"volume": (), "drift": ()})
    weeks = max(source.policy.volume.weeks, source.policy.drift.weeks)
    within = [source.name, min(days) - timedelta(days=weeks * WEEK), max(days)]
    records = connection.execute(
        """select delivery_day, records - ignored from quality.deliveries
           where source = ? and delivery_day between ? and ?""",
        within,
    ).fetchall()
    alarms: dict[str, set[date]] = {"volume": set(), "drift": set()}
    for check, day in connection.execute(
        """select check_name, day from quality.audits
           where dataset = ? and day between ? and ? and check_name in ('volume', 'drift') and outcome <> 'passed'""",
        within,
    ).fetchall():
        alarms[check].add(day)
    return History(dict(records), _read_profiles(connection, within), alarms)


def _read_profiles(connection: duckdb.DuckDBPyConnection, within: list[object]) -> dict[date, dict[str, ColumnProfile]]:
    rows = connection.execute(
        """select profiles.delivery_day, "column", rows, nulls, "distinct", mean, deviation, profiles.quarantined,
             ledger.accepted + ledger.quarantined as judged
           from quality.profiles as profiles
           inner join quality.deliveries as ledger using (source, delivery_day)
           where source = ? and delivery_day between ? and ?""",
        within,
    ).fetchall()
    profiles: dict[date, dict[str, ColumnProfile]] = {}
    for day, column, *figures in rows:
        profiles.setdefault(day, {})[column] = ColumnProfile(*figures)
    return profiles
