"""The totals of the day, and of the days before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duckdb

from customer_analytics.metrics.as_of import ask
from customer_analytics.reporting.health.statements import statement

HISTORY_DAYS = 91
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class DayTotals:
    """A day's totals; None where they have not been computed. Amounts are in currency units.

    ``revenue`` is net of refunds, over all time; ``value`` is the sum of ``estimated_clv``; expected spend is of the
    days that follow, gross of refunds.
    """

    day: date
    customers: int | None = None
    revenue: Decimal | None = None
    value: Decimal | None = None
    at_risk: int | None = None
    value_at_risk: Decimal | None = None
    expected_spend_90d: Decimal | None = None
    expected_spend_365d: Decimal | None = None


@dataclass(frozen=True)
class History:
    """The totals of the latest days, without gaps: the last one is the day that the page is about."""

    days: tuple[DayTotals, ...]

    @property
    def today(self) -> DayTotals:
        """The day that the page is about."""
        return self.days[-1]

    @property
    def week_ago(self) -> DayTotals:
        """Seven days before it."""
        return self.days[-1 - WEEK.days]


def read_histories(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> dict[date, History]:
    """The totals of each of ``days`` and of the thirteen weeks before it; what several of them tell is read once."""
    told = {day: [day - timedelta(days=back) for back in reversed(range(HISTORY_DAYS))] for day in days}
    ask(connection, sorted(set().union(*told.values())))
    totals = {row[0]: DayTotals(*row) for row in connection.execute(statement("day_totals")).fetchall()}
    return {day: History(tuple(totals[each] for each in before)) for day, before in told.items()}
