"""The check ``drift``: whether columns look as they did in the weeks before. It tells, and never holds a day back."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median

from customer_analytics.contracts.policy import DriftPolicy
from customer_analytics.quality.anomaly import COUNTS, RATIOS, SHARES, WEEK, Expected, Scale, expect, multiples_of
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.profile import ColumnProfile, DayProfile

# So many odd figures are named; the others are counted.
NAMED = 5


@dataclass(frozen=True)
class _Baseline:
    """What the figures of a day are held against."""

    day: date
    policy: DriftPolicy
    alarms: Collection[date]


@dataclass(frozen=True)
class _Figure:
    """One figure of a column, today and, by day, in the weeks before; chance gives it ``variance`` on its scale."""

    words: str
    today: float
    before: Mapping[date, float]
    scale: Scale
    variance: float

    def expected(self, baseline: _Baseline) -> Expected | None:
        """What it should be, where it is odd."""
        if set(self.before.values()) == {self.today}:
            return None
        expected = expect(
            baseline.day, self.before, baseline.alarms, baseline.policy, self.scale, lambda _: self.variance
        )
        return expected if expected.is_odd(self.today) else None

    def found(self, expected: Expected) -> str:
        """What was found and what should be, in words."""
        form = ".2%" if self.scale is SHARES else ",.4g"
        return f"{self.words} {self.today:{form}} (expected {expected.low:{form}} to {expected.high:{form}})"


def check_drift(
    day: date, policy: DriftPolicy, profile: DayProfile, history: Mapping[date, DayProfile], alarms: Collection[date]
) -> CheckOutcome:
    """Hold each column's null share, distinct values, mean and quarantine share against those of the weeks before.

    ``history`` has the profiles of other days, and ``alarms`` are those on which this check warned. What chance can do
    to few records is no drift: the variance that it gives each figure is known.
    """
    baseline = _Baseline(day, policy, alarms)
    recent = {other: each for other, each in history.items() if 0 < (day - other).days <= policy.weeks * WEEK}
    odd = [
        words
        for column, today in profile.items()
        for words in _odd(
            baseline, column, today, {other: each[column] for other, each in recent.items() if column in each}
        )
    ]
    expected = f"null shares, distinct values, means and quarantine shares as in the {policy.weeks} weeks before"
    if not odd:
        return CheckOutcome("drift", "passed", expected, "no drift", number=0)
    more = [f"and {len(odd) - NAMED} more"] if len(odd) > NAMED else []
    return CheckOutcome("drift", "warned", expected, "; ".join([*odd[:NAMED], *more]), number=len(odd))


def _odd(baseline: _Baseline, column: str, today: ColumnProfile, before: Mapping[date, ColumnProfile]) -> Iterator[str]:
    for figure in (_nulls(today, before), _quarantined(today, before), _mean(today, before)):
        expected = figure and figure.expected(baseline)
        if figure and expected:
            yield f"{column} {figure.found(expected)}"
    distinct = _distinct(today, before)
    expected = distinct.expected(baseline)
    # One value more or less is no drift, and more values of more records are none either.
    if expected and abs(today.distinct - expected.middle) >= 1.5 and _by_record(today, before).expected(baseline):
        yield f"{column} {distinct.found(expected)}"


def _nulls(today: ColumnProfile, before: Mapping[date, ColumnProfile]) -> _Figure:
    shares = {day: each.nulls / each.rows for day, each in before.items()}
    return _Figure("null share", today.nulls / today.rows, shares, SHARES, 1 / (4 * today.rows))


def _quarantined(today: ColumnProfile, before: Mapping[date, ColumnProfile]) -> _Figure | None:
    shares = {day: each.quarantined / each.judged for day, each in before.items() if each.quarantined is not None}
    if today.quarantined is None:
        return None
    return _Figure("quarantine share", today.quarantined / today.judged, shares, SHARES, 1 / (4 * today.judged))


def _mean(today: ColumnProfile, before: Mapping[date, ColumnProfile]) -> _Figure | None:
    means = {day: each.mean for day, each in before.items() if each.mean is not None}
    unit = median(map(abs, means.values())) if means else 0
    if today.mean is None or not unit:
        return None
    values = today.rows - today.nulls
    # Of a single value the deviation is unknown; it may be anything.
    variance = (today.deviation / unit) ** 2 / values if today.deviation is not None else 1.0
    return _Figure("mean", today.mean, means, multiples_of(unit), variance)


def _distinct(today: ColumnProfile, before: Mapping[date, ColumnProfile]) -> _Figure:
    """Of n records, chance gives the logarithm of the number of their distinct values a variance of about 1 / n.

    That number varies by the values that occur once; with d distinct values these are at most about d x d / n.
    """
    counts = {day: float(each.distinct) for day, each in before.items()}
    return _Figure("distinct values", today.distinct, counts, COUNTS, 1 / today.rows)


def _by_record(today: ColumnProfile, before: Mapping[date, ColumnProfile]) -> _Figure:
    ratios = {day: each.distinct / each.rows for day, each in before.items()}
    return _Figure("distinct values a record", today.distinct / today.rows, ratios, RATIOS, 1 / today.rows)
