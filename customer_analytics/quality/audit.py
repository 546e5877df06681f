"""Auditing a judged day before it is published: six checks, pure functions of the day's figures."""

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import median

from customer_analytics.contracts.source import Limit, Source, VolumePolicy
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.outcome import SAMPLE_SIZE, CheckOutcome, Outcome

CHECKS = {
    "schema": "The files have the promised columns, and no others.",
    "volume": "The number of records is near that of the same weekday in the weeks before.",
    "nulls": "No column lacks more values than its limit allows.",
    "uniqueness": "No key is delivered twice, on this day or under another day.",
    "reconciliation": "Every delivered record is accepted, quarantined or ignored.",
    "quarantine_rate": "The share of records that were set aside is within its limit.",
}


def audit_day(source: Source, figures: DayFigures, history: Mapping[date, int]) -> list[CheckOutcome]:
    """All checks of one day, in the order of ``CHECKS``; ``history`` has the records delivered on other days."""
    return [
        _schema(figures),
        _volume(source.policy.volume, figures, history),
        _nulls(source, figures),
        _uniqueness(source.policy.duplicates, figures),
        _reconciliation(figures),
        _quarantine_rate(source.policy.quarantine, figures),
    ]


def audit_refused(message: str) -> list[CheckOutcome]:
    """The checks of a delivery that could not be read as a whole: there is nothing further to audit."""
    return [CheckOutcome("schema", "failed", "a delivery that can be read", message)]


def _schema(figures: DayFigures) -> CheckOutcome:
    unknown = figures.delivered.unknown_columns
    found = f"also {', '.join(unknown)}, left out" if unknown else "the promised columns"
    return CheckOutcome("schema", "warned" if unknown else "passed", "the promised columns only", found)


def _volume(policy: VolumePolicy, figures: DayFigures, history: Mapping[date, int]) -> CheckOutcome:
    records = figures.delivered.records - figures.delivered.ignored
    if records < policy.minimum:
        return CheckOutcome("volume", "failed", f"at least {policy.minimum:,} records", f"{records:,} records")
    earlier = [figures.day - timedelta(weeks=week) for week in range(1, policy.weeks + 1)]
    counts = [history[day] for day in earlier if day in history]
    if len(counts) < policy.minimum_history:
        expected = f"any number: {len(counts)} of {policy.minimum_history} earlier {figures.day:%A}s known"
        return CheckOutcome("volume", "passed", expected, f"{records:,} records")
    baseline = median(counts)
    low, high = baseline * policy.drop, baseline * policy.rise
    expected = f"{low:,.0f} to {high:,.0f} records (median of {len(counts)} {figures.day:%A}s: {baseline:,.0f})"
    return CheckOutcome("volume", "passed" if low <= records <= high else "warned", expected, f"{records:,} records")


def _nulls(source: Source, figures: DayFigures) -> CheckOutcome:
    limits = source.null_limits()
    shares = {column: figures.share(figures.nulls[column]) for column in limits}
    above = {column: share for column, share in shares.items() if share > limits[column].warn}
    outcome: Outcome = "passed"
    if above:
        outcome = "failed" if any(share > limits[column].block for column, share in above.items()) else "warned"
    sample = _sample(figures, "not_null", above)
    named = above or {column: share for column, share in shares.items() if share > 0}
    found = ", ".join(f"{column} {share:.2%}" for column, share in named.items()) or "no nulls"
    expected = ", ".join(f"{column} ≤ {limits[column].warn:.2%}" for column in above or limits)
    return CheckOutcome("nulls", outcome, expected, found, sample)


def _uniqueness(limit: Limit, figures: DayFigures) -> CheckOutcome:
    repeated = figures.duplicates
    records = sum(reason.records for reason in repeated)
    share = figures.share(records)
    found = " and ".join(f"{reason.records:,} by rule {reason.rule}" for reason in repeated) or "no duplicates"
    sample = tuple(place for reason in repeated for place in reason.sample)[:SAMPLE_SIZE]
    return CheckOutcome("uniqueness", _against(limit, share), f"≤ {limit.warn:.2%} duplicates", found, sample)


def _reconciliation(figures: DayFigures) -> CheckOutcome:
    delivered, ignored = figures.delivered.records, figures.delivered.ignored
    total = figures.accepted + figures.quarantined + ignored
    found = f"{figures.accepted:,} accepted + {figures.quarantined:,} quarantined + {ignored:,} ignored = {total:,}"
    return CheckOutcome(
        "reconciliation", "passed" if total == delivered else "failed", f"{delivered:,} records delivered", found
    )


def _quarantine_rate(limit: Limit, figures: DayFigures) -> CheckOutcome:
    share = figures.share(figures.quarantined)
    reasons = ", ".join(
        f"{reason.records:,} {reason.column or 'record'}: {reason.rule}" for reason in figures.reasons[:5]
    )
    found = f"{share:.2%} ({figures.quarantined:,} records{'; ' + reasons if reasons else ''})"
    expected = f"≤ {limit.warn:.2%}, never above {limit.block:.2%}"
    places = tuple(place for reason in figures.reasons for place in reason.sample)[:SAMPLE_SIZE]
    return CheckOutcome("quarantine_rate", _against(limit, share), expected, found, places)


def _against(limit: Limit, share: float) -> Outcome:
    if share > limit.block:
        return "failed"
    return "warned" if share > limit.warn else "passed"


def _sample(figures: DayFigures, rule: str, columns: Mapping[str, float]) -> tuple[str, ...]:
    reasons = (reason for reason in figures.reasons if reason.rule == rule and reason.column in columns)
    return tuple(place for reason in reasons for place in reason.sample)[:SAMPLE_SIZE]
