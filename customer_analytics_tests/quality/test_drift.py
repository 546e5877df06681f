"""Which changes of a column are drift, and which are what chance does to few records."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from customer_analytics.contracts.policy import DriftPolicy
from customer_analytics.quality.drift import check_drift
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.profile import ColumnProfile

DAY = date(2026, 3, 10)
USUAL = ColumnProfile(rows=970, nulls=20, distinct=600, mean=50.0, deviation=30.0, quarantined=10, judged=1_000)
FEW = ColumnProfile(rows=20, nulls=1, distinct=18, mean=50.0, deviation=30.0, quarantined=0, judged=20)


def history(usual: ColumnProfile = USUAL, days: int = 84) -> dict[date, dict[str, ColumnProfile]]:
    """Days like the usual one, but for a little scatter."""
    return {
        DAY - timedelta(days=ago): {
            "amount": replace(
                usual,
                nulls=usual.nulls + ago % 3,
                distinct=usual.distinct - ago % 2,
                mean=None if usual.mean is None else usual.mean + ago % 5 - 2,
            )
        }
        for ago in range(1, days + 1)
    }


def drift(today: ColumnProfile, usual: ColumnProfile = USUAL, days: int = 84) -> CheckOutcome:
    return check_drift(DAY, DriftPolicy(), {"amount": today}, history(usual, days), ())


def test_a_day_like_the_days_before_has_no_drift() -> None:
    found = drift(USUAL)
    assert (found.outcome, found.found, found.number) == ("passed", "no drift", 0)


@pytest.mark.parametrize(
    ("today", "found"),
    [
        (replace(USUAL, nulls=200), "amount null share 20.62% (expected 0.23% to 6.01%)"),
        (replace(USUAL, quarantined=150), "amount quarantine share 15.00% (expected 0.00% to 3.95%)"),
        (replace(USUAL, mean=5_000.0, deviation=3_000.0), "amount mean 5,000 (expected -436.5 to 536.8)"),
        (replace(USUAL, mean=-50.0), "amount mean -50 (expected 40.17 to 60.17)"),
        (replace(USUAL, distinct=200), "amount distinct values 200 (expected 499.6 to 719.4)"),
    ],
)
def test_each_figure_of_a_column_warns_where_it_changes(today: ColumnProfile, found: str) -> None:
    check = drift(today)
    assert (check.check, check.outcome, check.number, check.blocks) == ("drift", "warned", 1, False)
    assert check.found == found


def test_several_odd_figures_are_all_counted() -> None:
    check = drift(replace(USUAL, nulls=300, mean=500.0, distinct=5))
    assert check.number == 3
    assert [part.split(" (")[0] for part in check.found.split("; ")] == [
        "amount null share 30.93%",
        "amount mean 500",
        "amount distinct values 5",
    ]


@pytest.mark.parametrize(
    "today",
    [
        replace(FEW, nulls=4),
        replace(FEW, quarantined=3),
        replace(FEW, mean=80.0),
        replace(FEW, distinct=9),
        replace(FEW, rows=1, nulls=0, distinct=1, mean=80.0, deviation=None, judged=1),
    ],
)
def test_what_chance_does_to_few_records_is_no_drift(today: ColumnProfile) -> None:
    assert drift(today, FEW).outcome == "passed"


def test_one_huge_value_among_few_is_no_drift_of_the_mean() -> None:
    assert drift(replace(FEW, mean=550.0, deviation=2_240.0), FEW).outcome == "passed"


def test_fewer_records_with_fewer_distinct_values_are_no_drift() -> None:
    half = replace(USUAL, rows=485, nulls=10, distinct=310, quarantined=5, judged=500)
    assert drift(half).outcome == "passed"


def test_a_category_more_or_less_is_no_drift() -> None:
    two = replace(USUAL, distinct=3, mean=None, deviation=None)
    assert drift(replace(two, distinct=2), two).outcome == "passed"
    assert drift(replace(two, distinct=9), two).outcome == "warned"


def test_values_where_there_never_was_one_missing() -> None:
    never = replace(USUAL, nulls=0)
    before = {day: {"amount": never} for day in history()}
    assert check_drift(DAY, DriftPolicy(), {"amount": replace(never, nulls=5)}, before, ()).outcome == "passed"
    assert check_drift(DAY, DriftPolicy(), {"amount": replace(never, nulls=40)}, before, ()).outcome == "warned"


def test_too_short_a_history_makes_no_drift() -> None:
    assert drift(replace(USUAL, nulls=900, mean=9_000.0), days=6).outcome == "passed"


def test_a_new_column_and_days_without_a_count_of_what_was_set_aside_make_no_drift() -> None:
    before = {day: {"amount": replace(each["amount"], quarantined=None)} for day, each in history().items()}
    today = {"amount": replace(USUAL, quarantined=500), "new": USUAL}
    assert check_drift(DAY, DriftPolicy(), today, before, ()).outcome == "passed"


def test_days_that_drifted_are_no_baseline() -> None:
    week = [DAY - timedelta(days=ago) for ago in range(1, 7)]
    before = history() | {day: {"amount": replace(USUAL, mean=500.0)} for day in week}
    today = {"amount": replace(USUAL, mean=500.0)}
    assert check_drift(DAY, DriftPolicy(), today, before, week).outcome == "warned"
