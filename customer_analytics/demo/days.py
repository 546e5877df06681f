"""A simulated day and how a source's work spreads over its hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

SECONDS_A_DAY = 86_400
# Everything planted (defects, the shop's outage) comes back after this many days, so that a longer demo stays lively.
CYCLE_DAYS = 90


@dataclass(frozen=True)
class Today:
    """The day being simulated; `index` counts days from the first one, which is 0."""

    index: int
    date: date

    @property
    def offset(self) -> int:
        """Days since the planted cycle last began."""
        return self.index % CYCLE_DAYS

    @property
    def weekday(self) -> int:
        """0 is Monday, 6 is Sunday."""
        return self.date.weekday()

    def at(self, seconds: float) -> datetime:
        """The moment (UTC, whole seconds) that many seconds after midnight."""
        return datetime.combine(self.date, time(), UTC) + timedelta(seconds=int(seconds))


def sorted_times(
    rng: np.random.Generator, count: int, busiest_hours: tuple[float, ...], spread_hours: float
) -> NDArray[np.float64]:
    """Times of day in seconds after midnight, ascending, gathered around the busiest hours (UTC)."""
    centres = rng.choice(np.array(busiest_hours), size=count)
    hours = rng.normal(centres, spread_hours)
    # Wrapping instead of clipping: a late evening becomes a small hour, not a pile-up at midnight.
    return np.sort((hours * 3600) % SECONDS_A_DAY)
