"""What was learned is kept until another origin is known: most days learn nothing, and use what is stored."""

from datetime import date, timedelta
from typing import Any

import duckdb

from customer_analytics.metrics.derived import CUSTOMER_VALUE_FORECAST
from customer_analytics.metrics.forecasting.learning import Learned, Learner, origins_known
from customer_analytics.metrics.forecasting.linear import LinearScorer
from customer_analytics.metrics.forecasting.logistic import LogisticScorer
from customer_analytics.metrics.forecasting.spend_regression import FactorScorer
from customer_analytics.metrics.statements import statement


def learned_by(connection: duckdb.DuckDBPyConnection, learner: Learner, day: date, horizon: int) -> Learned | None:
    """What was known by the end of ``day`` of the ``horizon`` days after one: as stored, or learned now and stored.

    None where there are too few origins. Both are the same to the last digit. May replace the temporary tables that
    ``Learner.learn`` replaces.
    """
    origins = origins_known(learner.first_day, day, horizon)
    if not origins:
        return None
    known_on = origins[-1] + timedelta(days=horizon)
    found = connection.execute(statement("forecast/stored_learned"), _key(known_on, horizon)).fetchall()
    if not found:
        learned = learner.learn(day, horizon)
        if learned:
            _store(connection, learned, horizon)
        return learned
    scorers = {target: row for target, *row in found if row[0]}
    return Learned(
        known_on,
        tuple(origins),
        LogisticScorer(*_fields(scorers["no_order"])) if "no_order" in scorers else None,
        FactorScorer(*_fields(scorers["spend"])) if "spend" in scorers else None,
    )


def _store(connection: duckdb.DuckDBPyConnection, learned: Learned, horizon: int) -> None:
    """Also that there was too little to learn from."""
    for target, scorer in (("no_order", learned.no_order), ("spend", learned.spend)):
        connection.execute(
            statement("forecast/store_learned"),
            _key(learned.known_on, horizon) | {"target": target, "origins": list(learned.origins)} | _columns(scorer),
        )


def _key(known_on: date, horizon: int) -> dict[str, object]:
    return {"known_on": known_on, "horizon": horizon, "sources": list(CUSTOMER_VALUE_FORECAST.sources)}


def _columns(scorer: LinearScorer | None) -> dict[str, object]:
    names = ("names", "means", "deviations", "coefficients")
    lists = {name: list(getattr(scorer, name)) if scorer else [] for name in names}
    return lists | {"intercept": scorer.intercept if scorer else 0.0}


def _fields(row: list[Any]) -> tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...], tuple[float, ...], float]:
    names, means, deviations, coefficients, intercept = row
    return tuple(names), tuple(means), tuple(deviations), tuple(coefficients), intercept
