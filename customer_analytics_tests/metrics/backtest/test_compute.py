"""The backtest of a shop whose rates are known: who wins, when it is known, and what a corrected day changes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import duckdb
import pytest

from customer_analytics.metrics.audit import audit_derived
from customer_analytics.metrics.backtest.champions import champion
from customer_analytics.metrics.backtest.compute import compute_forecast_backtest
from customer_analytics.metrics.backtest.page import backtest_page
from customer_analytics.metrics.backtest.reading import read_backtest
from customer_analytics.metrics.checks import DERIVED_CHECKS
from customer_analytics.metrics.derived import FORECAST_BACKTEST
from customer_analytics.metrics.forecasting.fits import DEFAULT_MODEL
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.metrics.backtest.shop import LAST_DAY, NOW, Sale, publish, publish_shop, sales, score_shop
from customer_analytics_tests.metrics.scenario import withdraw

# Of 90 days the first origin is the end of March, and 90 days after each of them it is known.
ORIGINS_OF_90_DAYS = [date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 30), date(2024, 7, 31)]
THIRD_KNOWN_ON = date(2024, 8, 29)
TABLES = ("forecast_backtest", "champions")


def compute(connection: duckdb.DuckDBPyConnection, *days: date, at: datetime = NOW) -> None:
    compute_forecast_backtest(connection, days, "run", at, score=score_shop)


def rows(connection: duckdb.DuckDBPyConnection) -> list[list[tuple[object, ...]]]:
    return [connection.execute(f"from marts.{table} order by all").fetchall() for table in TABLES]


def judged_at(connection: duckdb.DuckDBPyConnection) -> dict[tuple[int, date], datetime]:
    found = connection.execute("select horizon_days, origin, computed_at from marts.backtest_origins").fetchall()
    return {(horizon, origin): at for horizon, origin, at in found}


def check(connection: duckdb.DuckDBPyConnection, name: str, *days: date) -> list[CheckOutcome]:
    checks = [one for one in DERIVED_CHECKS[FORECAST_BACKTEST.name] if one.name == name]
    return [outcomes[0] for outcomes in audit_derived(connection, FORECAST_BACKTEST, checks, days).values()]


@pytest.fixture
def shop(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    publish_shop(warehouse)
    return warehouse


@pytest.fixture(scope="module")
def judged() -> Iterator[duckdb.DuckDBPyConnection]:
    """The shop on its last day; for reading only."""
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        publish_shop(connection)
        compute(connection, LAST_DAY)
        yield connection


@pytest.fixture
def undone(judged: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same shop, for changes that are taken back after the test."""
    judged.begin()
    yield judged
    judged.rollback()


def verdicts(connection: duckdb.DuckDBPyConnection, horizon: int, target: str) -> dict[str, str]:
    (found,) = [one for one in read_backtest(connection, LAST_DAY) if one.horizon == horizon]
    return {one.challenger: one.verdict for one in found.comparisons if one.target == target}


@pytest.mark.parametrize("horizon", [30, 90])
def test_who_knows_the_rates_is_used(judged: duckdb.DuckDBPyConnection, horizon: int) -> None:
    assert champion(judged, LAST_DAY, horizon, "spend") == "truth"
    assert champion(judged, LAST_DAY, horizon, "no_order") == "truth"
    assert verdicts(judged, horizon, "spend")["worse"] == "loses"


def test_what_says_the_same_as_the_incumbent_ties_and_is_not_used(judged: duckdb.DuckDBPyConnection) -> None:
    first = judged.execute(
        """select challenger, incumbent, verdict, difference, champion from marts.champions
           where horizon_days = 90 and decided_on = $day and target = 'spend' order by challenger""",
        {"day": THIRD_KNOWN_ON},
    ).fetchall()
    assert [row[:3] for row in first] == [
        ("copy", "baseline", "ties"),
        ("mbg_nbd", "baseline", "ties"),
        ("timid", "baseline", "loses"),
        ("truth", "baseline", "wins"),
        ("worse", "baseline", "loses"),
    ]
    assert (first[0][3], first[0][4]) == (0, "truth")


def test_who_forecasts_too_little_for_everybody_is_not_used_and_the_page_says_why(
    judged: duckdb.DuckDBPyConnection,
) -> None:
    (level,) = judged.execute(
        """select sum(value) filter (measure = 'total_predicted') / sum(value) filter (measure = 'total_actual')
           from marts.forecast_backtest
           where horizon_days = 90 and origin <= $origin and model = 'timid' and segment = 'all'""",
        {"origin": ORIGINS_OF_90_DAYS[2]},
    ).fetchone() or (0,)
    stored = judged.execute(
        """select verdict, challenger_level, high < 0 from marts.champions
           where horizon_days = 90 and decided_on = $day and target = 'spend' and challenger = 'timid'""",
        {"day": THIRD_KNOWN_ON},
    ).fetchall()
    assert stored == [("loses", pytest.approx(level, abs=1e-6), True)]
    page = backtest_page(judged, THIRD_KNOWN_ON)
    assert f"- timid has a smaller error than baseline, but forecasts {level:.2f} times what was spent: " in page


def test_a_level_is_asked_of_spend_alone(judged: duckdb.DuckDBPyConnection) -> None:
    found = judged.execute("select distinct target, challenger_level is null from marts.champions").fetchall()
    assert sorted(found) == [("no_order", True), ("spend", False)]


def test_before_three_month_ends_are_known_the_defaults_are_used(judged: duckdb.DuckDBPyConnection) -> None:
    before = date(2024, 8, 28)
    assert [champion(judged, before, 90, target) for target in ("spend", "no_order")] == ["baseline", DEFAULT_MODEL]
    assert champion(judged, THIRD_KNOWN_ON, 90, "spend") == "truth"
    assert champion(judged, LAST_DAY, 365, "spend") == "baseline"


def test_what_was_decided_on_a_target_holds_while_only_the_other_is_decided_anew(
    undone: duckdb.DuckDBPyConnection,
) -> None:
    undone.execute(
        "delete from marts.champions where target = 'no_order' and horizon_days = 90 and decided_on > $day",
        {"day": THIRD_KNOWN_ON},
    )
    assert verdicts(undone, 90, "spend")["baseline"] == "loses"
    assert verdicts(undone, 90, "no_order")["truth"] == "wins"
    of_90_days = backtest_page(undone, LAST_DAY).split("\n## ")[1]
    assert "**Probability of no order: truth is used.**\n\n- truth beats mbg_nbd" in of_90_days


def test_every_month_end_is_judged_that_has_a_past_and_whose_outcome_is_over(
    judged: duckdb.DuckDBPyConnection,
) -> None:
    found = sorted(judged_at(judged))
    assert [origin for horizon, origin in found if horizon == 90] == ORIGINS_OF_90_DAYS
    assert [origin for horizon, origin in found if horizon == 30] == [
        *ORIGINS_OF_90_DAYS,
        date(2024, 8, 31),
        date(2024, 9, 30),
    ]
    assert {horizon for horizon, _ in found} == {30, 90}


def test_flips_are_counted_from_the_second_month_end_on(judged: duckdb.DuckDBPyConnection) -> None:
    found = judged.execute(
        """select distinct origin from marts.forecast_backtest
           where horizon_days = 90 and measure = 'flip_rate' order by origin"""
    ).fetchall()
    assert [origin for (origin,) in found] == ORIGINS_OF_90_DAYS[1:]


def test_a_day_before_the_outcome_is_over_judges_nothing(shop: duckdb.DuckDBPyConnection) -> None:
    compute(shop, date(2024, 4, 29))
    assert judged_at(shop) == {}
    compute(shop, date(2024, 4, 30))
    assert list(judged_at(shop)) == [(30, date(2024, 3, 31))]


def test_a_month_end_is_judged_from_ninety_days_of_deliveries_on(shop: duckdb.DuckDBPyConnection) -> None:
    for number in (1, 2):
        withdraw(shop, "orders", date(2024, 1, number))
    compute(shop, date(2024, 4, 30))
    assert judged_at(shop) == {}
    publish(shop, sales(), [date(2024, 1, 2)])
    compute(shop, date(2024, 4, 30))
    assert list(judged_at(shop)) == [(30, date(2024, 3, 31))]


def test_day_by_day_leaves_the_same_as_all_at_once(
    shop: duckdb.DuckDBPyConnection, judged: duckdb.DuckDBPyConnection
) -> None:
    for month in range(3, 11):
        compute(shop, date(2024, month, 15), date(2024, month, 30))
    compute(shop, LAST_DAY)
    assert rows(shop) == rows(judged)


def test_the_same_day_again_judges_nothing_and_changes_nothing(undone: duckdb.DuckDBPyConnection) -> None:
    before, at = rows(undone), judged_at(undone)
    compute(undone, LAST_DAY, at=datetime(2025, 1, 1))
    assert rows(undone) == before
    assert judged_at(undone) == at


def test_what_is_delivered_later_changes_nothing_that_was_known(
    shop: duckdb.DuckDBPyConnection, judged: duckdb.DuckDBPyConnection
) -> None:
    day = date(2024, 9, 10)
    late = [Sale(day, one.customer, datetime(2024, 5, 1), 999.0) for one in sales()[:50]]
    publish(shop, late, [day])
    compute(shop, LAST_DAY)
    known = "select * from marts.{} where {} < date '2024-09-10' order by all"
    for table, known_on in (("forecast_backtest", "known_on"), ("champions", "decided_on")):
        query = known.format(table, known_on)
        assert shop.execute(query).fetchall() == judged.execute(query).fetchall()


def test_a_corrected_day_judges_the_month_ends_again_that_it_touches(undone: duckdb.DuckDBPyConnection) -> None:
    corrected, again = date(2024, 8, 10), datetime(2025, 1, 1)
    publish(undone, [replace(one, amount=one.amount * 50) for one in sales()], [corrected])
    compute(undone, LAST_DAY, at=again)
    touched = {(horizon, origin) for (horizon, origin), at in judged_at(undone).items() if at == again}
    assert touched == {
        *((30, origin) for origin in (date(2024, 7, 31), date(2024, 8, 31), date(2024, 9, 30))),
        *((90, origin) for origin in (date(2024, 5, 31), date(2024, 6, 30), date(2024, 7, 31))),
    }
    before = rows(undone)
    undone.execute("delete from marts.backtest_origins")
    compute(undone, LAST_DAY)
    assert rows(undone) == before


def test_the_page_says_who_is_used_and_who_is_not(judged: duckdb.DuckDBPyConnection) -> None:
    page = backtest_page(judged, LAST_DAY)
    assert "**Expected spend: truth is used.**" in page
    assert "baseline loses against truth: mean absolute error" in page
    in_a_year = page.split("## The next 365 days\n\n")[1]
    assert in_a_year.startswith("Nothing can be judged yet.")
    assert "**Expected spend: what 90 days decide holds here too.**" in in_a_year
    actual, predicted = judged.execute(
        """select max(value) filter (measure = 'total_actual'), max(value) filter (measure = 'total_predicted')
           from marts.forecast_backtest
           where horizon_days = 90 and origin = '2024-05-31' and model = 'truth' and segment = 'all'"""
    ).fetchone() or (0, 0)
    line = next(line for line in page.split("\n## ")[1].split("\n") if line.startswith("| 2024-05-31"))
    assert line.startswith(f"| 2024-05-31 | {actual:,.0f} |")
    assert f"| {predicted:,.0f} |" in line


def test_the_page_of_a_past_day_knows_no_more_than_the_day_did(judged: duckdb.DuckDBPyConnection) -> None:
    page = backtest_page(judged, date(2024, 5, 29))
    assert "Judged at 1 month end, the latest 2024-03-31." in page
    assert "what 90 days decide holds here too.** Nothing is decided before 3 month ends" in page
    in_90_days = page.split("## The next 90 days\n\n")[1]
    assert in_90_days.startswith("Nothing can be judged yet.")
    assert "nothing has beaten baseline yet; mbg_nbd is used, as unproven" in in_90_days
    assert "2024-04-30" not in page


def test_before_anything_was_published_there_is_nothing_to_judge(warehouse: duckdb.DuckDBPyConnection) -> None:
    compute(warehouse, LAST_DAY)
    assert rows(warehouse) == [[], []]
    assert "Nothing can be judged yet" in backtest_page(warehouse, LAST_DAY)
    (holds,) = check(warehouse, "champion_holds", LAST_DAY)
    assert (holds.outcome, holds.found) == ("passed", "nothing is decided yet")


def test_the_check_says_who_is_used(judged: duckdb.DuckDBPyConnection) -> None:
    before, after = check(judged, "champion_holds", date(2024, 6, 30), LAST_DAY)
    assert (before.outcome, after.outcome) == ("passed", "passed")
    assert before.found == "in use: truth for spend in 30 days, truth for no_order in 30 days"
    assert after.found == (
        "in use: truth for spend in 30 days, truth for no_order in 30 days, "
        "truth for spend in 90 days, truth for no_order in 90 days"
    )


def test_who_is_used_and_worse_than_the_plain_figure_is_a_warning(undone: duckdb.DuckDBPyConnection) -> None:
    undone.execute("update marts.champions set champion = 'worse' where target = 'spend' and horizon_days = 90")
    before, after = check(undone, "champion_holds", date(2024, 8, 1), LAST_DAY)
    assert (before.outcome, after.outcome) == ("passed", "warned")
    assert [words.split(" has ")[0] for words in after.sample] == ["90 days, spend: worse"]


def test_a_ranking_worse_than_plain_recency_is_a_warning(undone: duckdb.DuckDBPyConnection) -> None:
    undone.execute("update marts.champions set champion = 'copy' where target = 'no_order' and horizon_days = 30")
    (found,) = check(undone, "champion_holds", LAST_DAY)
    assert found.outcome == "warned"
    assert [words.split(" has ")[0] for words in found.sample] == ["30 days, no_order: copy"]


def test_nothing_is_judged_or_decided_too_early(judged: duckdb.DuckDBPyConnection) -> None:
    assert [one.outcome for one in check(judged, "no_leakage", date(2024, 4, 30), LAST_DAY)] == ["passed", "passed"]


@pytest.mark.parametrize(
    "tampering",
    [
        "update marts.backtest_origins set judged_on = origin + 29 where origin = '2024-06-30' and horizon_days = 30",
        "update marts.forecast_backtest set known_on = origin + 29 where origin = '2024-06-30' and horizon_days = 30",
        "update marts.champions set last_origin = '2024-07-01' where decided_on = '2024-07-30' and horizon_days = 30",
    ],
)
def test_what_was_judged_or_decided_too_early_fails_the_days_that_see_it(
    undone: duckdb.DuckDBPyConnection, tampering: str
) -> None:
    undone.execute(tampering)
    before, after = check(undone, "no_leakage", date(2024, 7, 28), date(2024, 7, 30))
    assert (before.outcome, after.outcome) == ("passed", "failed")
    assert after.found == "origins judged before their outcome was over: 1"
    assert after.sample[0].startswith("2024-0")
