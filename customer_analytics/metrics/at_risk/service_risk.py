"""How likely customers are to meet the ticket rule soon, learned from what became of customers like them here."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_analytics.metrics.derived import AT_RISK_RULE, CUSTOMER_FEATURES
from customer_analytics.metrics.features import build_ticket_features
from customer_analytics.metrics.forecasting.logistic import LogisticScorer, learn_logistic
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.month_ends import latest_month_ends
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.cohort import FloatArray

# What is forecast: meeting the rule at the end of any of so many days.
HORIZON_DAYS = 30
# A year's months, so that every season counts once.
MOST_ORIGINS = 12

_DECIMALS = 4


class ServiceRiskLearner:
    """Learns while nothing else is published on the connection; from whom it has learned, it remembers for later."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._customers: dict[date, pa.Table] = {}

    def known_on(self, learned_on: date) -> LogisticScorer | None:
        """What can be learned by the end of ``learned_on``: stored, or learned anew and stored.

        It is learned at the latest month ends whose ``HORIZON_DAYS`` were over by then, from everybody with a ticket in
        the 30 days before each. None where there is no such month end, or too few met the rule afterwards or did not.
        Replaces the temporary view ``asked_features``.
        """
        for source in CUSTOMER_FEATURES.sources:
            open_inputs(self._connection, source)
        row = self._connection.execute(statement("at_risk/stored_scorer"), {"learned_on": learned_on}).fetchone()
        if row:
            names, means, deviations, coefficients, intercept = row
            return LogisticScorer(tuple(names), tuple(means), tuple(deviations), tuple(coefficients), intercept)
        origins = _origins(self._connection, learned_on)
        scorer = self.learn(origins, learned_on) if origins else None
        if scorer:
            _store(self._connection, scorer, learned_on)
        return scorer

    def learn(self, origins: Sequence[date], known_on: date) -> LogisticScorer | None:
        """From who met the rule in the ``HORIZON_DAYS`` after ``origins``, by what was delivered by ``known_on``."""
        customers = pa.concat_tables(self._customers_at(origins))
        parameters = AT_RISK_RULE.parameters | {"known_on": known_on, "horizon_days": HORIZON_DAYS}
        self._connection.register("learned_from", customers)
        outcomes = self._connection.execute(statement("at_risk/service_outcomes"), parameters).fetchnumpy()
        self._connection.unregister("learned_from")
        return learn_logistic(*_figures(customers), np.asarray(outcomes["met_the_rule"], dtype=np.bool_))

    def _customers_at(self, origins: Sequence[date]) -> list[pa.Table]:
        new = [origin for origin in origins if origin not in self._customers]
        if new:
            build_ticket_features(self._connection, new)
            found = _with_tickets(self._connection)
            self._customers |= {origin: found.filter(pc.equal(found["as_of_date"], origin)) for origin in new}
        return [self._customers[origin] for origin in sorted(origins)]


def score_service_risk(connection: duckdb.DuckDBPyConnection, scorer: LogisticScorer | None) -> None:
    """Make the temporary table ``service_risk_scores``, of those in ``asked_features`` with a ticket in 30 days.

    It is empty where nothing could be learned.
    """
    customers = _with_tickets(connection)
    if scorer:
        scores = scorer.probability(_figures(customers)[1]).round(_DECIMALS)
        scored = customers.select(["as_of_date", "customer_id"]).append_column("service_risk_score", pa.array(scores))
    else:
        scored = customers.slice(0, 0).append_column("service_risk_score", pa.array([], pa.float64()))
    connection.register("service_risk_scored", scored)
    connection.execute(statement("at_risk/service_risk_scores"))
    connection.unregister("service_risk_scored")


def _with_tickets(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    rule = AT_RISK_RULE.parameters
    least = {name: rule[name] for name in ("min_tickets", "min_high_priority_tickets")}
    return connection.execute(statement("at_risk/service_figures"), least).to_arrow_table()


def _figures(customers: pa.Table) -> tuple[list[str], FloatArray]:
    """What is learned from, one column a name: all but who it is and when."""
    figures = customers.drop_columns(["as_of_date", "customer_id"])
    return figures.column_names, np.column_stack([column.to_numpy() for column in figures.columns])


def _origins(connection: duckdb.DuckDBPyConnection, learned_on: date) -> list[date]:
    """Month ends that are judged by then and before which the rule's whole window had been delivered, ascending."""
    row = connection.execute(statement("at_risk/first_ticket_day")).fetchone()
    if row is None or row[0] is None:
        return []
    earliest = row[0] + timedelta(days=AT_RISK_RULE.window_days - 1)
    return latest_month_ends(earliest, learned_on - timedelta(days=HORIZON_DAYS), MOST_ORIGINS)


def _store(connection: duckdb.DuckDBPyConnection, scorer: LogisticScorer, learned_on: date) -> None:
    parameters = asdict(scorer) | {"learned_on": learned_on}
    connection.execute(statement("at_risk/store_scorer"), parameters)
