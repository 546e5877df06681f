"""What the backtest says as of a day, for whoever shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import duckdb

from customer_analytics.metrics.backtest.champions import champion
from customer_analytics.metrics.backtest.gate import CRITERIA, Comparison, Target
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.forecast import HORIZONS


@dataclass(frozen=True)
class StoredFigure:
    """A measure of one candidate at one origin, with its interval where it has one."""

    origin: date
    model: str
    segment: str
    measure: str
    value: float
    low: float | None
    high: float | None
    customers: int


@dataclass(frozen=True)
class HorizonBacktest:
    """What is known of one horizon: by how many origins, who is used for which target, and how that was decided.

    ``latest`` are the figures of the latest origin; ``totals`` the predicted and actual sums over all customers of
    every origin, in currency units. Without an origin there are neither.
    """

    horizon: int
    origins: int
    champions: Mapping[Target, str]
    comparisons: tuple[Comparison, ...]
    latest: tuple[StoredFigure, ...]
    totals: tuple[StoredFigure, ...]


def read_backtest(connection: duckdb.DuckDBPyConnection, day: date) -> tuple[HorizonBacktest, ...]:
    """Every horizon, ascending, by what was known at the end of ``day``."""
    figures: dict[int, list[StoredFigure]] = {horizon: [] for horizon in HORIZONS}
    for horizon, *row in connection.execute(statement("backtest/figures"), {"day": day}).fetchall():
        figures[horizon].append(StoredFigure(*row))
    comparisons = read_comparisons(connection, day)
    origins = dict(connection.execute(statement("backtest/number_of_origins"), {"day": day}).fetchall())
    return tuple(
        HorizonBacktest(
            horizon,
            origins.get(horizon, 0),
            {target: champion(connection, day, horizon, target) for target in CRITERIA},
            comparisons.get(horizon, ()),
            tuple(one for one in figures[horizon] if one.origin == figures[horizon][-1].origin),
            tuple(one for one in figures[horizon] if one.segment == "all" and one.measure.startswith("total_")),
        )
        for horizon in HORIZONS
    )


def read_comparisons(connection: duckdb.DuckDBPyConnection, day: date) -> Mapping[int, tuple[Comparison, ...]]:
    """The decisions that held at the end of ``day``: of each horizon on which anything was decided, ascending."""
    rows = connection.execute(statement("backtest/decisions"), {"day": day}).fetchall()
    return {
        horizon: tuple(Comparison(*row) for _, *row in decided)
        for horizon, decided in groupby(rows, key=lambda row: row[0])
    }
