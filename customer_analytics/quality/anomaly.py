"""What a day's figure should be by the weeks before it, and how far it may be off: a robust detector for daily series.

1. The trailing weeks make a table of weeks and weekdays, on a scale on which days are compared (counts: logarithms).
   Days without a figure are gaps in it. Earlier alarms are left out, unless they persist (see ``_believed``).
2. A median polish (Tukey, Exploratory Data Analysis, 1977, chapter 11) takes the table apart into a level for each
   weekday and one for each week: odd days and holidays move neither, and trends go into the weeks. Of what is left the
   median absolute deviation (MAD) says how far days scatter; those beyond 3 x 1.4826 x MAD are odd and left out.
3. The levels of the rest are fitted again by means, which are twice as exact as medians once nothing is odd.
4. Expected is the weekday's level, plus the level of the latest days. A day is odd beyond ``deviations`` times the
   scatter of the rest, or that of chance where few records make it larger; and never where it differs by less than the
   scale's tolerance.

With too few earlier days of the weekday (a cold start), a day is odd only far outside all days that are known.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median

from customer_analytics.contracts.policy import Baseline

WEEK = 7
# The days whose level is that of today.
LATEST_DAYS = 14
# So many alarms on days of one weekday, one after the other, are this weekday's new level.
PERSISTENT_WEEKS = 3
# With fewer days than these nothing can be odd.
COLD_START_DAYS = 7
SIGMA_PER_MAD = 1.4826
# Beyond so many standard deviations a day of the past is no part of the baseline.
ODD_BEYOND = 3
SWEEPS = 2

@dataclass(frozen=True)
class Scale:
    """How figures are compared: there and back, and the difference below which a day is never odd, on that scale.

    ``slack``: how far beyond all known days a figure may be during a cold start, on that scale.
    """

    there: Callable[[float], float]
    back: Callable[[float], float]
    tolerance: float
    slack: float


def _log(count: float) -> float:
    # Half a record stands for none, so that a day without records is far from all others and not infinitely far.
    return math.log(max(count, 0.5))


# A fifth more or less is never odd; in a cold start half the least or twice the most is.
COUNTS = Scale(_log, math.exp, tolerance=math.log(1.2), slack=math.log(2))
# The arc sine of the root: chance gives every share the variance 1 / 4n there. Never odd: 0 % to 1 %, 50 % to 60 %.
SHARES = Scale(
    lambda share: math.asin(math.sqrt(min(max(share, 0.0), 1.0))),
    lambda angle: math.sin(min(max(angle, 0.0), math.pi / 2)) ** 2,
    tolerance=0.1,
    slack=0.3,
)


@dataclass(frozen=True)
class Expected:
    """What a day's figure should be, and from where to where it is not odd; ``basis`` says what that rests on.

    ``scatter`` is on the scale; None during a cold start.
    """

    scale: Scale
    low: float
    middle: float
    high: float
    scatter: float | None
    basis: str

    def is_odd(self, figure: float) -> bool:
        """Whether the figure is outside."""
        return not self.low <= figure <= self.high

    def score(self, figure: float) -> float | None:
        """By how many scatters the figure differs; None during a cold start."""
        if self.scatter is None:
            return None
        return (self.scale.there(figure) - self.scale.there(self.middle)) / self.scatter


def expect(  # noqa: PLR0913
    day: date,
    history: Mapping[date, float],
    alarms: Collection[date],
    baseline: Baseline,
    scale: Scale,
    chance: Callable[[float], float],
) -> Expected | None:
    """What the figure of ``day`` should be; None where too little is known to say.

    ``history`` has the figures of other days, ``alarms`` are those among them that were odd; only the trailing weeks
    are looked at. ``chance`` is the variance that chance alone gives to an expected figure, on the scale.
    """
    trailing = {
        (day - other).days: scale.there(figure)
        for other, figure in history.items()
        if 0 < (day - other).days <= baseline.weeks * WEEK
    }
    known = _believed(trailing, {(day - other).days for other in alarms})
    same_weekday = sum(before % WEEK == 0 for before in known)
    if same_weekday < baseline.minimum_history:
        return _cold_start(list(known.values()), f"{same_weekday} of {baseline.minimum_history} {day:%A}s known", scale)
    fit = _fit(known)
    latest = sorted(fit.days)[:LATEST_DAYS]
    middle = fit.weekdays[0] + fmean(fit.days[before] - fit.weekdays[before % WEEK] for before in latest)
    like_today, usual = chance(scale.back(middle)), chance(scale.back(median(fit.days.values())))
    variance = (fit.variance + max(like_today - usual, 0)) * (1 + 1 / same_weekday + 1 / len(latest))
    scatter = math.sqrt(max(variance, like_today, (scale.tolerance / baseline.deviations) ** 2))
    off = baseline.deviations * scatter
    basis = f"{same_weekday} {day:%A}s and the level of the last {len(latest)} days"
    return Expected(scale, scale.back(middle - off), scale.back(middle), scale.back(middle + off), scatter, basis)


def _believed(trailing: Mapping[int, float], alarms: Collection[int]) -> dict[int, float]:
    """The days that make the baseline, by how many days ago they were: without alarms, as long as these do not persist.

    Alarms on more than half of the latest days are a new level, and count. So do alarms on several days of one weekday
    in a row; then what the weekday was before does not count any more.
    """
    latest = sorted(trailing)[:LATEST_DAYS]
    is_new_level = sum(before in alarms for before in latest) > LATEST_DAYS / 2
    kept = {
        before: value
        for before, value in trailing.items()
        if before not in alarms or (is_new_level and before in latest)
    }
    for weekday in range(WEEK):
        days = [before for before in sorted(trailing) if before % WEEK == weekday]
        run = _persistent(days, alarms)
        if run:
            kept = {before: value for before, value in kept.items() if before % WEEK != weekday or before <= run[-1]}
            kept |= {before: trailing[before] for before in run}
    return kept


def _persistent(days: Sequence[int], alarms: Collection[int]) -> Sequence[int]:
    """The latest days of a weekday, one after the other, that were all alarms, if there are enough of them."""
    for first in range(len(days) - PERSISTENT_WEEKS + 1):
        run = days[first : first + PERSISTENT_WEEKS]
        if all(before in alarms for before in run):
            return run
    return ()


@dataclass(frozen=True)
class _Fit:
    """The days a baseline rests on, the level of each weekday, and the variance of days around levels.

    Days are named by how many days ago they were, weekdays by how many days before today's.
    """

    days: Mapping[int, float]
    weekdays: Mapping[int, float]
    variance: float


def _fit(known: Mapping[int, float]) -> _Fit:
    _, left, fitted = _levels(known, median)
    # As many as levels were fitted fit by construction, and say nothing of the scatter.
    scatter = SIGMA_PER_MAD * median(sorted(map(abs, left.values()))[fitted:])
    days = {before: known[before] for before in known if abs(left[before]) <= max(ODD_BEYOND * scatter, 1e-9)}
    weekdays, left, fitted = _levels(days, fmean)
    return _Fit(days, weekdays, sum(rest**2 for rest in left.values()) / max(len(days) - fitted, 1))


def _levels(
    days: Mapping[int, float], middle: Callable[[list[float]], float]
) -> tuple[dict[int, float], dict[int, float], int]:
    """The level of each weekday, what weekday and week leave of each day, and how many levels were fitted.

    Where most weeks have one or two days, levels of weeks would explain everything; there they are left out.
    """
    by_week, by_weekday = defaultdict(list), defaultdict(list)
    for before in days:
        by_week[(before - 1) // WEEK].append(before)
        by_weekday[before % WEEK].append(before)
    weeks, weekdays = dict.fromkeys(by_week, 0.0), dict.fromkeys(by_weekday, 0.0)
    fitted = len(weeks) + len(weekdays) - 1
    has_weeks = fitted <= len(days) / 2
    for _ in range(SWEEPS):
        for weekday, of_weekday in by_weekday.items():
            weekdays[weekday] = middle([days[before] - weeks[(before - 1) // WEEK] for before in of_weekday])
        for week, of_week in by_week.items() if has_weeks else ():
            weeks[week] = middle([days[before] - weekdays[before % WEEK] for before in of_week])
    left = {before: days[before] - weeks[(before - 1) // WEEK] - weekdays[before % WEEK] for before in days}
    return weekdays, left, fitted if has_weeks else len(weekdays)


def _cold_start(values: Sequence[float], why: str, scale: Scale) -> Expected | None:
    if len(values) < COLD_START_DAYS:
        return None
    low, high = min(values) - scale.slack, max(values) + scale.slack
    basis = f"{len(values)} days; only {why}"
    return Expected(scale, scale.back(low), scale.back(median(values)), scale.back(high), None, basis)
