"""Days that a derived asset has: computing them, which of them are stale, and their figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from customer_analytics.metrics.change_rows import fold_pending_orders
from customer_analytics.metrics.derived import CUSTOMER_LIFETIME_VALUE, DERIVED_ASSETS, DerivedAsset
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement


@dataclass(frozen=True)
class AsOfFigures:
    """One derived day in numbers: how many rows it has, and what is plotted over the days, by name."""

    day: date
    row_count: int
    plotted: Mapping[str, int | float]


def compute_customer_lifetime_value(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    """Fold every published day of orders, and make ``marts.customer_lifetime_value`` and its segments show ``days``.

    Runs in the caller's transaction. ``computed_at`` is UTC, without a time zone.
    """
    fold_pending_orders(connection)
    record_days(connection, CUSTOMER_LIFETIME_VALUE, days, run_id, computed_at)
    connection.execute(statement("as_of/store_segments"))


def stale_days(connection: duckdb.DuckDBPyConnection, asset: str, through: date) -> list[date]:
    """The days of ``asset`` that should be computed, ascending.

    Those are computed days, also after ``through``, whose inputs have been published or corrected since, and days that
    were never computed, from the first published day of the inputs to ``through``; and all days after the first of them
    where each follows from the one before.

    Raises:
        KeyError: there is no such derived asset.
    """
    derived = DERIVED_ASSETS[asset]
    parameters = _inputs(derived) | {"through": through, "follows_yesterday": derived.follows_yesterday}
    return [day for (day,) in connection.execute(statement("as_of/stale_days"), parameters).fetchall()]


def inputs_revision(connection: duckdb.DuckDBPyConnection, asset: str) -> int:
    """The revision of all that ``asset`` is made from, who is who included: it rises with whatever makes days stale.

    Raises:
        KeyError: there is no such derived asset.
    """
    parameters = {"sources": list(DERIVED_ASSETS[asset].sources)}
    row = connection.execute(statement("as_of/inputs_revision"), parameters).fetchone()
    return int(row[0]) if row else 0


def as_of_figures(connection: duckdb.DuckDBPyConnection, asset: str, days: Sequence[date]) -> dict[date, AsOfFigures]:
    """The figures of each of ``days``, computed or not.

    Raises:
        KeyError: there is no such derived asset.
    """
    for source in DERIVED_ASSETS[asset].sources:
        open_inputs(connection, source)
    ask(connection, days)
    rows = connection.execute(statement(f"as_of/{asset}_figures"))
    names = [column[0] for column in rows.description][2:]
    return {
        day: AsOfFigures(day, row_count, {name: float(value) for name, value in zip(names, values, strict=True)})
        for day, row_count, *values in rows.fetchall()
    }


@dataclass(frozen=True)
class WholeDay:
    """A day of which everything that is derived is there; ``computed_at`` is when the last of it was computed, UTC."""

    day: date
    computed_at: datetime


def latest_whole_day(connection: duckdb.DuckDBPyConnection) -> WholeDay | None:
    """The latest day that every derived asset has; None while there is none."""
    row = connection.execute(statement("as_of/latest_whole_day"), {"assets": list(DERIVED_ASSETS)}).fetchone()
    return WholeDay(*row) if row else None


def ask(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> None:
    """Say which days the next statements are about: temporary table ``asked_days``, and their ``value_totals``."""
    connection.execute(statement("as_of/asked_days"), {"days": list(days)})
    connection.execute(statement("as_of/value_segments"))
    connection.execute(statement("as_of/value_totals"))


def record_days(
    connection: duckdb.DuckDBPyConnection, asset: DerivedAsset, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    """Say that ``asset`` has these days, made from what is published now; runs in the caller's transaction."""
    ask(connection, days)
    if asset.follows_yesterday:
        connection.execute(statement("as_of/forget_later_days"), {"asset": asset.name})
    parameters = _inputs(asset) | {"run_id": run_id, "computed_at": computed_at}
    connection.execute(statement("as_of/record"), parameters)


def _inputs(asset: DerivedAsset) -> dict[str, object]:
    return {"asset": asset.name, "sources": list(asset.sources)}
