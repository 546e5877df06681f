"""Which days there are: from the first landed day, or the one that is set, until today or a set end; days as ranges."""

from collections.abc import Iterable
from datetime import date, timedelta

from customer_analytics.landing.folder import LandingArea
from customer_analytics.settings import Settings

DEFAULT_HISTORY_DAYS = 90


def first_day(settings: Settings, today: date) -> date:
    """The first day that is looked after: as set, else the first landed one, else 90 days before ``today``."""
    if settings.start_date:
        return settings.start_date
    area = LandingArea(settings.landing_dir)
    landed = [days[0] for source in area.sources() if (days := area.landed_days(source))]
    return min(landed, default=today - timedelta(days=DEFAULT_HISTORY_DAYS))


def all_days(settings: Settings, today: date) -> list[date]:
    """Every day that is looked after, ascending; the last one is yesterday, where no end before it is set."""
    start, end = first_day(settings, today), min(settings.end_date or today, today)
    return days_through(start, end - timedelta(days=1))


def days_through(first: date, last: date) -> list[date]:
    """Every day from ``first`` through ``last``; none where that is before it."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def contiguous(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as ranges, first and last day of each, ascending."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if ranges and ranges[-1][1] + timedelta(days=1) == day:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges
