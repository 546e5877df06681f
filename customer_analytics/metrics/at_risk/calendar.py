"""When something is learned anew."""

from datetime import date, timedelta


def last_month_end(day: date) -> date:
    """The latest last day of a month that is over by the end of ``day``: the day itself where it is one."""
    return (day + timedelta(days=1)).replace(day=1) - timedelta(days=1)
