"""The asset forecast_backtest: month ends are judged once their outcome is over, and decide who is used then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

import duckdb
import pyarrow as pa

from customer_analytics.metrics.as_of import record_days
from customer_analytics.metrics.backtest.champions import decide_champions
from customer_analytics.metrics.backtest.gate import COMPARED
from customer_analytics.metrics.backtest.judging import Judgement, ScoredOrigin, judge
from customer_analytics.metrics.backtest.outcomes import read_outcomes
from customer_analytics.metrics.backtest.scores import Scores
from customer_analytics.metrics.derived import FORECAST_BACKTEST
from customer_analytics.metrics.forecasting.candidates import score_origin
from customer_analytics.metrics.forecasting.learning import Learner
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.forecast import HORIZONS

ScoreOrigin = Callable[[duckdb.DuckDBPyConnection, date, int], Mapping[str, Scores]]

_FIGURES = pa.schema(
    [
        ("model", pa.string()),
        ("segment", pa.string()),
        ("measure", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("customers", pa.int64()),
        ("draws", pa.list_(pa.float64())),
    ]
)


def compute_forecast_backtest(
    connection: duckdb.DuckDBPyConnection,
    days: Sequence[date],
    run_id: str,
    computed_at: datetime,
    score: ScoreOrigin | None = None,
) -> None:
    """Judge every month end that is known by the latest of ``days`` and not judged yet, or whose inputs have changed.

    A month end is known once the horizon after it is over. So most days judge nothing, and days that are asked for one
    by one leave the same as all of them at once. Runs in the caller's transaction. ``computed_at`` is UTC, without a
    time zone. ``score`` says what the candidates forecast, if not ``score_origin``.
    """
    through = max(days)
    parameters = {"through": through, "horizons": list(HORIZONS), "sources": list(FORECAST_BACKTEST.sources)}
    pending = connection.execute(statement("backtest/pending_origins"), parameters).fetchall()
    scored = _Scored(connection, score or partial(score_origin, learner=Learner(connection)))
    changed: dict[int, date] = {}
    for horizon, origin, has_previous, inputs_revision in pending:
        previous = scored.at(origin.replace(day=1) - timedelta(days=1), horizon) if has_previous else None
        found = scored.at(origin, horizon)
        _write(connection, found, judge(found, previous))
        connection.execute(
            statement("backtest/replace_origin"),
            {
                "origin": origin,
                "horizon": horizon,
                "customers": len(found.outcomes.key),
                "inputs_revision": inputs_revision,
                "judged_on": through,
                "run_id": run_id,
                "computed_at": computed_at,
            },
        )
        changed.setdefault(horizon, origin + timedelta(days=horizon))
    for horizon, first_day in changed.items():
        decide_champions(connection, horizon, first_day)
    record_days(connection, FORECAST_BACKTEST, days, run_id, computed_at)


@dataclass
class _Scored:
    """Scores of an origin and of the one before it: in a row of month ends each is scored once."""

    connection: duckdb.DuckDBPyConnection
    score: ScoreOrigin
    latest: dict[tuple[date, int], ScoredOrigin] = field(default_factory=dict)

    def at(self, origin: date, horizon: int) -> ScoredOrigin:
        """The outcomes and every candidate's scores."""
        key = (origin, horizon)
        if key not in self.latest:
            outcomes = read_outcomes(self.connection, origin, horizon)
            scores = self.score(self.connection, origin, horizon) if len(outcomes.key) else {}
            self.latest = dict([*self.latest.items()][-1:]) | {key: ScoredOrigin(outcomes, scores)}
        return self.latest[key]


def _write(connection: duckdb.DuckDBPyConnection, origin: ScoredOrigin, judgements: Sequence[Judgement]) -> None:
    """Replace the origin's figures; draws are kept of those by which candidates are compared."""
    rows = [
        {name: getattr(one, name) for name in _FIGURES.names}
        | {"draws": one.draws if (one.measure, one.segment) in COMPARED else None}
        for one in judgements
    ]
    parameters = {"origin": origin.outcomes.origin, "horizon": origin.outcomes.horizon}
    connection.execute(statement("backtest/delete_figures"), parameters)
    connection.register("judged_figures", pa.Table.from_pylist(rows, schema=_FIGURES))
    connection.execute(statement("backtest/insert_figures"), parameters)
    connection.unregister("judged_figures")
