"""Each check of a day: when it passes, when it warns, when it holds the day back. Drift has a test of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.policy import Evolution, Limit, SourcePolicy, VolumePolicy
from customer_analytics.contracts.source import Source
from customer_analytics.contracts.support_tickets import SupportTickets
from customer_analytics.quality.audit import CHECKS, WARNINGS_ONLY, audit_day, audit_not_landed, audit_refused
from customer_analytics.quality.figures import DayFigures, ReasonCount
from customer_analytics.quality.judge import Delivered
from customer_analytics.quality.outcome import SAMPLE_SIZE, CheckOutcome
from customer_analytics.quality.volume import expected_records
from customer_analytics_tests.scenario import DAY, source_of

SOURCE = source_of(
    Orders,
    "orders",
    SourcePolicy(
        quarantine=Limit(warn=0.1, block=0.5),
        default_nulls=Limit(warn=0.1, block=0.5),
        nulls={"status": Limit(warn=0, block=0)},
        duplicates=Limit(warn=0.1, block=0.5),
        volume=VolumePolicy(minimum=10),
    ),
)
GOOD = DayFigures(
    day=DAY,
    delivered=Delivered(records=105, ignored=5, unknown_columns=()),
    accepted=100,
    quarantined=0,
    repeated=0,
    incomplete=0,
    without_cells=0,
    nulls=dict.fromkeys(SOURCE.contract.column_names, 0),
    reasons=(),
)
PLACES = tuple(f"a.csv:{line}" for line in range(2, 12))


def quarantined(records: int, rule: str = "type", column: str | None = "total_amount") -> DayFigures:
    """The good day, of which so many records were set aside."""
    return replace(
        GOOD, accepted=100 - records, quarantined=records, reasons=(ReasonCount(rule, column, records, PLACES),)
    )


def nulls(**columns: int) -> DayFigures:
    return replace(GOOD, nulls=GOOD.nulls | columns)


def outcome(
    check: str, figures: DayFigures, history: dict[int, int] | None = None, source: Source = SOURCE
) -> CheckOutcome:
    """One check of a day; ``history`` has records by how many days before."""
    return {found.check: found for found in audited(figures, history, source)}[check]


def audited(figures: DayFigures, history: dict[int, int] | None = None, source: Source = SOURCE) -> list[CheckOutcome]:
    days = {DAY - timedelta(days=before): records for before, records in (history or {}).items()}
    return audit_day(source, figures, expected_records(source.policy.volume, DAY, days, ()))


def test_a_good_day_passes_all_checks_in_their_order() -> None:
    found = audited(GOOD)
    assert [(check.check, check.outcome) for check in found] == [
        (check, "passed") for check in CHECKS if check != "drift"
    ]
    assert not any(check.blocks for check in found)


def test_unknown_columns_warn() -> None:
    figures = replace(GOOD, delivered=replace(GOOD.delivered, unknown_columns=("coupon", "note")))
    found = outcome("schema", figures)
    assert (found.outcome, found.found) == ("warned", "also coupon, note, left out")


def test_a_delivery_that_cannot_be_read_fails_its_schema_and_the_other_checks_say_so() -> None:
    schema, *others = audit_refused("a.csv is UTF-16")
    assert schema == CheckOutcome("schema", "failed", "a delivery that can be read", "a.csv is UTF-16")
    assert {check.check for check in others} == set(CHECKS) - {"schema"}
    assert {(check.outcome, check.found) for check in others} == {
        ("warned", "not audited: the delivery was refused, see schema")
    }


def test_a_day_that_has_not_landed_warns_in_every_check() -> None:
    assert {(check.check, check.outcome) for check in audit_not_landed()} == {(check, "warned") for check in CHECKS}


@pytest.mark.parametrize(("records", "expected"), [(9, "failed"), (10, "passed")])
def test_fewer_records_than_the_minimum_hold_the_day_back_and_blank_lines_do_not_count(
    records: int, expected: str
) -> None:
    figures = replace(GOOD, delivered=Delivered(records + 50, 50, ()), accepted=records)
    assert outcome("volume", figures).outcome == expected


def test_too_short_a_history_lets_nothing_be_expected() -> None:
    found = outcome("volume", GOOD, {7: 100_000})
    assert (found.outcome, found.expected) == ("passed", "any number of records: only 1 of 4 Tuesdays known")


def test_volume_warns_where_the_weeks_before_let_one_expect_something_else() -> None:
    steady = {days: 200 + days % 3 for days in range(1, 85)}
    found = outcome("volume", GOOD, steady)
    assert (found.outcome, found.found, found.number) == ("warned", "100 records", 100)
    assert found.expected == "154 to 262 records (around 201: 12 Tuesdays, level of the latest 14 days)"
    assert not found.blocks


@pytest.mark.parametrize(("missing", "expected"), [(10, "passed"), (11, "warned"), (50, "warned"), (51, "failed")])
def test_nulls_are_held_to_the_limit_of_their_column(missing: int, expected: str) -> None:
    found = outcome("nulls", nulls(customer_id=missing))
    assert found.outcome == expected
    assert found.found == f"customer_id {missing:.2f}%"


def test_a_column_may_have_a_limit_of_its_own() -> None:
    found = outcome("nulls", nulls(customer_id=10, status=1))
    assert (found.outcome, found.found, found.expected) == (
        "failed",
        "status 1.00%",
        "status ≤ 0.00%, never above 0.00%",
    )


def test_a_nullable_column_has_a_limit_only_where_one_is_set() -> None:
    tickets = source_of(SupportTickets, "tickets", SourcePolicy())
    limited = source_of(SupportTickets, "tickets", SourcePolicy(nulls={"resolved_date": Limit(warn=0.5, block=0.9)}))
    figures = replace(GOOD, nulls=dict.fromkeys(tickets.contract.column_names, 0) | {"resolved_date": 95})
    assert outcome("nulls", figures, source=tickets).outcome == "passed"
    assert outcome("nulls", figures, source=limited).outcome == "failed"


@pytest.mark.parametrize("rule", ["unique", "unique_across_days"])
@pytest.mark.parametrize(("repeated", "expected"), [(10, "passed"), (11, "warned"), (50, "warned"), (51, "failed")])
def test_duplicates_are_held_to_their_limit(rule: str, repeated: int, expected: str) -> None:
    found = outcome("uniqueness", replace(quarantined(repeated, rule, "order_id"), repeated=repeated))
    assert (found.outcome, found.sample) == (expected, PLACES)
    assert found.found == f"{repeated} by rule {rule}"


def test_other_reasons_are_no_duplicates() -> None:
    assert outcome("uniqueness", quarantined(99)).found == "no duplicates"


@pytest.mark.parametrize("accepted", [99, 101])
def test_a_record_too_few_or_too_many_holds_the_day_back(accepted: int) -> None:
    found = outcome("reconciliation", replace(GOOD, accepted=accepted))
    assert (found.outcome, found.expected) == ("failed", "105 records delivered")
    assert found.found == f"{accepted} accepted + 0 quarantined + 5 ignored = {accepted + 5}"


@pytest.mark.parametrize(("records", "expected"), [(10, "passed"), (11, "warned"), (50, "warned"), (51, "failed")])
def test_the_quarantine_rate_is_held_to_its_limit(records: int, expected: str) -> None:
    found = outcome("quarantine_rate", quarantined(records))
    assert found.outcome == expected
    assert found.found == f"{records}.00% ({records} records; {records} total_amount: type)"
    assert len(found.sample) <= SAMPLE_SIZE


def test_a_day_without_records_has_no_rates() -> None:
    empty = replace(GOOD, delivered=Delivered(0, 0, ()), accepted=0)
    assert [found.check for found in audited(empty) if found.outcome != "passed"] == ["volume", "quality_score"]


WEEKS_OF_100 = dict.fromkeys(range(1, 85), 100)
SPOILT = replace(GOOD, accepted=90, quarantined=10, repeated=3, incomplete=5)


def test_the_quality_score_is_the_product_of_its_parts_and_no_record_counts_twice() -> None:
    figures = replace(SPOILT, delivered=replace(SPOILT.delivered, unknown_columns=("coupon",)))
    found = outcome("quality_score", figures, WEEKS_OF_100)
    assert found.parts == pytest.approx(
        {"uniqueness": 0.97, "completeness": 0.95, "validity": 0.98, "schema": 5 / 6, "volume": 1.0}
    )
    assert found.number == pytest.approx(0.97 * 0.95 * 0.98 * 5 / 6)
    assert (found.outcome, found.found) == (
        "warned",
        "0.753: uniqueness 0.970, completeness 0.950, validity 0.980, schema 0.833",
    )


@pytest.mark.parametrize(("invalid", "expected"), [(5, "passed"), (6, "warned"), (90, "warned")])
def test_a_quality_score_below_its_limit_warns_and_never_holds_a_day_back(invalid: int, expected: str) -> None:
    found = outcome("quality_score", replace(GOOD, accepted=100 - invalid, quarantined=invalid), WEEKS_OF_100)
    assert found.outcome == expected
    assert found.number == pytest.approx(1 - invalid / 100)


@pytest.mark.parametrize(("records", "part"), [(100, 1.0), (110, 1.0), (50, 0.5), (200, 0.5), (0, 0.0)])
def test_a_day_with_half_or_twice_the_records_is_worth_half(records: int, part: float) -> None:
    figures = replace(GOOD, delivered=Delivered(records, 0), accepted=records)
    assert outcome("quality_score", figures, WEEKS_OF_100).parts["volume"] == pytest.approx(part)


@pytest.mark.parametrize(("records", "part"), [(10, 1.0), (4, 0.4), (0, 0.0)])
def test_where_nothing_is_expected_fewer_records_than_the_minimum_are_a_share_of_it(records: int, part: float) -> None:
    figures = replace(GOOD, delivered=Delivered(records, 0), accepted=records)
    assert outcome("quality_score", figures).parts["volume"] == pytest.approx(part)


def test_columns_that_are_kept_do_not_lower_the_score() -> None:
    evolving = replace(SOURCE, policy=SOURCE.policy.model_copy(update={"evolution": Evolution(new_columns="evolve")}))
    figures = replace(GOOD, delivered=replace(GOOD.delivered, unknown_columns=("coupon",)))
    assert outcome("quality_score", figures, source=evolving).number == 1.0


def test_what_only_warns_is_among_the_checks() -> None:
    assert set(WARNINGS_ONLY) == {"quality_score", "drift"} < set(CHECKS)
