"""What a day's figure should be by the weeks before it, and how far it may be off: a robust detector for daily series.

1. The trailing weeks make a table of weeks and weekdays, on a scale on which days compare (counts: logarithms). Days
   without a figure are gaps in it. Earlier alarms are left out, unless they persist (``_believed`` says when).
2. A median polish (Tukey, Exploratory Data Analysis, 1977, chapter 11) takes the table apart into a level for each
   weekday and one for each week: odd days and holidays move neither, and trends go into the weeks. How far days scatter
   around these levels is said by the median absolute deviation (MAD), times 1.4826 as for a normal distribution.
3. Days beyond 4 scatters are taken to have been as these levels have it; then levels and scatter are fitted again, by
   means and the variance, which are nearly twice as exact as medians and MAD once nothing is far off.
4. Expected is the weekday's level, plus the median level of the latest days. Odd is what differs by more than
   ``deviations`` scatters: those of the source, or of chance where few records make them larger. A difference within
   the scale's tolerance is never odd.

In a cold start, with too few earlier days of the weekday, only what lies far outside all days that are known is odd.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from customer_analytics.contracts.policy import Baseline

WEEK = 7
# The days that say what today's level is.
LATEST_DAYS = 14
# So many alarms in a row on days of one weekday are that weekday's new level.
PERSISTENT_WEEKS = 3
# In a cold start with fewer days than these, nothing is odd.
COLD_START_DAYS = 7
SIGMA_PER_MAD = 1.4826
FAR_OFF = 4
# The variance of the median of n values, as a multiple of their variance / n.
VARIANCE_OF_MEDIAN = math.pi / 2
SWEEPS = 2


@dataclass(frozen=True)
class Scale:
    """How figures compare: the way to the scale and back, and on it the difference that is never odd.

    ``slack`` is how far outside all known days a figure may lie during a cold start.
    """

    there: Callable[[float], float]
    back: Callable[[float], float]
    tolerance: float
    slack: float


# A fifth more is never odd. Half a record stands for none: far from all others, but not infinitely far.
COUNTS = Scale(lambda count: math.log(max(count, 0.5)), math.exp, tolerance=math.log(1.2), slack=math.log(2))
RATIOS = Scale(lambda ratio: math.log(max(ratio, 1e-9)), math.exp, tolerance=math.log(1.2), slack=math.log(2))
# The arc sine of the root, where chance gives any share of n records the variance 1 / 4n. From 0 % to 1 %, or from 50 %
# to 60 %, is never odd.
SHARES = Scale(
    lambda share: math.asin(math.sqrt(min(max(share, 0.0), 1.0))),
    lambda angle: math.sin(min(max(angle, 0.0), math.pi / 2)) ** 2,
    tolerance=0.1,
    slack=0.3,
)


def multiples_of(unit: float) -> Scale:
    """The scale of figures that may be negative: a fifth of ``unit``, their usual size, is never odd."""
    return Scale(lambda figure: figure / unit, lambda multiple: multiple * unit, tolerance=0.2, slack=1.0)


@dataclass(frozen=True)
class Expected:
    """From where to where a day's figure is not odd, and the middle; ``basis`` says in words what that rests on.

    ``scatter`` is on the scale, and None in a cold start; where nothing can be said, the limits are infinite.
    """

    scale: Scale
    low: float
    middle: float
    high: float
    scatter: float | None
    basis: str

    def is_odd(self, figure: float) -> bool:
        """Whether the figure lies outside; one that is beyond the end of the scale counts as that end."""
        return not self.low <= self.scale.back(self.scale.there(figure)) <= self.high

    def words(self, what: str) -> str:
        """From where to where, in whole numbers of ``what``, and why."""
        if math.isinf(self.high):
            return f"any number of {what}: {self.basis}"
        return f"{math.ceil(self.low):,} to {math.floor(self.high):,} {what} ({self.basis})"

    def score(self, figure: float) -> float | None:
        """By how many scatters the figure differs; None in a cold start."""
        if self.scatter is None:
            return None
        return (self.scale.there(figure) - self.scale.there(self.middle)) / self.scatter


def expect(
    day: date,
    history: Mapping[date, float],
    alarms: Collection[date],
    baseline: Baseline,
    scale: Scale,
    chance: Callable[[float], float],
) -> Expected:
    """What the figure of ``day`` should be.

    ``history`` has the figures of other days, of which those of the trailing weeks are looked at; ``alarms`` are the
    days that were odd themselves. ``chance`` is the variance on the scale that chance alone gives an expected figure.
    """
    trailing = {
        ago: scale.there(figure)
        for other, figure in history.items()
        if 0 < (ago := (day - other).days) <= baseline.weeks * WEEK
    }
    known = _believed(trailing, {(day - other).days for other in alarms})
    same_weekday = sum(ago % WEEK == 0 for ago in known)
    if same_weekday < baseline.minimum_history:
        return _cold_start(scale, known.values(), f"{same_weekday} of {baseline.minimum_history} {day:%A}s known")
    fit = _fit(known)
    latest = [ago for ago in sorted(trailing)[:LATEST_DAYS] if ago in known]
    middle = fit.weekdays[0] + median(known[ago] - fit.weekdays[ago % WEEK] for ago in latest)
    by_chance, usual = chance(scale.back(middle)), chance(scale.back(median(fit.days.values())))
    variance = (fit.variance + max(by_chance - usual, 0)) * (1 + 1 / same_weekday + VARIANCE_OF_MEDIAN / len(latest))
    scatter = math.sqrt(max(variance, by_chance, (scale.tolerance / baseline.deviations) ** 2))
    low, high = middle - baseline.deviations * scatter, middle + baseline.deviations * scatter
    basis = f"around {scale.back(middle):,.4g}: {same_weekday} {day:%A}s, level of the latest {len(latest)} days"
    return Expected(scale, scale.back(low), scale.back(middle), scale.back(high), scatter, basis)


def _cold_start(scale: Scale, values: Collection[float], why: str) -> Expected:
    if len(values) < COLD_START_DAYS:
        return Expected(scale, -math.inf, math.nan, math.inf, None, f"only {why}")
    low, high = min(values) - scale.slack, max(values) + scale.slack
    basis = f"not far outside all {len(values)} days; only {why}"
    return Expected(scale, scale.back(low), scale.back(median(values)), scale.back(high), None, basis)


def _believed(trailing: Mapping[int, float], alarms: AbstractSet[int]) -> dict[int, float]:
    """The days that make the baseline, by how many days ago they were: all but alarms that do not persist.

    Alarms on more than half of the latest days are a new level. So are ``PERSISTENT_WEEKS`` alarms in a row on days of
    one weekday; then what that weekday was before is left out instead.
    """
    if not trailing.keys() & alarms:
        return dict(sorted(trailing.items()))
    latest = sorted(trailing)[:LATEST_DAYS]
    has_new_level = sum(ago in alarms for ago in latest) > LATEST_DAYS / 2
    kept = {ago for ago in trailing if ago not in alarms or (has_new_level and ago in latest)}
    for weekday in range(WEEK):
        days = [ago for ago in sorted(trailing) if ago % WEEK == weekday]
        run = _latest_run(days, alarms)
        if run:
            kept = {ago for ago in kept if ago % WEEK != weekday or ago < run[0]} | set(run)
    return {ago: trailing[ago] for ago in sorted(kept)}


def _latest_run(days: Sequence[int], alarms: Collection[int]) -> Sequence[int]:
    """The latest ``PERSISTENT_WEEKS`` neighbours among days of one weekday that were all alarms; none as a rule."""
    for start in range(len(days) - PERSISTENT_WEEKS + 1):
        run = days[start : start + PERSISTENT_WEEKS]
        if all(ago in alarms for ago in run):
            return run
    return ()


@dataclass(frozen=True)
class _Fit:
    """The days, those that were far off put on their levels; levels of weekdays; the variance of days around levels.

    Days are named by how many days ago they were, weekdays by the same modulo 7: today's is 0.
    """

    days: Mapping[int, float]
    weekdays: Mapping[int, float]
    variance: float


def _fit(known: Mapping[int, float]) -> _Fit:
    _, rests, fitted = _levels(known, median)
    # As many days as levels were fitted lie on them by construction, and say nothing of the scatter.
    farthest = FAR_OFF * SIGMA_PER_MAD * median(sorted(map(abs, rests.values()))[fitted:])
    odd = {ago for ago, rest in rests.items() if abs(rest) > farthest}
    days = {ago: value - rests[ago] if ago in odd else value for ago, value in known.items()}
    weekdays, rests, fitted = _levels(days, fmean)
    free = max(len(days) - fitted - len(odd), 1)
    return _Fit(days, weekdays, sum(rest**2 for rest in rests.values()) / free)


def _levels(
    days: Mapping[int, float], middle: Callable[[Iterable[float]], float]
) -> tuple[dict[int, float], dict[int, float], int]:
    """The level of each weekday, what weekday and week leave of each day, and how many levels were fitted.

    Where most weeks have only a day or two, levels of weeks would explain everything; there they are left out.
    """
    by_week, by_weekday = defaultdict(list), defaultdict(list)
    for ago in days:
        by_week[(ago - 1) // WEEK].append(ago)
        by_weekday[ago % WEEK].append(ago)
    weeks, weekdays = dict.fromkeys(by_week, 0.0), dict.fromkeys(by_weekday, 0.0)
    fitted = len(weeks) + len(weekdays) - 1
    has_weeks = fitted <= len(days) / 2
    for _ in range(SWEEPS):
        for weekday, of_weekday in by_weekday.items():
            weekdays[weekday] = middle([days[ago] - weeks[(ago - 1) // WEEK] for ago in of_weekday])
        for week, of_week in by_week.items() if has_weeks else ():
            weeks[week] = middle([days[ago] - weekdays[ago % WEEK] for ago in of_week])
    rests = {ago: value - weeks[(ago - 1) // WEEK] - weekdays[ago % WEEK] for ago, value in days.items()}
    return weekdays, rests, fitted if has_weeks else len(weekdays)
