"""Deciding which of the days that were judged together may be published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.folder import Delivery
from customer_analytics.quality.audit import audit_day
from customer_analytics.quality.duplicates import reject_across_days, reject_within_day
from customer_analytics.quality.figures import DayFigures, read_figures
from customer_analytics.quality.judge import Delivered
from customer_analytics.quality.outcome import CheckOutcome


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
    decided at a time. Once decided it stays so.
    """
    reject_within_day(connection, source)
    published = _records_by_day(connection, source)
    brought = {day: what.records - what.ignored for day, what in delivered.items()}
    held_back: dict[date, AuditedDay] = {}
    while True:
        reject_across_days(connection, source, list(delivered), list(held_back))
        figures = read_figures(connection, source, dict(delivered))
        history = published | {day: records for day, records in brought.items() if day not in held_back}
        audited = {
            delivery.day: AuditedDay(delivery, figures[delivery.day], audit_day(source, figures[delivery.day], history))
            for delivery in deliveries
        } | held_back
        blocked = [day for day in audited.values() if not day.is_good and day.delivery.day not in held_back]
        if not blocked:
            return list(audited.values())
        held_back |= {
            day.delivery.day: day for day in blocked if day is blocked[0] or not day.figures.hangs_on_other_days
        }


def _records_by_day(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[date, int]:
    rows = connection.execute(
        "select delivery_day, records - ignored from quality.deliveries where source = ?", [source.name]
    ).fetchall()
    return dict(rows)
