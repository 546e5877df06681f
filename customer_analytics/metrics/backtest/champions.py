"""Who is used: the decisions of ``marts.champions``, made when another origin is known and read by who forecasts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from customer_analytics.metrics.backtest.bootstrap import Figure
from customer_analytics.metrics.backtest.gate import CRITERIA, FEWEST_ORIGINS, Comparison, Judged, Target, decide
from customer_analytics.metrics.backtest.level import Totals
from customer_analytics.metrics.statements import statement

_COLUMNS = pa.schema(
    [
        ("target", pa.string()),
        ("challenger", pa.string()),
        ("incumbent", pa.string()),
        ("origins", pa.int64()),
        ("first_origin", pa.date32()),
        ("last_origin", pa.date32()),
        ("incumbent_figure", pa.float64()),
        ("challenger_figure", pa.float64()),
        ("challenger_level", pa.float64()),
        ("difference", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("verdict", pa.string()),
        ("champion", pa.string()),
    ]
)


def champion(connection: duckdb.DuckDBPyConnection, day: date, horizon: int, target: Target) -> str:
    """The candidate that is used as of the end of ``day``: by the latest decision, or the default before any."""
    parameters = {"day": day, "horizon": horizon, "target": target}
    row = connection.execute(statement("backtest/champion"), parameters).fetchone()
    return str(row[0]) if row else CRITERIA[target].default


def decide_champions(connection: duckdb.DuckDBPyConnection, horizon: int, first_day: date) -> None:
    """Decide anew on every day from ``first_day`` on on which an origin became known, each by what was known by then.

    A decision hangs on the one before it, so none of those after ``first_day`` is kept.
    """
    connection.execute(statement("backtest/delete_decisions"), {"horizon": horizon, "first_day": first_day})
    known = connection.execute(statement("backtest/known_origins"), {"horizon": horizon}).fetchall()
    judged = _read_judged(connection, horizon)
    for number, (_, known_on) in enumerate(known, start=1):
        if known_on < first_day or number < FEWEST_ORIGINS:
            continue
        origins = [origin for origin, _ in known[:number]]
        decided = [
            comparison
            for target in CRITERIA
            for comparison in decide(target, judged[target], origins, champion(connection, known_on, horizon, target))
        ]
        _write(connection, decided, horizon, known_on)


def _read_judged(connection: duckdb.DuckDBPyConnection, horizon: int) -> dict[Target, list[Judged]]:
    parameters = {
        "horizon": horizon,
        "targets": list(CRITERIA),
        "measures": [criterion.measure for criterion in CRITERIA.values()],
        "segments": [criterion.segment for criterion in CRITERIA.values()],
    }
    judged: dict[Target, list[Judged]] = {target: [] for target in CRITERIA}
    rows = connection.execute(statement("backtest/gate_figures"), parameters).fetchall()
    for origin, model, target, customers, value, draws, predicted, actual in rows:
        figure = Figure(value, np.array(draws, dtype=np.float64))
        totals = None if predicted is None else Totals(predicted, actual)
        judged[target].append(Judged(origin, model, customers, figure, totals))
    return judged


def _write(
    connection: duckdb.DuckDBPyConnection, decided: Sequence[Comparison], horizon: int, decided_on: date
) -> None:
    connection.register("decided", pa.Table.from_pylist([asdict(one) for one in decided], schema=_COLUMNS))
    parameters = {"decided_on": decided_on, "horizon": horizon}
    connection.execute(statement("backtest/insert_decisions"), parameters)
    connection.unregister("decided")
