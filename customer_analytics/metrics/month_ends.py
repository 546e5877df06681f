"""Month ends that are over: what is learned is learned anew at each of them."""

from datetime import date, timedelta


def last_month_end(day: date) -> date:
    """The latest last day of a month that is over by the end of ``day``: the day itself where it is one."""
    return (day + timedelta(days=1)).replace(day=1) - timedelta(days=1)


def latest_month_ends(first_day: date, last_day: date, most: int) -> list[date]:
    """The latest ``most`` month ends from ``first_day`` to ``last_day``, both included, ascending."""
    found: list[date] = []
    month_end = last_month_end(last_day)
    while month_end >= first_day and len(found) < most:
        found.append(month_end)
        month_end = last_month_end(month_end - timedelta(days=1))
    return found[::-1]
