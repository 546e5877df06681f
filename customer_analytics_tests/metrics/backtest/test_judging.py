"""One origin judged: which measures there are of whom, and how often decisions flip without an order."""

from datetime import date

import numpy as np
import pytest

from customer_analytics.metrics.backtest.judging import ScoredOrigin, judge
from customer_analytics.metrics.backtest.outcomes import Outcomes
from customer_analytics.metrics.backtest.scores import Scores

FEBRUARY, MARCH = date(2024, 2, 29), date(2024, 3, 31)


def outcomes(origin: date, *customers: tuple[int, float, float, float]) -> Outcomes:
    """Customers by key, days since the last order, and spend and order days afterwards; for the next 60 days."""
    columns = np.array(customers, dtype=np.float64).reshape(-1, 4).T
    return Outcomes(origin, 60, columns[0].astype(np.uint64), columns[1], columns[2], columns[3])


def ranking(*risk: float) -> Scores:
    return Scores(None, np.array(risk, dtype=np.float64), is_probability=False)


def test_each_candidate_is_judged_by_what_it_says() -> None:
    came = outcomes(MARCH, (1, 5, 30, 1), (2, 10, 0, 0), (3, 90, 0, 0), (4, 20, 10, 2))
    amounts = np.array([20.0, 10, 5, 10])
    scores = {
        "spend": Scores(amounts, None, is_probability=False),
        "both": Scores(amounts, np.array([0.1, 0.8, 0.9, 0.3]), is_probability=True),
        "ranking": ranking(5, 10, 90, 20),
    }
    found = {(one.model, one.segment, one.measure): one for one in judge(ScoredOrigin(came, scores), None)}
    measures = {model: {measure for name, _, measure in found if name == model} for model in scores}
    of_spend = {"mae", "rmse", "bias", "gini", "top_decile_lift", "total_predicted", "total_actual"}
    assert measures == {"spend": of_spend, "both": of_spend | {"auc", "brier", "ece"}, "ranking": {"auc"}}
    everybody, active = (found["both", segment, "mae"] for segment in ("all", "recently_active"))
    assert (everybody.value, everybody.customers) == ((10 + 10 + 5 + 0) / 4, 4)
    assert (active.value, active.customers) == (6.666667, 3)
    assert found["ranking", "all", "auc"].value == 0.75
    assert [found["both", "all", f"total_{kind}"].value for kind in ("predicted", "actual")] == [45, 40]


def test_a_figure_that_is_not_defined_is_not_there() -> None:
    came = outcomes(MARCH, (1, 5, 0, 0), (2, 10, 0, 0))
    scores = Scores(np.array([1.0, 2.0]), np.array([0.5, 0.5]), is_probability=True)
    found = {one.measure: one.value for one in judge(ScoredOrigin(came, {"one": scores}), None)}
    assert found == {"mae": 1.5, "rmse": 1.581139, "brier": 0.25, "ece": 0.5, "total_predicted": 3, "total_actual": 0}


def test_nobody_to_judge_by_gives_only_sums() -> None:
    nobody = Scores(np.empty(0), np.empty(0), is_probability=True)
    found = judge(ScoredOrigin(outcomes(MARCH), {"one": nobody}), ScoredOrigin(outcomes(FEBRUARY), {"one": nobody}))
    assert {one.measure for one in found} == {"total_predicted", "total_actual"}


def flip_rate(first: Scores, second: Scores) -> tuple[float, int] | None:
    """Five customers in February, of whom the fifth orders in March; a sixth is new. All are there on its last day."""
    silent = [(number, 0, 0, 0) for number in (1, 2, 3, 4)]
    before = outcomes(FEBRUARY, *silent, (5, 10, 0, 0))
    after = outcomes(MARCH, *[(number, 31, 0, 0) for number in (1, 2, 3, 4)], (5, 3, 0, 0), (6, 1, 0, 0))
    found = judge(ScoredOrigin(after, {"one": second}), ScoredOrigin(before, {"one": first}))
    rates = [(one.value, one.customers) for one in found if one.measure == "flip_rate"]
    return rates[0] if rates else None


def test_a_decision_that_changes_without_an_order_is_a_flip() -> None:
    assert flip_rate(ranking(9, 1, 1, 1, 1), ranking(9, 1, 1, 1, 1, 1)) == (0, 4)
    assert flip_rate(ranking(9, 1, 1, 1, 1), ranking(1, 9, 1, 1, 1, 1)) == (0.5, 4)


def test_who_ordered_or_is_new_does_not_flip() -> None:
    assert flip_rate(ranking(1, 1, 1, 2, 9), ranking(1, 1, 1, 9, 2, 99)) == (0.25, 4)


def test_who_has_not_ordered_for_long_does_not_flip() -> None:
    gone = outcomes(FEBRUARY, (1, 100, 0, 0), (2, 10, 0, 0)), outcomes(MARCH, (1, 131, 0, 0), (2, 41, 0, 0))
    first, second = (ScoredOrigin(came, {"one": ranking(number, 1)}) for number, came in enumerate(gone, start=1))
    (found,) = [one for one in judge(second, first) if one.measure == "flip_rate"]
    assert found.customers == 1


def test_a_candidate_needs_one_score_for_each_customer() -> None:
    came = outcomes(MARCH, (1, 5, 0, 0), (2, 10, 0, 0))
    with pytest.raises(ValueError, match="recency has scores for 3 customers as of 2024-03-31, and 2 had ordered"):
        ScoredOrigin(came, {"recency": ranking(1, 2, 3)})


@pytest.mark.parametrize(
    ("risk", "is_probability", "words"),
    [
        ([0.5, 1.1], True, "between 0 and 1"),
        ([0.5, np.nan], True, "finite"),
        ([np.inf, 3], False, "finite"),
        ([0.5, 0.5, 0.5], True, "one length"),
    ],
)
def test_scores_that_cannot_be_are_an_error(risk: list[float], is_probability: bool, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Scores(np.array([1.0, 2.0]), np.array(risk), is_probability)
