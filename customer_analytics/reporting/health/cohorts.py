"""Cohorts: of the customers who ordered for the first time in a month, how many order again in later months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.reporting.health.statements import statement

MONTHS = 13


@dataclass(frozen=True)
class Cohort:
    """Customers by the month of their first order; ``again[k]`` of them ordered in the k-th month after it."""

    month: date
    customers: int
    again: tuple[int, ...]
    is_first: bool  # of the company's data: who was a customer before is in it too

    @property
    def shares(self) -> tuple[float, ...]:
        """Who ordered again, as a share of the cohort, by month; the first one is 1, that of the first order."""
        return tuple(number / self.customers for number in self.again)


@dataclass(frozen=True)
class Cohorts:
    """The latest cohorts, the oldest first; only months that are over count."""

    cohorts: tuple[Cohort, ...]

    @property
    def months(self) -> int:
        """For how many months after its first one the oldest cohort has been watched."""
        return max((len(cohort.again) - 1 for cohort in self.cohorts), default=0)

    @property
    def average(self) -> tuple[float, ...]:
        """The share by month, over all customers who have been watched for so long; the first cohort is left out."""
        told = [cohort for cohort in self.cohorts if not cohort.is_first]
        shares = []
        for month in range(max((len(cohort.again) for cohort in told), default=0)):
            watched = [cohort for cohort in told if len(cohort.again) > month]
            shares.append(sum(each.again[month] for each in watched) / sum(each.customers for each in watched))
        return tuple(shares)

    @property
    def greatest_share(self) -> float:
        """Of all shares of those who ordered again; 0 without any."""
        return max((share for cohort in self.cohorts for share in cohort.shares[1:]), default=0.0)


def read_cohorts(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> dict[date, Cohorts]:
    """By each of ``days`` the cohorts of the latest months that were over by the end of it.

    They are read once for days that know the same of these months: until another one is over, or late orders came.
    """
    open_inputs(connection, "orders")
    known: dict[tuple[date, date | None], Cohorts] = {}
    cohorts = {}
    rows = connection.execute(statement("cohort_knowledge"), {"days": list(days)}).fetchall()
    for day, this_month, latest_delivery in rows:
        knowledge = (this_month, latest_delivery)
        if knowledge not in known:
            known[knowledge] = _read_day(connection, day)
        cohorts[day] = known[knowledge]
    return cohorts


def _read_day(connection: duckdb.DuckDBPyConnection, day: date) -> Cohorts:
    rows = connection.execute(statement("cohorts"), {"day": day, "months": MONTHS}).fetchall()
    first = connection.execute("select min(delivery_day) from quality.deliveries where source = 'orders'").fetchone()
    began = first[0].replace(day=1) if first and first[0] else None
    counts: dict[date, dict[int, int]] = {}
    sizes: dict[date, int] = {}
    for cohort, customers, months_later, again in rows:
        sizes[cohort] = customers
        counts.setdefault(cohort, {})[months_later] = again
    last = _month_number(day) if _is_last_of_month(day) else _month_number(day) - 1
    return Cohorts(
        tuple(
            Cohort(
                month,
                sizes[month],
                tuple(again.get(later, 0) for later in range(last - _month_number(month) + 1)),
                is_first=began is None or month <= began,
            )
            for month, again in counts.items()
        )
    )


def _month_number(day: date) -> int:
    return day.year * 12 + day.month


def _is_last_of_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1
