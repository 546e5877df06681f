"""Whether a candidate forecasts about as much as is spent: of all customers together, whatever its error for each.

The median of what a customer may spend makes the absolute error least (Gneiting 2011, "Making and evaluating point
forecasts"), and where most spend nothing that is nothing: who forecasts too little for everybody is rewarded for it. So
the total must be of the size of what came. A level is what was forecast over what was spent, over several month ends; 1
is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from customer_analytics.metrics.backtest.bootstrap import rounded

# Good models know of no season and no growth: before Christmas they forecast little more than half of what comes. What
# is too low or too high by more than this factor says nothing of how much will be spent.
MOST_TIMES_OFF = 2.0


@dataclass(frozen=True)
class Totals:
    """What all customers together were forecast to spend after an origin, and spent; in currency units."""

    predicted: float
    actual: float


def level_of(totals: Iterable[Totals | None]) -> float | None:
    """The level over some origins; None where nothing was spent, or no spend was forecast.

    Without any spend none is needed: the mean absolute error is the mean forecast then, and asks for the level alone.
    """
    known = [one for one in totals if one]
    actual = sum(one.actual for one in known)
    return rounded(sum(one.predicted for one in known) / actual) if actual > 0 else None


def rules_out(level: float | None, in_use: float | None) -> bool:
    """Whether a challenger of this level is not used whatever its error.

    It is where what is in use is further off still: to keep that would not help.
    """
    if level is None or in_use is None:
        return False
    return _times_off(level) > MOST_TIMES_OFF and _times_off(level) >= _times_off(in_use)


def _times_off(level: float) -> float:
    """How many times too low or too high; it orders levels as the distance of their logarithms from 0 does."""
    return max(level, 1 / level) if level > 0 else inf
