"""The goals of the benchmark of odd volumes, on its own seeded series: a fifth of them, and in the long run all."""

import pytest

from benchmarks.detector.__main__ import RESULTS, SEED, row
from benchmarks.detector.measure import Tally, ours, tally
from benchmarks.detector.series import usual_series


def assert_few_false_alarms_and_every_day_found_that_is_far_off(found: Tally) -> None:
    assert found.false_alarm_share <= 0.0005
    assert [found.recall(kind) for kind in ("-50 %", "x2", "zero")] == [1, 1, 1]
    assert found.recall("-30 %") >= 0.9


def test_few_false_alarms_and_every_day_found_that_is_far_off() -> None:
    found = tally(usual_series(SEED)[::5], ours)
    assert found.days > 10_000
    assert_few_false_alarms_and_every_day_found_that_is_far_off(found)


@pytest.mark.long
def test_the_whole_benchmark_finds_what_its_results_say() -> None:
    series = usual_series(SEED)
    assert len(series) == 300
    found = tally(series, ours)
    assert_few_false_alarms_and_every_day_found_that_is_far_off(found)
    assert row("**this project**", "all", found) in RESULTS.read_text(encoding="utf-8").splitlines()
