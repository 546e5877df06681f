"""Audits of derived days: one query a check for all asked days, over change rows, not customers times days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from customer_analytics.metrics.as_of import ask
from customer_analytics.metrics.derived import DerivedAsset
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement
from customer_analytics.quality.outcome import CheckOutcome


@dataclass(frozen=True)
class DerivedCheck:
    """A check of derived days: what it makes sure of, and its SQL in ``sql/audit/`` with its parameters.

    The SQL gives one row per asked day: the day, outcome, expected, found, and a sample or null. One that only warns
    never holds a day back.
    """

    name: str
    description: str
    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    only_warns: bool = False


def audit_derived(
    connection: duckdb.DuckDBPyConnection, asset: DerivedAsset, checks: Sequence[DerivedCheck], days: Sequence[date]
) -> dict[date, list[CheckOutcome]]:
    """Audit ``days`` of a derived asset, computed or not; may run in the caller's transaction."""
    for source in asset.sources:
        open_inputs(connection, source)
    ask(connection, days)
    outcomes: dict[date, list[CheckOutcome]] = {day: [] for day in days}
    for check in checks:
        rows = connection.execute(statement(f"audit/{check.sql}"), dict(check.parameters)).fetchall()
        for day, outcome, expected, found, sample in rows:
            outcomes[day].append(CheckOutcome(check.name, outcome, expected, found, tuple(sample or ())))
    return outcomes
