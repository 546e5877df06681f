"""Which month ends are over by a day."""

from datetime import date

import pytest

from customer_analytics.metrics.month_ends import last_month_end, latest_month_ends


@pytest.mark.parametrize(
    ("today", "ended"),
    [
        (date(2024, 4, 30), date(2024, 4, 30)),
        (date(2024, 5, 1), date(2024, 4, 30)),
        (date(2024, 2, 28), date(2024, 1, 31)),
        (date(2024, 1, 1), date(2023, 12, 31)),
    ],
)
def test_a_month_counts_once_it_is_over(today: date, ended: date) -> None:
    assert last_month_end(today) == ended


def test_the_latest_month_ends_are_those_between_two_days_with_both() -> None:
    january, february, march = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)
    assert latest_month_ends(january, march, 9) == [january, february, march]
    assert latest_month_ends(january, march, 2) == [february, march]
    assert latest_month_ends(date(2024, 2, 1), date(2024, 3, 30), 9) == [february]
    assert latest_month_ends(date(2024, 4, 1), march, 9) == []
