"""Numbers and days as people read them. Months have their English names whatever the locale is."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

Number = int | float | Decimal

NOTHING = "\u2013"
# Between a number and its sign a line is never broken.
_TIED = "\u00a0"
_MINUS = "\u2212"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MODELS = {
    "baseline": "the plain formula",
    "recency": "days since the last order",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "logistic": "the calibrated stack",
    "spend_regression": "the spend regression",
}


def count(number: Number | None) -> str:
    """A number of things, or an amount in whole currency units: ``12,345``."""
    return NOTHING if number is None else f"{round(number):,}".replace("-", _MINUS)


def share(number: float | None, digits: int = 0) -> str:
    """A share of 1 in per cent: ``12 %``."""
    return NOTHING if number is None else f"{number * 100:.{digits}f}{_TIED}%"


def change(now: Number | None, before: Number | None) -> str:
    """From ``before`` to ``now``: ``▲ 1,200 (3.4 %)``, or that nothing can be said."""
    if now is None or before is None:
        return ""
    difference = round(now) - round(before)
    if difference == 0:
        return "unchanged"
    relative = f" ({share(abs(difference) / abs(float(before)), 1)})" if round(before) else ""
    return f"{'▲' if difference > 0 else '▼'}{_TIED}{abs(difference):,}{relative}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 customer``, ``2 customers``; ``many`` where it is not made with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""


def long_day(day: date) -> str:
    """``Friday, 20 November 2026``."""
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """``20 Nov``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def month(day: date) -> str:
    """``Nov 2026``."""
    return f"{_MONTHS[day.month - 1][:3]} {day.year}"


def dataset(name: str) -> str:
    """A dataset as people call it: ``support tickets``."""
    return name.replace("_", " ")


def model(name: str) -> str:
    """A model as people call it, with what stands in brackets after it."""
    bare, bracket, rest = name.partition(" (")
    return f"{_MODELS.get(bare, bare.replace('_', ' '))}{bracket}{rest}"


def figure(number: float | None, digits: int) -> str:
    """A number with so many decimal places; nothing is never less than nothing."""
    return NOTHING if number is None else f"{round(number, digits) + 0.0:,.{digits}f}".replace("-", _MINUS)
