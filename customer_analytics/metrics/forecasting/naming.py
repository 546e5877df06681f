"""What the forecast's column ``model`` says: what made it, and for which horizons the default model stood in."""

import re
from collections.abc import Collection

from customer_analytics.metrics.forecasting.fits import DEFAULT_MODEL
from customer_analytics.metrics.value_models.forecast import HORIZONS

_UNPROVEN = "(unproven)"
_STAND_IN = re.compile(r"(?P<model>\w+) \((?P<horizons>[\d, ]+) days: (?P<stand_in>\w+), unproven\)")


def named(winner: str, horizons: Collection[int]) -> str:
    """``winner`` made the forecast of ``horizons``; the default model, which has won nothing, that of the others."""
    others = [str(days) for days in HORIZONS if days not in horizons]
    if not others:
        return winner
    if not horizons:
        return f"{DEFAULT_MODEL} {_UNPROVEN}"
    return f"{winner} ({', '.join(others)} days: {DEFAULT_MODEL}, unproven)"


def named_for(name: str, days: int) -> str:
    """What made the forecast of so many days; ``(unproven)`` after it where that has not beaten the baseline."""
    found = _STAND_IN.fullmatch(name)
    if not found:
        return name
    return f"{found['stand_in']} {_UNPROVEN}" if str(days) in found["horizons"].split(", ") else found["model"]


def bare(name: str) -> str:
    """The model alone."""
    return name.partition(" ")[0]


def is_unproven(name: str) -> bool:
    """Whether what is so named has not beaten the baseline."""
    return name.endswith(_UNPROVEN)
