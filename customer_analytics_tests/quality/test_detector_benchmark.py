"""The goals of the benchmark of odd volumes, on its own seeded series."""

from benchmarks.detector.__main__ import RESULTS, SEED, row
from benchmarks.detector.measure import ours, tally
from benchmarks.detector.series import usual_series


def test_few_false_alarms_and_every_day_found_that_is_far_off() -> None:
    series = usual_series(SEED)
    found = tally(series, ours)
    assert len(series) == 300
    assert found.false_alarm_share <= 0.0005
    assert [found.recall(kind) for kind in ("-50 %", "x2", "zero")] == [1, 1, 1]
    assert found.recall("-30 %") >= 0.9
    assert row("**this project**", "all", found) in RESULTS.read_text(encoding="utf-8").splitlines()
