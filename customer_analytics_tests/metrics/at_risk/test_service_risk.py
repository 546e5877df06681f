"""The service risk is learned from a business's own past, and from nothing that came later."""

from datetime import date
from decimal import Decimal

import duckdb
import numpy as np
import pytest

from customer_analytics.metrics.at_risk.service_risk import ServiceRiskLearner, score_service_risk
from customer_analytics.metrics.features import build_features
from customer_analytics_tests.metrics.at_risk.stories import list_days, open_tickets, publish_help_desk, row
from customer_analytics_tests.metrics.scenario import Order, Ticket, at, day, publish_orders, publish_tickets

LEARNED_ON = date(2024, 4, 30)  # the desk's second month end, when its first has been judged
SCORED_ON = 63  # the number of a day after it, with 30 more of the desk's days to come


@pytest.fixture
def desk(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    publish_help_desk(warehouse, customers=800, days=93, seed=3)
    return warehouse


def test_scores_are_higher_for_those_who_meet_the_rule_later_and_right_on_average(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    scorer = ServiceRiskLearner(desk).known_on(LEARNED_ON)
    build_features(desk, [day(SCORED_ON)])
    score_service_risk(desk, scorer)
    desk.execute("create temp table scores as from service_risk_scores")
    list_days(desk, range(SCORED_ON + 1, 94))
    found = desk.execute(
        """select service_risk_score as score, customer_id in (
             select customer_id from marts.at_risk_customers where meets_ticket_rule
           ) as met
           from scores"""
    ).fetchnumpy()
    scores, met = np.asarray(found["score"]), np.asarray(found["met"], dtype=bool)
    assert np.all((scores > 0) & (scores < 1))
    assert scores[met].mean() > scores[~met].mean() + 0.2
    assert abs(scores.mean() - met.mean()) < 0.05


def test_what_is_delivered_later_teaches_nothing(desk: duckdb.DuckDBPyConnection) -> None:
    origin, known_on = date(2024, 3, 31), LEARNED_ON
    learned = ServiceRiskLearner(desk).learn([origin], known_on)
    late = [Ticket(f"customer {number}", at(32 + number % 25), "high") for number in range(800)] * 2
    publish_tickets(desk, day(80), late)
    assert ServiceRiskLearner(desk).learn([origin], known_on) == learned
    assert ServiceRiskLearner(desk).learn([origin], day(80)) != learned


def test_what_happens_until_the_last_day_of_the_horizon_teaches_and_what_comes_after_does_not(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    origin, last, after = date(2024, 3, 31), 61, 62
    learned = ServiceRiskLearner(desk).learn([origin], day(after))
    for number, teaches in ((after, False), (last, True)):
        publish_tickets(desk, day(number), [Ticket(f"customer {n}", at(number), "high") for n in range(0, 800, 2)] * 2)
        assert (ServiceRiskLearner(desk).learn([origin], day(after)) != learned) is teaches


def test_a_month_end_that_was_learned_from_before_teaches_the_same(desk: duckdb.DuckDBPyConnection) -> None:
    earlier, origin = date(2024, 2, 29), date(2024, 3, 31)
    learner = ServiceRiskLearner(desk)
    assert learner.learn([earlier], LEARNED_ON) != learner.learn([earlier, origin], LEARNED_ON)
    assert learner.learn([earlier, origin], LEARNED_ON) == ServiceRiskLearner(desk).learn([earlier, origin], LEARNED_ON)


def test_it_is_learned_once_a_month_and_again_when_tickets_are_corrected(desk: duckdb.DuckDBPyConnection) -> None:
    list_days(desk, [SCORED_ON, SCORED_ON + 1])
    stored = desk.execute("select * from marts.service_risk_scorers").fetchall()
    assert [each[0] for each in stored] == [LEARNED_ON]
    publish_tickets(desk, day(10), [])
    scorer = ServiceRiskLearner(desk).known_on(LEARNED_ON)
    assert scorer
    ((coefficients,),) = desk.execute("select coefficients from marts.service_risk_scorers").fetchall()
    assert tuple(coefficients) == scorer.coefficients
    assert coefficients != stored[0][5]


def test_before_a_month_end_was_judged_there_is_no_score(desk: duckdb.DuckDBPyConnection) -> None:
    list_days(desk, [60])
    assert desk.execute("select count(service_risk_score) from marts.at_risk_customers").fetchall() == [(0,)]


def test_of_a_handful_of_customers_nothing_is_learned(warehouse: duckdb.DuckDBPyConnection) -> None:
    open_tickets(warehouse, {number: ["high"] for number in range(1, 62)}, "ann")
    list_days(warehouse, [61])
    assert row(warehouse, "ann", 61)["service_risk_score"] is None
    assert warehouse.execute("from marts.service_risk_scorers").fetchall() == []


def test_who_had_no_ticket_lately_has_no_score(desk: duckdb.DuckDBPyConnection) -> None:
    publish_orders(desk, day(SCORED_ON), [Order("ann", at(SCORED_ON), Decimal(10))])
    publish_tickets(desk, day(SCORED_ON - 30), [Ticket("bob", at(SCORED_ON - 30), "high")] * 3)
    scorer = ServiceRiskLearner(desk).known_on(LEARNED_ON)
    build_features(desk, [day(SCORED_ON)])
    score_service_risk(desk, scorer)
    scored = desk.execute(
        "select count(*), count(*) filter (customer_id in ('ann', 'bob')) from service_risk_scores"
    ).fetchone()
    assert scored
    assert (scored[0] > 100, scored[1]) == (True, 0)
