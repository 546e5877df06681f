"""The check ``volume``: the number of records against what the weeks before let one expect."""

from collections.abc import Collection, Mapping
from datetime import date

from customer_analytics.contracts.policy import VolumePolicy
from customer_analytics.quality.anomaly import COUNTS, Expected, expect


def expected_records(
    policy: VolumePolicy, day: date, history: Mapping[date, int], alarms: Collection[date]
) -> Expected:
    """How many records ``day`` should bring, blank lines aside; ``history`` and ``alarms`` are other days.

    Chance alone gives the logarithm of a count of n the variance 1 / n.
    """
    return expect(day, history, alarms, policy, COUNTS, lambda records: 1 / max(records, 1))
