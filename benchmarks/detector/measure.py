"""False alarms and recall of a detector: every day of every series is judged as it was, and as it might have been."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import mean, stdev

from benchmarks.detector.series import FIRST_DAY, WARM_UP_DAYS, Series
from customer_analytics.contracts.policy import VolumePolicy
from customer_analytics.quality.volume import expected_records

# What is made of a day's count, one day at a time.
INJECTED = {"-50 %": 0.5, "x2": 2.0, "zero": 0.0, "-30 %": 0.7}

# Whether a count is odd on a day, by the counts before it and the alarms there were.
Judge = Callable[[int], bool]
Detector = Callable[[date, dict[date, int], set[date]], Judge]


@dataclass
class Tally:
    """Days without an injection, alarms on them, and of each injection the days on which it was found."""

    days: int = 0
    false_alarms: int = 0
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(INJECTED, 0))

    def add(self, other: "Tally") -> None:
        """Count the other's days too."""
        self.days += other.days
        self.false_alarms += other.false_alarms
        for kind, days in other.found.items():
            self.found[kind] += days

    @property
    def false_alarm_share(self) -> float:
        """Of all days without an injection."""
        return self.false_alarms / self.days

    def recall(self, kind: str) -> float:
        """The share of days on which the injection was found."""
        return self.found[kind] / self.days


def tally(series: Iterable[Series], detector: Detector) -> Tally:
    """All series, judged day by day; an alarm is known to the days after it, as it is in the warehouse."""
    total = Tally()
    for one in series:
        total.add(_tally(one, detector))
    return total


def _tally(series: Series, detector: Detector) -> Tally:
    counted, alarms = Tally(), set[date]()
    usual_days = set(series.judged_days)
    for day in sorted(series.counts):
        if day < FIRST_DAY + timedelta(days=WARM_UP_DAYS // 2):
            continue
        count = series.counts[day]
        is_odd = detector(day, series.counts, alarms)
        if is_odd(count):
            alarms.add(day)
        if day in usual_days:
            counted.days += 1
            counted.false_alarms += is_odd(count)
            for kind, factor in INJECTED.items():
                counted.found[kind] += is_odd(round(count * factor))
    return counted


def ours(day: date, counts: dict[date, int], alarms: set[date]) -> Judge:
    """The check ``volume`` with its default policy."""
    expected = expected_records(VolumePolicy(), day, counts, alarms)
    return expected.is_odd


def elementary(day: date, counts: dict[date, int], alarms: set[date]) -> Judge:
    """Elementary's default for volume: beyond 3 standard deviations of 14 days, the tested day among them."""
    before = [counts[other] for back in range(1, 14) if (other := day - timedelta(days=back)) in counts]

    def is_odd(count: int) -> bool:
        values: Sequence[int] = [*before, count]
        return abs(count - mean(values)) > 3 * stdev(values)

    return is_odd
