"""Intervals by resampling customers: as wide as they should be, and the same whenever they are asked for."""

import numpy as np
import pytest

from customer_analytics.metrics.backtest.bootstrap import (
    DRAWS,
    MOST_CUSTOMERS,
    Figure,
    difference,
    figure,
    interval,
    pooled,
    resample,
)
from customer_analytics.metrics.backtest.measures import area_under_roc, mean_absolute_error
from customer_analytics.metrics.backtest.outcomes import Keys


def keys(number: int) -> Keys:
    return np.random.default_rng(1).integers(0, 2**64, number, dtype=np.uint64)


@pytest.mark.parametrize("customers", [1000, 4 * MOST_CUSTOMERS])
def test_the_spread_is_that_of_a_mean_also_where_only_some_are_resampled(customers: int) -> None:
    actual = np.random.default_rng(2).exponential(30, customers)
    found = figure(mean_absolute_error, actual, np.zeros(customers), resample(keys(customers)))
    assert found
    assert found.value == pytest.approx(actual.mean(), abs=1e-6)
    assert np.std(found.draws) == pytest.approx(actual.std() / np.sqrt(customers), rel=0.15)
    low, high = found.interval or (0, 0)
    assert low < found.value < high


def test_an_interval_is_there_as_often_as_it_says() -> None:
    random, customers, inside = np.random.default_rng(4), 300, 0
    for _ in range(200):
        actual = random.exponential(30, customers)
        shop = random.integers(0, 2**64, customers, dtype=np.uint64)
        found = figure(mean_absolute_error, actual, np.zeros(customers), resample(shop))
        assert found
        assert found.interval
        inside += found.interval[0] <= 30 <= found.interval[1]
    assert 0.90 <= inside / 200 <= 0.98


def test_a_customer_counts_the_same_among_whomever() -> None:
    everybody = keys(500)
    some = everybody[100:200]
    assert np.array_equal(resample(some).weights, resample(everybody).weights[100:200])


def test_a_paired_difference_is_surer_than_either_figure() -> None:
    actual = np.random.default_rng(2).exponential(30, 500)
    resampling = resample(keys(500))
    one, other = (figure(mean_absolute_error, actual, np.full(500, level), resampling) for level in (25.0, 26.0))
    assert one
    assert other
    assert np.std(difference(one, other).draws) < 0.2 * np.std(one.draws)


def test_month_ends_with_the_same_customers_are_no_surer_than_one() -> None:
    actual = np.random.default_rng(2).exponential(30, 500)
    found = figure(mean_absolute_error, actual, np.zeros(500), resample(keys(500)))
    assert found
    assert np.std(pooled([(500, found), (500, found), (500, found)]).draws) == pytest.approx(np.std(found.draws))


def test_month_ends_count_by_their_customers() -> None:
    one, other = Figure(10.0, np.full(DRAWS, 11.0)), Figure(20.0, np.full(DRAWS, 23.0))
    both = pooled([(300, one), (100, other)])
    assert (both.value, both.draws[0]) == (12.5, 14.0)


def test_there_is_no_interval_where_most_resamplings_have_no_such_figure() -> None:
    assert interval(np.array([1.0, 2.0, np.nan])) == (1.025, 1.975)
    assert interval(np.array([1.0, np.nan, np.nan])) is None
    actual = np.array([1.0, 0.0])
    found = figure(area_under_roc, actual, actual, resample(np.array([3, 4], dtype=np.uint64)))
    assert found
    assert found.value == 1
    assert found.interval is None


def test_the_same_customers_give_the_same_bytes() -> None:
    actual = np.random.default_rng(2).exponential(30, 500)
    first, second = (figure(mean_absolute_error, actual, np.zeros(500), resample(keys(500))) for _ in range(2))
    assert first
    assert second
    assert first.draws.tobytes() == second.draws.tobytes()
