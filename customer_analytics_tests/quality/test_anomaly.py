"""What is odd by the weeks before: trends, holidays, earlier alarms and new levels as they come."""

import math
from collections.abc import Callable, Collection
from datetime import date, timedelta

import pytest

from customer_analytics.contracts.policy import VolumePolicy
from customer_analytics.quality.anomaly import Expected
from customer_analytics.quality.volume import expected_records

DAY = date(2026, 3, 10)  # a Tuesday
POLICY = VolumePolicy()
WEEKDAYS = (1.0, 1.1, 0.9, 1.0, 1.2, 0.4, 0.3)


def usual(day: date) -> int:
    """A count with a weekday profile and a little scatter that is the same in every run."""
    return round(1_000 * WEEKDAYS[day.weekday()] * (1 + 0.03 * math.sin(day.toordinal() * 2.4)))


def days_before(count: int, day: date = DAY) -> list[date]:
    return [day - timedelta(days=ago) for ago in range(count, 0, -1)]


def expected(history: dict[date, int], alarms: Collection[date] = (), day: date = DAY) -> Expected:
    return expected_records(POLICY, day, history, alarms)


def judged_in_turn(counts: dict[date, int], first: date) -> list[date]:
    """The alarms from ``first`` on, each known to the days after it."""
    alarms: list[date] = []
    for day in (day for day in sorted(counts) if day >= first):
        if expected(counts, alarms, day).is_odd(counts[day]):
            alarms.append(day)
    return alarms


def series(days: int, of: Callable[[date], int] = usual) -> dict[date, int]:
    return {day: of(day) for day in days_before(days)}


@pytest.mark.parametrize("weekday", range(7))
def test_every_weekday_is_held_against_its_own_level(weekday: int) -> None:
    day = DAY + timedelta(days=weekday)
    band = expected(series(84) | {other: usual(other) for other in days_before(7, day)}, day=day)
    assert band.middle == pytest.approx(1_000 * WEEKDAYS[day.weekday()], rel=0.04)
    assert not band.is_odd(usual(day))
    assert all(band.is_odd(round(band.middle * factor)) for factor in (0, 0.5, 0.7, 1.43, 2))


def test_a_difference_of_a_fifth_is_never_odd_however_regular_a_source_is() -> None:
    band = expected(dict.fromkeys(days_before(84), 1_000))
    assert (round(band.low), round(band.high)) == (833, 1200)


def test_the_judged_day_and_days_after_it_are_no_part_of_their_own_baseline() -> None:
    later = {DAY + timedelta(days=ahead): 5 for ahead in range(60)}
    assert expected(series(84) | later) == expected(series(84))


def test_what_lies_further_back_than_the_weeks_does_not_count() -> None:
    ancient = {day: 7 for day in days_before(400) if (DAY - day).days > 84}
    assert expected(series(84) | ancient) == expected(series(84))


def test_a_trend_is_followed() -> None:
    def growing(day: date) -> int:
        return round(usual(day) * math.exp(0.03 * (day - DAY).days / 7))

    band = expected(series(84, growing))
    assert band.middle == pytest.approx(1_100, rel=0.06)
    assert judged_in_turn(series(140, growing), DAY - timedelta(days=56)) == []


def test_holidays_and_days_without_a_delivery_move_the_limits_hardly() -> None:
    clean = expected(series(84))
    spoilt = series(84)
    for ago in (7, 21, 22, 40):
        spoilt[DAY - timedelta(days=ago)] = 40
    for ago in (14, 15, 33, 60):
        del spoilt[DAY - timedelta(days=ago)]
    band = expected(spoilt)
    assert band.middle == pytest.approx(clean.middle, rel=0.03)
    assert band.low == pytest.approx(clean.low, rel=0.06)


def test_days_that_are_far_off_leave_the_scatter_as_it_is() -> None:
    tuesdays = [day for day in days_before(84) if day.weekday() == 1]
    wild = {day: 500 if number % 2 else 2_000 for number, day in enumerate(tuesdays)}
    far_off = dict(zip(tuesdays[2:6], (1, 10**6, 10**6, 1), strict=True))
    assert expected(wild | far_off).scatter == pytest.approx(expected(wild).scatter, rel=0.05)


def test_earlier_alarms_are_kept_out() -> None:
    week = days_before(7)
    doubled = series(84) | {day: 2 * usual(day) for day in week}
    assert expected(doubled, week).middle == pytest.approx(expected(series(84)).middle, rel=0.03)


def test_a_level_that_stays_is_accepted_after_eight_alarms() -> None:
    step = DAY - timedelta(days=40)
    doubled = {day: count * (2 if day >= step else 1) for day, count in series(140).items()}
    assert judged_in_turn(doubled, DAY - timedelta(days=56)) == [step + timedelta(days=ahead) for ahead in range(8)]


def test_a_weekday_that_changes_for_good_is_accepted_after_three_weeks() -> None:
    changed = {day: count if day.weekday() != 1 or (DAY - day).days > 70 else 300 for day, count in series(200).items()}
    tuesdays = [day for day in days_before(70) if day.weekday() == 1]
    assert judged_in_turn(changed, DAY - timedelta(days=80)) == tuesdays[:3]


def test_zero_is_odd_where_records_are_expected_and_not_where_there_are_hardly_any() -> None:
    assert expected(series(84)).is_odd(0)
    assert not expected({day: day.toordinal() % 4 for day in days_before(84)}).is_odd(0)


def test_a_history_of_nothing_makes_records_odd() -> None:
    band = expected(dict.fromkeys(days_before(84), 0))
    assert not band.is_odd(0)
    assert band.is_odd(1_000)


def test_chance_in_small_counts_is_not_odd() -> None:
    steady = dict.fromkeys(days_before(84), 16)
    band = expected(steady)
    assert not band.is_odd(8)
    assert not band.is_odd(30)


def test_in_a_cold_start_only_what_is_far_outside_all_days_is_odd() -> None:
    band = expected(series(21))
    assert band.basis == "not far outside all 21 days; only 3 of 4 Tuesdays known"
    low, high = min(series(21).values()), max(series(21).values())
    assert [band.low, band.high] == pytest.approx([low / 2, high * 2])
    assert band.score(100) is None


def test_with_less_than_a_week_nothing_can_be_said() -> None:
    band = expected(series(6))
    assert not band.is_odd(0)
    assert not band.is_odd(10**9)
    assert band.words("records") == "any number of records: only 0 of 4 Tuesdays known"


def test_a_source_that_delivers_once_a_week_has_a_baseline() -> None:
    weekly = {day: count for day, count in series(84).items() if day.weekday() == 1}
    band = expected(weekly)
    assert band.basis.startswith("around 1,1")
    assert not band.is_odd(1_100)
    assert band.is_odd(500)


def test_the_score_is_the_difference_in_scatters() -> None:
    band = expected(series(84))
    assert band.score(band.middle) == pytest.approx(0)
    assert band.score(band.high) == pytest.approx(POLICY.deviations)
    assert band.score(band.low) == pytest.approx(-POLICY.deviations)
