"""Days that a derived asset has: computing them, which of them are stale, and their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb

from customer_analytics.metrics.change_rows import fold_pending_orders
from customer_analytics.metrics.derived import (
    AT_RISK_CUSTOMERS,
    AT_RISK_RULE,
    CUSTOMER_LIFETIME_VALUE,
    DERIVED_ASSETS,
    RECOMMENDED_ACTION,
    DerivedAsset,
)
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement


@dataclass(frozen=True)
class AsOfFigures:
    """One derived day in numbers; ``total_clv`` is in currency units, and 0 where the asset has no such column.

    ``customers_without_orders`` are in the asset's inputs, though no order mentions them yet.
    """

    day: date
    row_count: int
    total_clv: Decimal
    customers_without_orders: int


def compute_customer_lifetime_value(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    """Fold every published day of orders, and make ``marts.customer_lifetime_value`` show ``days``.

    Runs in the caller's transaction. ``computed_at`` is UTC, without a time zone.
    """
    fold_pending_orders(connection)
    ask(connection, days)
    _record(connection, CUSTOMER_LIFETIME_VALUE, run_id, computed_at)


def compute_at_risk_customers(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    """Replace ``days`` in ``marts.at_risk_customers`` by who is at risk as of the end of each.

    Runs in the caller's transaction. ``computed_at`` is UTC, without a time zone.
    """
    open_inputs(connection, AT_RISK_CUSTOMERS.source)
    ask(connection, days)
    connection.execute(statement("at_risk/delete"))
    connection.execute(
        statement("at_risk/insert"),
        AT_RISK_RULE.parameters | {"recommended_action": RECOMMENDED_ACTION},
    )
    _record(connection, AT_RISK_CUSTOMERS, run_id, computed_at)


def stale_days(connection: duckdb.DuckDBPyConnection, asset: str, through: date) -> list[date]:
    """The days of ``asset`` that should be computed, ascending.

    Those are computed days, also after ``through``, whose inputs have been published or corrected since, and days that
    were never computed, from the first published day of the inputs to ``through``.

    Raises:
        KeyError: there is no such derived asset.
    """
    rows = connection.execute(
        statement("as_of/stale_days"), _inputs(DERIVED_ASSETS[asset]) | {"through": through}
    ).fetchall()
    return [day for (day,) in rows]


def as_of_figures(connection: duckdb.DuckDBPyConnection, asset: str, days: Sequence[date]) -> dict[date, AsOfFigures]:
    """The figures of each of ``days``, computed or not.

    Raises:
        KeyError: there is no such derived asset.
    """
    derived = DERIVED_ASSETS[asset]
    open_inputs(connection, derived.source)
    ask(connection, days)
    window = {"window_days": derived.window_days} if derived.window_days else {}
    rows = connection.execute(statement(f"as_of/{derived.name}_figures"), window).fetchall()
    return {row[0]: AsOfFigures(*row) for row in rows}


def ask(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> None:
    """Say which days the next statements are about: temporary table ``asked_days``, and their ``value_totals``."""
    connection.execute(statement("as_of/asked_days"), {"days": list(days)})
    connection.execute(statement("as_of/value_totals"))


def _record(connection: duckdb.DuckDBPyConnection, asset: DerivedAsset, run_id: str, computed_at: datetime) -> None:
    parameters = _inputs(asset) | {"run_id": run_id, "computed_at": computed_at}
    connection.execute(statement("as_of/record"), parameters)


def _inputs(asset: DerivedAsset) -> dict[str, object]:
    return {"asset": asset.name, "source": asset.source, "window_days": asset.window_days}
