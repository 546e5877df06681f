"""Every measure against scikit-learn or figures by hand, for several weightings of the customers at once."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, mean_absolute_error, roc_auc_score, root_mean_squared_error

from customer_analytics.metrics.backtest import measures
from customer_analytics.metrics.backtest.bootstrap import figure, resample
from customer_analytics.metrics.backtest.measures import Measure
from customer_analytics.metrics.value_models.cohort import FloatArray

CUSTOMERS = 400
ALL_MEASURES: dict[str, Measure] = {
    "mae": measures.mean_absolute_error,
    "rmse": measures.root_mean_squared_error,
    "bias": measures.bias,
    "gini": measures.normalised_gini,
    "lift": measures.top_decile_lift,
    "auc": measures.area_under_roc,
    "brier": measures.brier_score,
    "ece": measures.expected_calibration_error,
}


def once(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)


def of(measure: Measure, actual: FloatArray, predicted: FloatArray) -> float:
    """The measure of customers who count once each."""
    return float(measure(actual, predicted, np.ones((len(actual), 1)))[0])


@pytest.fixture
def drawn() -> dict[str, FloatArray]:
    """Customers with probabilities that tie a lot, what came of them, amounts, and three weightings."""
    random = np.random.default_rng(3)
    probability = np.round(random.random(CUSTOMERS), 1)
    return {
        "probability": probability,
        "came": (random.random(CUSTOMERS) < probability).astype(np.float64),
        "spend": random.gamma(1, 20, CUSTOMERS) * (random.random(CUSTOMERS) < 0.5),
        "expected": random.gamma(2, 10, CUSTOMERS),
        "weights": random.poisson(1, (CUSTOMERS, 3)).astype(np.float64),
    }


@pytest.mark.parametrize(
    ("measure", "peer", "actual", "predicted"),
    [
        (measures.area_under_roc, roc_auc_score, "came", "probability"),
        (measures.brier_score, brier_score_loss, "came", "probability"),
        (measures.mean_absolute_error, mean_absolute_error, "spend", "expected"),
        (measures.root_mean_squared_error, root_mean_squared_error, "spend", "expected"),
    ],
)
def test_the_same_as_scikit_learn_for_every_weighting(  # type: ignore[no-untyped-def]
    drawn: dict[str, FloatArray], measure: Measure, peer, actual: str, predicted: str
) -> None:
    expected = [peer(drawn[actual], drawn[predicted], sample_weight=weights) for weights in drawn["weights"].T]
    assert measure(drawn[actual], drawn[predicted], drawn["weights"]) == pytest.approx(expected)


@pytest.mark.parametrize("measure", [measure for name, measure in ALL_MEASURES.items() if name != "ece"])
def test_to_count_twice_is_to_be_there_twice(drawn: dict[str, FloatArray], measure: Measure) -> None:
    times = drawn["weights"][:, 0].astype(np.intp)
    repeated = of(measure, np.repeat(drawn["came"], times), np.repeat(drawn["probability"], times))
    assert measure(drawn["came"], drawn["probability"], drawn["weights"])[0] == pytest.approx(repeated)


def test_bias_is_the_excess_of_the_predicted_sum() -> None:
    assert of(measures.bias, once(10, 30), once(20, 30)) == pytest.approx(0.25)


def test_gini_of_the_right_order_is_one_whatever_the_amounts_and_of_the_wrong_one_less_than_zero() -> None:
    actual = once(0, 0, 10, 50, 100)
    assert of(measures.normalised_gini, actual, once(1, 1, 2, 3, 4)) == pytest.approx(1)
    assert of(measures.normalised_gini, actual, -actual) == pytest.approx(-1)
    assert of(measures.normalised_gini, actual, once(7, 7, 7, 7, 7)) == pytest.approx(0)


def test_gini_by_hand() -> None:
    # By prediction the shares of 100 are 30, 70: the area is (0 + .3) / 4 + (.3 + 1) / 4 = .4; at best .6
    assert of(measures.normalised_gini, once(70, 30), once(1, 2)) == pytest.approx((0.4 - 0.5) / (0.6 - 0.5))


def test_the_highest_tenth_holds_half_of_everything() -> None:
    actual = once(90, *[10] * 9)
    assert of(measures.top_decile_lift, actual, once(9, 8, 7, 6, 5, 4, 3, 2, 1, 0)) == pytest.approx(5)
    assert of(measures.top_decile_lift, actual, once(*[1] * 10)) == pytest.approx(1)


def test_a_tenth_of_fifteen_customers_is_one_and_a_half() -> None:
    actual = once(60, 40, *[0] * 13)
    assert of(measures.top_decile_lift, actual, once(*range(15, 0, -1))) == pytest.approx((60 + 20) / 100 / 0.1)


def test_calibration_error_by_hand() -> None:
    predicted = np.repeat([0.1, 0.8], 10)
    actual = once(*[0] * 8, 1, 1, *[1] * 10)
    assert of(measures.expected_calibration_error, actual, predicted) == pytest.approx((0.1 + 0.2) / 2)


def test_calibration_is_judged_in_ten_groups_of_equal_size() -> None:
    predicted = np.linspace(0.005, 0.995, 100)
    low_half_too_low = np.where(predicted < 0.5, predicted + 0.1, predicted)
    assert of(measures.expected_calibration_error, low_half_too_low, predicted) == pytest.approx(0.05)
    swapped_within_groups = predicted.reshape(10, 10)[:, ::-1].ravel()
    assert of(measures.expected_calibration_error, swapped_within_groups, predicted) == pytest.approx(0)


def test_the_share_that_differs() -> None:
    assert of(measures.share_that_differs, once(1, 0, 1, 0), once(1, 1, 1, 1)) == 0.5


@pytest.mark.parametrize("measure", ALL_MEASURES.values(), ids=ALL_MEASURES.keys())
def test_without_customers_there_is_no_figure(measure: Measure) -> None:
    nobody = np.empty(0)
    assert figure(measure, nobody, nobody, resample(np.empty(0, dtype=np.uint64))) is None


@pytest.mark.parametrize(
    ("name", "actual"), [("auc", 0.0), ("auc", 1.0), ("gini", 0.0), ("gini", 5.0), ("lift", 0.0), ("bias", 0.0)]
)
def test_where_all_customers_did_the_same_some_measures_say_nothing(name: str, actual: float) -> None:
    customers = np.full(20, actual), np.linspace(0, 1, 20)
    assert figure(ALL_MEASURES[name], *customers, resample(np.arange(20, dtype=np.uint64))) is None


@pytest.mark.parametrize("name", ["mae", "rmse", "brier", "ece"])
def test_where_nobody_did_anything_an_error_is_still_an_error(name: str) -> None:
    found = figure(ALL_MEASURES[name], np.zeros(20), np.full(20, 0.5), resample(np.arange(20, dtype=np.uint64)))
    assert found
    assert found.value == (0.25 if name == "brier" else 0.5)
