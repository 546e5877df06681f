"""What a learner finds, and what it leaves alone."""

import numpy as np
import pytest

from customer_analytics.metrics.forecasting.logistic import LogisticScorer, learn_logistic
from customer_analytics.metrics.forecasting.spend_regression import FactorScorer, learn_spend_factor
from customer_analytics.metrics.value_models.cohort import FloatArray

NAMES = ("helps", "says nothing", "same for all")


def drawn(rows: int = 4000) -> tuple[FloatArray, np.typing.NDArray[np.bool_]]:
    draw = np.random.default_rng(1)
    figures = np.column_stack([draw.normal(10, 4, rows), draw.normal(0, 1, rows), np.full(rows, 0.1)])
    return figures, draw.random(rows) < 1 / (1 + np.exp(-(figures[:, 0] - 10) / 2 - 1))


def learned() -> LogisticScorer:
    scorer = learn_logistic(NAMES, *drawn())
    assert scorer
    return scorer


def test_a_coefficient_is_per_standard_deviation_and_the_intercept_at_the_means() -> None:
    helps, says_nothing, same_for_all = learned().coefficients
    assert helps == pytest.approx(4 / 2, abs=0.15)
    assert says_nothing == pytest.approx(0, abs=0.1)
    assert same_for_all == 0
    assert learned().intercept == pytest.approx(1, abs=0.1)


def test_probabilities_add_up_to_what_happened() -> None:
    figures, happened = drawn()
    assert learned().probability(figures).sum() == pytest.approx(happened.sum(), rel=1e-4)


def test_contributions_add_up_to_the_log_odds() -> None:
    figures, _ = drawn()
    scorer = learned()
    log_odds = np.log(scorer.probability(figures) / (1 - scorer.probability(figures)))
    assert scorer.contributions(figures).sum(axis=1) + scorer.intercept == pytest.approx(log_odds)


def test_the_tighter_the_prior_the_smaller_the_coefficient() -> None:
    tight = learn_logistic(NAMES, *drawn(), prior_deviations=(0.01, 1, 1))
    assert tight
    assert 0 < tight.coefficients[0] < learned().coefficients[0] / 2


def test_what_was_never_seen_is_not_extrapolated() -> None:
    farthest, beyond = (np.array([[10 + off, 0, 0.1]]) for off in (5.5 * 4, 1e6))
    assert learned().probability(farthest) == learned().probability(beyond)


def test_what_is_the_same_for_all_says_nothing_when_it_changes() -> None:
    assert learned().probability(np.array([[10, 0, 0.1]])) == learned().probability(np.array([[10, 0, 9.0]]))


def test_the_same_is_learned_again_and_has_six_digits() -> None:
    assert learned() == learned()
    assert all(float(f"{value:.5e}") == value for value in (*learned().coefficients, *learned().means))


def test_of_less_than_thirty_of_a_kind_nothing_is_learned() -> None:
    figures, happened = drawn()
    few = np.concatenate([np.flatnonzero(happened), np.flatnonzero(~happened)[:29]])
    assert learn_logistic(NAMES, figures[few], happened[few]) is None


def test_rows_may_weigh_less() -> None:
    figures, happened = drawn()
    heavy = learn_logistic(NAMES, figures, happened, weights=np.where(happened, 1.0, 0.25))
    assert heavy
    assert heavy.intercept > learned().intercept + 1


@pytest.mark.parametrize("figures", [np.zeros((50, 2)), np.zeros((40, 3)), np.full((50, 3), np.nan)])
def test_figures_that_do_not_fit_are_an_error(figures: FloatArray) -> None:
    with pytest.raises(ValueError, match=r"do not match figures|must be finite"):
        learn_logistic(NAMES, figures, np.arange(50) % 2 == 0)
    with pytest.raises(ValueError, match="the scorer knows the 3 columns"):
        learned().probability(np.zeros((1, 2)))


def spend_factor() -> tuple[FactorScorer, FloatArray, FloatArray, FloatArray]:
    draw = np.random.default_rng(2)
    is_club = (draw.random(4000) < 0.5).astype(np.float64)
    forecast = draw.gamma(2, 50, 4000)
    spend = forecast * np.where(is_club, 2.0, 0.5) * draw.binomial(1, 0.25, 4000) * 4
    scorer = learn_spend_factor(["is_club"], is_club[:, None], forecast, spend, np.ones(4000))
    assert scorer
    return scorer, is_club[:, None], forecast, spend


def test_a_forecast_that_is_off_for_some_is_corrected_for_them() -> None:
    scorer, figures, forecast, spend = spend_factor()
    corrected = forecast * scorer.factor(figures)
    assert corrected.sum() == pytest.approx(spend.sum(), rel=1e-4)
    low, high = scorer.factor(np.array([[0.0], [1.0]]))
    assert 2.2 < high / low < 4


def test_a_forecast_is_corrected_by_a_factor_of_twenty_at_most() -> None:
    scorer = FactorScorer(("x",), (0.0,), (1.0,), (9.0,), 0.0)
    assert scorer.factor(np.array([[-5.0], [5.0]])) == pytest.approx([1 / 20, 20], rel=0.01)


def test_of_less_than_a_hundred_who_spend_nothing_is_learned() -> None:
    spend = np.concatenate([np.ones(99), np.zeros(900)])
    assert learn_spend_factor(["x"], np.zeros((999, 1)), np.ones(999), spend, np.ones(999)) is None
