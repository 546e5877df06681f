"""The quality score of a day: how much of what was delivered is as it should be."""

from math import prod

from customer_analytics.contracts.source import Source
from customer_analytics.quality.anomaly import Expected
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.outcome import CheckOutcome, Outcome


def check_score(source: Source, figures: DayFigures, expected: Expected) -> CheckOutcome:
    """The check ``quality_score``; ``expected`` is the number of records.

    The score is the product of its parts, each from 0 to 1. A record that was set aside lowers one of the first three:

    - uniqueness: 1 - the share of records whose key stands elsewhere;
    - completeness: 1 - the share of other records that lack a required value;
    - validity: 1 - the share of records that were set aside for anything else;
    - schema: promised columns as a share of these and the delivered columns that are left out;
    - volume: where the number of records is odd, the smaller of found and expected, divided by the other; else the
      number as a share of the least that the source may deliver, at most 1.
    """
    warn = source.policy.quality_score.warn
    parts = _parts(source, figures, expected)
    score = prod(parts.values())
    lowered = ", ".join(f"{name} {part:.3f}" for name, part in parts.items() if part < 1)
    outcome: Outcome = "warned" if score < warn else "passed"
    found = f"{score:.3f}{': ' + lowered if lowered else ''}"
    return CheckOutcome("quality_score", outcome, f"≥ {warn:.2f}", found, number=score, parts=parts)


def _parts(source: Source, figures: DayFigures, expected: Expected) -> dict[str, float]:
    invalid = figures.quarantined - figures.incomplete - figures.repeated
    left_out = set(figures.delivered.unknown_columns) - set(source.kept_beside(figures.delivered.unknown_columns))
    promised = len(source.contract.columns)
    return {
        "uniqueness": 1 - figures.share(figures.repeated),
        "completeness": 1 - figures.share(figures.incomplete),
        "validity": 1 - figures.share(invalid),
        "schema": promised / (promised + len(left_out)),
        "volume": _volume(source.policy.volume.minimum, figures.records, expected),
    }


def _volume(minimum: int, records: int, expected: Expected) -> float:
    if expected.is_odd(records):
        return min(records, expected.middle) / max(records, expected.middle)
    return min(records / minimum, 1.0) if minimum else 1.0
