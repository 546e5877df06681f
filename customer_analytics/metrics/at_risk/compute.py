"""The list of each day: what is known then, and who was listed the day before."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby

import duckdb

from customer_analytics.metrics.as_of import record_days
from customer_analytics.metrics.at_risk.policy import DEFAULT_POLICY, AtRiskPolicy
from customer_analytics.metrics.at_risk.service_risk import ServiceRiskLearner, score_service_risk
from customer_analytics.metrics.derived import AT_RISK_CUSTOMERS, AT_RISK_RULE
from customer_analytics.metrics.features import features_for
from customer_analytics.metrics.forecasting.compute import forecast_for
from customer_analytics.metrics.month_ends import last_month_end
from customer_analytics.metrics.statements import statement

# Features of several days cost hardly more than those of one.
_DAYS_AT_ONCE = 7


def compute_at_risk_customers(
    connection: duckdb.DuckDBPyConnection,
    days: Sequence[date],
    run_id: str,
    computed_at: datetime,
    policy: AtRiskPolicy = DEFAULT_POLICY,
) -> None:
    """Replace ``days`` in ``marts.at_risk_customers`` by who is listed as of the end of each, in the order of the days.

    A day follows from the rows of the day before; where that has none, nobody was listed. Runs in the caller's
    transaction. ``computed_at`` is UTC, without a time zone.
    """
    ordered, learner = sorted(set(days)), ServiceRiskLearner(connection)
    for learned_on, of_month in groupby(ordered, key=last_month_end):
        scorer = learner.known_on(learned_on)
        for some in _batches(list(of_month)):
            features_for(connection, some)
            score_service_risk(connection, scorer)
            connection.execute(statement("at_risk/keep_features"))
            for day in some:
                forecast_for(connection, day)
                _list(connection, day, policy)
    record_days(connection, AT_RISK_CUSTOMERS, ordered, run_id, computed_at)


def _batches(days: list[date]) -> Iterator[list[date]]:
    return (days[start : start + _DAYS_AT_ONCE] for start in range(0, len(days), _DAYS_AT_ONCE))


def _list(connection: duckdb.DuckDBPyConnection, day: date, policy: AtRiskPolicy) -> None:
    chosen = {"policy": asdict(policy), "rule": AT_RISK_RULE.parameters, "day": day}
    connection.execute(statement("at_risk/signals"), chosen)
    connection.execute(statement("at_risk/delete"), {"day": day})
    connection.execute(statement("at_risk/insert"), chosen)
    numbers = {name: float(value) for name, value in asdict(policy).items() if value is not None}
    connection.execute(
        statement("at_risk/store_policy"), {"day": day, "names": list(numbers), "numbers": list(numbers.values())}
    )
