"""Auditing a judged day before it is published: pure functions of the day's figures."""

from collections.abc import Mapping

from customer_analytics.contracts.policy import Limit
from customer_analytics.contracts.source import Source
from customer_analytics.landing.layout import presentable
from customer_analytics.quality.anomaly import Expected
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.outcome import SAMPLE_SIZE, CheckOutcome, Outcome
from customer_analytics.quality.score import check_score

CHECKS = {
    "schema": "The files have the promised columns, and no others.",
    "volume": "The number of records is one that the weekday and the weeks before let one expect.",
    "nulls": "No column lacks more values than its limit allows.",
    "uniqueness": "No key is delivered twice, on this day or under another day.",
    "reconciliation": "Every delivered record is accepted, quarantined or ignored.",
    "quarantine_rate": "The share of records that were set aside is within its limit.",
    "quality_score": "The day's records, columns and volume are, taken together, as they should be.",
    "drift": "Null shares, distinct values, means and quarantine shares are as in the weeks before.",
}

# These tell, and never hold a day back.
WARNINGS_ONLY = ("quality_score", "drift")


def audit_day(source: Source, figures: DayFigures, records: Expected) -> list[CheckOutcome]:
    """The checks of one day in the order of ``CHECKS``, all but ``drift``, which looks into columns.

    ``records`` is how many the day should bring, blank lines aside.
    """
    return [
        _schema(source, figures),
        _volume(source.policy.volume.minimum, figures, records),
        _nulls(source, figures),
        _uniqueness(source.policy.duplicates, figures),
        _reconciliation(figures),
        _quarantine_rate(source.policy.quarantine, figures),
        check_score(source, figures, records),
    ]


def audit_refused(message: str) -> list[CheckOutcome]:
    """The checks of a delivery that could not be read as a whole: the others have nothing to go by."""
    readable = CheckOutcome("schema", "failed", "a delivery that can be read", message)
    return [readable, *_not_audited("the delivery was refused, see schema", without="schema")]


def audit_not_landed() -> list[CheckOutcome]:
    """The checks of a day that has no delivery yet."""
    return _not_audited("nothing has landed")


def _not_audited(why: str, without: str = "") -> list[CheckOutcome]:
    return [CheckOutcome(check, "warned", "a delivery", f"not audited: {why}") for check in CHECKS if check != without]


def _schema(source: Source, figures: DayFigures) -> CheckOutcome:
    delivered, found = figures.delivered, []
    kept = source.kept_beside(delivered.unknown_columns)
    left_out = set(delivered.unknown_columns) - set(kept)
    if kept:
        found.append(f"also {presentable(kept)}, kept as text")
    if left_out:
        found.append(f"also {presentable(left_out)}, left out")
    if delivered.stray_corrections:
        found.append(f"{delivered.stray_corrections} corrections of records that are not there as they were")
    outcome: Outcome = "warned" if found else "passed"
    number = len(delivered.unknown_columns)
    words = "; ".join(found) or "the promised columns"
    return CheckOutcome("schema", outcome, "the promised columns only", words, number=number)


def _volume(minimum: int, figures: DayFigures, expected: Expected) -> CheckOutcome:
    records = figures.records
    found = f"{records:,} records"
    if records < minimum:
        return CheckOutcome("volume", "failed", f"at least {minimum:,} records", found, number=records)
    outcome: Outcome = "warned" if expected.is_odd(records) else "passed"
    return CheckOutcome("volume", outcome, expected.words("records"), found, number=records)


def _nulls(source: Source, figures: DayFigures) -> CheckOutcome:
    limits = source.null_limits()
    shares = {column: figures.null_share(column) for column in limits}
    above = {column: share for column, share in shares.items() if share > limits[column].warn}
    outcome: Outcome = "passed"
    if above:
        outcome = "failed" if any(share > limits[column].block for column, share in above.items()) else "warned"
    sample = _sample(figures, "not_null", above)
    named = above or {column: share for column, share in shares.items() if share > 0}
    found = ", ".join(f"{column} {share:.2%}" for column, share in named.items()) or "no nulls"
    expected = "; ".join(f"{column} {_within(limits[column])}" for column in above or limits)
    return CheckOutcome("nulls", outcome, expected, found, sample, number=max(shares.values(), default=0))


def _uniqueness(limit: Limit, figures: DayFigures) -> CheckOutcome:
    repeated = figures.duplicates
    share = figures.share(figures.repeated)
    found = " and ".join(f"{reason.records:,} by rule {reason.rule}" for reason in repeated) or "no duplicates"
    sample = tuple(place for reason in repeated for place in reason.sample)[:SAMPLE_SIZE]
    return CheckOutcome("uniqueness", _against(limit, share), _within(limit), found, sample, number=share)


def _reconciliation(figures: DayFigures) -> CheckOutcome:
    delivered, ignored = figures.delivered.records, figures.delivered.ignored
    total = figures.accepted + figures.quarantined + ignored
    found = f"{figures.accepted:,} accepted + {figures.quarantined:,} quarantined + {ignored:,} ignored = {total:,}"
    outcome: Outcome = "passed" if total == delivered else "failed"
    expected = f"{delivered:,} records delivered"
    return CheckOutcome("reconciliation", outcome, expected, found, number=total - delivered)


def _quarantine_rate(limit: Limit, figures: DayFigures) -> CheckOutcome:
    share = figures.share(figures.quarantined)
    reasons = ", ".join(
        f"{reason.records:,} {reason.column or 'record'}: {reason.rule}" for reason in figures.reasons[:5]
    )
    found = f"{share:.2%} ({figures.quarantined:,} records{'; ' + reasons if reasons else ''})"
    places = tuple(place for reason in figures.reasons for place in reason.sample)[:SAMPLE_SIZE]
    return CheckOutcome("quarantine_rate", _against(limit, share), _within(limit), found, places, number=share)


def _within(limit: Limit) -> str:
    return f"≤ {limit.warn:.2%}, never above {limit.block:.2%}"


def _against(limit: Limit, share: float) -> Outcome:
    if share > limit.block:
        return "failed"
    return "warned" if share > limit.warn else "passed"


def _sample(figures: DayFigures, rule: str, columns: Mapping[str, float]) -> tuple[str, ...]:
    reasons = (reason for reason in figures.reasons if reason.rule == rule and reason.column in columns)
    return tuple(place for reason in reasons for place in reason.sample)[:SAMPLE_SIZE]
