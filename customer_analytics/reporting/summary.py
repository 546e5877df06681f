"""The figures of a whole warehouse at a glance: what came in, what became of it, and what it says of customers."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from customer_analytics.reporting.quarantine import count_quarantine
from customer_analytics.warehouse.connection import peek_warehouse
from customer_analytics.warehouse.errors import WarehouseError

TOP = 10


@dataclass(frozen=True)
class SourceSummary:
    """All published days of one source."""

    source: str
    days: int
    records: int
    accepted: int
    quarantined: int
    ignored: int


@dataclass(frozen=True)
class AtRiskCustomer:
    """A customer to call first as of the latest day; ``value_at_risk`` is in currency units, None without orders."""

    call_rank: int
    customer_id: str
    value_at_risk: Decimal | None
    reasons: tuple[str, ...]
    recommended_action: str


@dataclass(frozen=True)
class Summary:
    """What the warehouse says, as of ``as_of_date``; ``total_clv`` is in currency units."""

    as_of_date: date | None
    sources: tuple[SourceSummary, ...]
    quarantined_by_reason: tuple[tuple[str, str, str, int], ...]
    failed_checks: tuple[tuple[str, str, str, int], ...]
    customers: int
    total_clv: Decimal
    at_risk: int
    most_at_risk: tuple[AtRiskCustomer, ...]


def read_summary(warehouse: Path) -> Summary:
    """Read the summary of a warehouse.

    Raises:
        WarehouseError: there is none yet, someone is writing it, or it has another version.
    """
    with peek_warehouse(warehouse) as connection:
        if connection is None:
            message = f"There is no warehouse at {warehouse} yet."
            raise WarehouseError(message)
        return summarize(connection)


def summarize(connection: duckdb.DuckDBPyConnection) -> Summary:
    """Read the summary; checks are (dataset, check, outcome, days)."""
    as_of = connection.execute("select max(as_of_date) from marts.as_of_days").fetchone()
    as_of_date: date | None = as_of[0] if as_of else None
    sources = connection.execute(
        """select source, count(*), sum(records)::bigint, sum(accepted)::bigint, sum(quarantined)::bigint,
             sum(ignored)::bigint
           from quality.deliveries group by 1 order by 1"""
    ).fetchall()
    checks = connection.execute(
        """select dataset, check_name, outcome, count(*) from quality.audits
           where outcome <> 'passed' group by all order by 3, 1, 2"""
    ).fetchall()
    worth = connection.execute(
        "select count(*), coalesce(sum(estimated_clv), 0) from marts.customer_lifetime_value where as_of_date = ?",
        [as_of_date],
    ).fetchone()
    at_risk = connection.execute(
        "select count(*) from marts.at_risk_customers where as_of_date = ? and is_listed", [as_of_date]
    ).fetchone()
    customers, total_clv = worth or (0, Decimal(0))
    return Summary(
        as_of_date=as_of_date,
        sources=tuple(SourceSummary(*row) for row in sources),
        quarantined_by_reason=_quarantined_by_reason(connection),
        failed_checks=tuple(checks),
        customers=customers,
        total_clv=total_clv,
        at_risk=at_risk[0] if at_risk else 0,
        most_at_risk=_most_at_risk(connection, as_of_date),
    )


def _quarantined_by_reason(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str, str, int], ...]:
    """Source, column, rule and records over all days, most first within a source."""
    records: Counter[tuple[str, str, str]] = Counter()
    for each in count_quarantine(connection, None):
        records[each.source, each.column or "", each.rule] += each.records
    counted = ((*reason, number) for reason, number in records.items())
    return tuple(sorted(counted, key=lambda each: (each[0], -each[3], each[1], each[2])))


def _most_at_risk(connection: duckdb.DuckDBPyConnection, as_of_date: date | None) -> tuple[AtRiskCustomer, ...]:
    rows = connection.execute(
        f"""select call_rank, customer_id, value_at_risk, reasons, recommended_action
            from marts.at_risk_customers
            where as_of_date = $day and call_rank is not null
            order by call_rank
            limit {TOP}""",
        {"day": as_of_date},
    ).fetchall()
    return tuple(
        AtRiskCustomer(rank, customer, value, tuple(reasons), action) for rank, customer, value, reasons, action in rows
    )
