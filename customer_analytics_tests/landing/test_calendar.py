"""Which days are looked after, by what is set and what has landed."""

from datetime import date
from pathlib import Path

import pytest

from customer_analytics.landing.calendar import all_days, contiguous
from customer_analytics.settings import Settings
from customer_analytics_tests.scenario import CLEAN_ORDERS, ORDERS, land

TODAY = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (None, None, date(2026, 3, 10), date(2026, 3, 11)),
        (date(2026, 3, 1), None, date(2026, 3, 1), date(2026, 3, 11)),
        (date(2026, 3, 1), date(2026, 3, 5), date(2026, 3, 1), date(2026, 3, 4)),
        (date(2026, 3, 1), date(2026, 12, 31), date(2026, 3, 1), date(2026, 3, 11)),
    ],
)
def test_days_go_from_the_first_one_to_yesterday_or_a_set_end(
    tmp_path: Path, start: date | None, end: date | None, first: date, last: date
) -> None:
    land(tmp_path / "landing", ORDERS, {"delivery.csv": CLEAN_ORDERS}, date(2026, 3, 10))
    days = all_days(Settings(data_dir=tmp_path, start_date=start, end_date=end), TODAY)
    assert (days[0], days[-1]) == (first, last)
    assert len(days) == (last - first).days + 1


def test_before_anything_has_landed_there_are_ninety_days(tmp_path: Path) -> None:
    days = all_days(Settings(data_dir=tmp_path), TODAY)
    assert (days[0], days[-1], len(days)) == (date(2025, 12, 12), date(2026, 3, 11), 90)


def test_a_first_day_in_the_future_leaves_no_day_yet(tmp_path: Path) -> None:
    assert all_days(Settings(data_dir=tmp_path, start_date=date(2026, 4, 1)), TODAY) == []


def test_neighbouring_days_are_one_range() -> None:
    days = [date(2026, 3, day) for day in (5, 1, 2, 2, 3)]
    assert contiguous(days) == [(date(2026, 3, 1), date(2026, 3, 3)), (date(2026, 3, 5), date(2026, 3, 5))]
