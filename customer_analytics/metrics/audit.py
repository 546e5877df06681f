"""Audits of derived days: one query a check for all asked days, over change rows, not customers times days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from customer_analytics.metrics.as_of import ask
from customer_analytics.metrics.derived import (
    AT_RISK_CUSTOMERS,
    AT_RISK_RULE,
    CUSTOMER_LIFETIME_VALUE,
    DerivedAsset,
)
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement
from customer_analytics.quality.outcome import SAMPLE_SIZE, CheckOutcome

# Orders count for ever: of them, a gap within the last week is worth a warning.
ORDER_DAYS_EXPECTED = 7


@dataclass(frozen=True)
class DerivedCheck:
    """A check of derived days: what it makes sure of, and its SQL in ``sql/audit/`` with its parameters.

    The SQL gives one row per asked day: the day, outcome, expected, found, and a sample or null.
    """

    name: str
    description: str
    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


CUSTOMER_LIFETIME_VALUE_CHECKS = (
    DerivedCheck(
        "one_row_per_customer",
        "No customer has two rows.",
        "customer_lifetime_value/one_row_per_customer",
        {"sample_size": SAMPLE_SIZE},
    ),
    DerivedCheck(
        "no_orphans",
        "Every customer has an order that was delivered by the day.",
        "customer_lifetime_value/no_orphans",
        {"sample_size": SAMPLE_SIZE},
    ),
    DerivedCheck(
        "revenue_reconciles",
        "Revenue and number of orders are those of all orders delivered by the day, to the cent.",
        "customer_lifetime_value/revenue_reconciles",
    ),
    DerivedCheck(
        "inputs_fresh",
        f"The orders of the day and of the {ORDER_DAYS_EXPECTED - 1} days before it are published.",
        "inputs_fresh",
        {"source": CUSTOMER_LIFETIME_VALUE.source, "days": ORDER_DAYS_EXPECTED, "sample_size": SAMPLE_SIZE},
    ),
)

AT_RISK_CUSTOMERS_CHECKS = (
    DerivedCheck(
        "one_row_per_customer",
        "No customer has two rows.",
        "at_risk_customers/one_row_per_customer",
        {"sample_size": SAMPLE_SIZE},
    ),
    DerivedCheck(
        "no_orphans",
        "Every customer has a ticket that was delivered by the day.",
        "at_risk_customers/no_orphans",
        {"sample_size": SAMPLE_SIZE},
    ),
    DerivedCheck(
        "rule_holds",
        "Listed are exactly the customers who meet the rule, with the numbers of their tickets.",
        "at_risk_customers/rule_holds",
        AT_RISK_RULE.parameters | {"sample_size": SAMPLE_SIZE},
    ),
    DerivedCheck(
        "inputs_fresh",
        f"The tickets of the {AT_RISK_RULE.window_days} days that end with the day are published.",
        "inputs_fresh",
        {"source": AT_RISK_CUSTOMERS.source, "days": AT_RISK_RULE.window_days, "sample_size": SAMPLE_SIZE},
    ),
)


def audit_customer_lifetime_value(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date]
) -> dict[date, list[CheckOutcome]]:
    """Audit ``days`` of ``marts.customer_lifetime_value``, computed or not; may run in the caller's transaction."""
    return _audit(connection, CUSTOMER_LIFETIME_VALUE, CUSTOMER_LIFETIME_VALUE_CHECKS, days)


def audit_at_risk_customers(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date]
) -> dict[date, list[CheckOutcome]]:
    """Audit ``days`` of ``marts.at_risk_customers``; may run in the caller's transaction."""
    return _audit(connection, AT_RISK_CUSTOMERS, AT_RISK_CUSTOMERS_CHECKS, days)


def _audit(
    connection: duckdb.DuckDBPyConnection, asset: DerivedAsset, checks: Sequence[DerivedCheck], days: Sequence[date]
) -> dict[date, list[CheckOutcome]]:
    open_inputs(connection, asset.source)
    ask(connection, days)
    outcomes: dict[date, list[CheckOutcome]] = {day: [] for day in days}
    for check in checks:
        rows = connection.execute(statement(f"audit/{check.sql}"), dict(check.parameters)).fetchall()
        for day, outcome, expected, found, sample in rows:
            outcomes[day].append(CheckOutcome(check.name, outcome, expected, found, tuple(sample or ())))
    return outcomes
