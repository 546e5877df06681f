"""Deciding which of the days that were judged together may be published."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.folder import Delivery
from customer_analytics.quality.audit import audit_day
from customer_analytics.quality.drift import check_drift
from customer_analytics.quality.duplicates import reject_across_days, reject_within_day
from customer_analytics.quality.figures import DayFigures, read_figures
from customer_analytics.quality.judge import Delivered
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.profile import profile_days
from customer_analytics.quality.volume import expected_records
from customer_analytics.warehouse.history import History, read_history


@dataclass(frozen=True)
class AuditedDay:
    """A judged and audited delivery; it is published unless a check blocks it."""

    delivery: Delivery
    figures: DayFigures
    checks: Sequence[CheckOutcome]

    @property
    def is_good(self) -> bool:
        """Whether nothing holds the day back."""
        return not any(check.blocks for check in self.checks)


def audit_days(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    deliveries: Sequence[Delivery],
    delivered: Mapping[date, Delivered],
) -> list[AuditedDay]:
    """Audit days that are judged together; a day that is held back leaves its keys to the other days.

    Whether a day is held back can hang on the keys of earlier days, so of the days for which it does only the first is
    decided at a time. Once decided it stays so. Days that are not held back are each other's history; ``deliveries``
    are ascending.
    """
    reject_within_day(connection, source)
    history = read_history(connection, source, list(delivered))
    brought = {day: what.records - what.ignored for day, what in delivered.items()}
    held_back: dict[date, AuditedDay] = {}
    while True:
        reject_across_days(connection, source, list(delivered), list(held_back))
        figures = read_figures(connection, source, dict(delivered))
        records = {day: count for day, count in brought.items() if day not in held_back}
        known = replace(history, records={**history.records, **records})
        audited = _audit_each(source, deliveries, figures, known) | held_back
        blocked = [day for day in audited.values() if not day.is_good and day.delivery.day not in held_back]
        if not blocked:
            return _with_drift(connection, source, list(audited.values()), history)
        held_back |= {
            day.delivery.day: day for day in blocked if day is blocked[0] or not day.figures.hangs_on_other_days
        }


def _audit_each(
    source: Source, deliveries: Sequence[Delivery], figures: Mapping[date, DayFigures], history: History
) -> dict[date, AuditedDay]:
    audited: dict[date, AuditedDay] = {}
    alarms = set(history.alarms["volume"]) - set(figures)
    for delivery in deliveries:
        day = delivery.day
        expected = expected_records(source.policy.volume, day, history.records, alarms)
        audited[day] = AuditedDay(delivery, figures[day], audit_day(source, figures[day], expected))
        if _is_odd(audited[day].checks, "volume"):
            alarms.add(day)
    return audited


def _with_drift(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Sequence[AuditedDay], history: History
) -> list[AuditedDay]:
    """The days with their last check, which holds none of them back; leaves the table ``profiled`` for publishing."""
    profiles = profile_days(connection, source, {day.delivery.day: day.figures for day in days})
    good = {day.delivery.day for day in days if day.is_good}
    known = {**history.profiles, **{day: profile for day, profile in profiles.items() if day in good}}
    alarms = set(history.alarms["drift"]) - {day.delivery.day for day in days}
    checked = []
    for audited in days:
        day = audited.delivery.day
        drift = check_drift(day, source.policy.drift, profiles.get(day, {}), known, alarms)
        checked.append(replace(audited, checks=[*audited.checks, drift]))
        if drift.outcome != "passed":
            alarms.add(day)
    return checked


def _is_odd(checks: Collection[CheckOutcome], name: str) -> bool:
    return any(check.check == name and check.outcome != "passed" for check in checks)
