"""Who is used: a better candidate wins, an equal one ties, a worse one loses, and what does not win is not used."""

from collections.abc import Sequence
from datetime import date

import duckdb
import numpy as np
import pytest

from customer_analytics.metrics.backtest.bootstrap import DRAWS, Figure
from customer_analytics.metrics.backtest.champions import champion
from customer_analytics.metrics.backtest.gate import Comparison, Judged, Target, decide, verdict_in_words
from customer_analytics.metrics.backtest.level import Totals
from customer_analytics.metrics.forecasting.learning import Learner
from customer_analytics.metrics.forecasting.plan import plan_for
from customer_analytics.warehouse.schema import migrate

ORIGINS = [date(2024, month, 28) for month in range(1, 5)]
NOISE = np.random.default_rng(1).normal(0, 1, DRAWS)


def judged(
    model: str,
    error: float,
    own_noise: float = 0.0,
    origins: Sequence[date] = ORIGINS,
    predicted: float | Sequence[float] = 1000,
    actual: float = 1000,
) -> list[Judged]:
    """A candidate with this mean absolute error; noise of its own makes the difference to others unsure.

    ``predicted`` and ``actual`` is what all customers spend after an origin, the former by origin or ever the same.
    """
    own = np.random.default_rng(len(model)).normal(0, own_noise, DRAWS)
    figure = Figure(error, error + NOISE + own)
    totals = [Totals(float(total), actual) for total in np.broadcast_to(predicted, len(origins))]
    return [Judged(origin, model, 1000, figure, total) for origin, total in zip(origins, totals, strict=True)]


def decided(
    *candidates: list[Judged], incumbent: str = "baseline", target: Target = "spend"
) -> dict[str, tuple[str, str]]:
    """Of each challenger, what came of it and who is used then."""
    everyone = [one for candidate in candidates for one in candidate]
    return {one.challenger: (one.verdict, one.champion) for one in decide(target, everyone, ORIGINS, incumbent)}


def test_who_is_better_wins_who_is_equal_ties_who_is_worse_loses() -> None:
    assert decided(judged("baseline", 40), judged("better", 32), judged("equal", 40), judged("worse", 50)) == {
        "better": ("wins", "better"),
        "equal": ("ties", "better"),
        "worse": ("loses", "better"),
    }


def test_without_a_winner_nobody_takes_over() -> None:
    assert decided(judged("baseline", 40), judged("equal", 40), judged("worse", 50)) == {
        "equal": ("ties", "baseline"),
        "worse": ("loses", "baseline"),
    }


def test_what_is_better_on_paper_only_ties() -> None:
    assert decided(judged("baseline", 40), judged("lucky", 36, own_noise=5)) == {"lucky": ("ties", "baseline")}


def test_a_difference_of_less_than_a_hundredth_is_a_tie_however_sure() -> None:
    assert decided(judged("baseline", 40), judged("near", 39.7)) == {"near": ("ties", "baseline")}
    assert decided(judged("baseline", 40), judged("near", 39.5)) == {"near": ("wins", "near")}
    assert decided(judged("baseline", 40), judged("near", 40.3)) == {"near": ("ties", "baseline")}


def test_of_several_winners_the_best_takes_over() -> None:
    assert decided(judged("baseline", 40), judged("good", 35), judged("best", 30)) == {
        "good": ("wins", "best"),
        "best": ("wins", "best"),
    }


def test_the_champion_of_before_must_be_beaten_not_the_baseline() -> None:
    assert decided(judged("baseline", 40), judged("champion", 30), judged("late", 35), incumbent="champion") == {
        "baseline": ("loses", "champion"),
        "late": ("loses", "champion"),
    }


def test_two_month_ends_are_too_few() -> None:
    assert decided(judged("baseline", 40), judged("better", 30, origins=ORIGINS[2:])) == {}
    assert decided(judged("baseline", 40), judged("better", 30, origins=ORIGINS[1:])) == {"better": ("wins", "better")}


def test_month_ends_of_more_than_a_year_ago_do_not_count() -> None:
    origins = [date(2022 + month // 12, 1 + month % 12, 28) for month in range(24)]
    everyone = [*judged("baseline", 40, origins=origins), *judged("better", 10, origins=origins[:12])]
    everyone += judged("better", 50, origins=origins[12:])
    (found,) = decide("spend", everyone, origins, "baseline")
    assert (found.verdict, found.origins, found.first_origin) == ("loses", 12, origins[12])


def test_who_was_not_judged_at_the_latest_month_end_is_not_used() -> None:
    gone = judged("gone", 20, origins=ORIGINS[:3])
    assert decided(judged("baseline", 40), gone) == {}
    assert decided(judged("baseline", 40), gone, judged("better", 30), incumbent="gone") == {
        "better": ("wins", "better")
    }
    assert decided(gone, judged("better", 30), incumbent="gone") == {}


def test_who_forecasts_too_little_or_too_much_for_everybody_is_not_used_whatever_the_error() -> None:
    assert decided(
        judged("baseline", 40, predicted=1800),
        judged("low", 20, predicted=499),
        judged("high", 20, predicted=2001),
        judged("near", 30, predicted=501),
    ) == {"low": ("loses", "near"), "high": ("loses", "near"), "near": ("wins", "near")}


def test_the_total_is_that_of_all_month_ends_together() -> None:
    christmas = judged("model", 30, predicted=[100, 1000, 1000, 1000])
    assert decided(judged("baseline", 40), christmas) == {"model": ("wins", "model")}
    (found,) = decide("spend", [*judged("baseline", 40), *christmas], ORIGINS, "baseline")
    assert found.challenger_level == 0.775


@pytest.mark.parametrize(("in_use", "verdict"), [(0, "wins"), (300, "wins"), (3000, "loses"), (3300, "wins")])
def test_who_is_far_off_may_still_take_over_from_who_is_further_off(in_use: float, verdict: str) -> None:
    ((found, _),) = decided(judged("baseline", 40, predicted=in_use), judged("better", 30, predicted=310)).values()
    assert found == verdict


def test_nothing_at_all_is_no_forecast() -> None:
    for in_use in (0, 10, 10_000):
        nothing = judged("nothing", 20, predicted=0)
        assert decided(judged("baseline", 40, predicted=in_use), nothing) == {"nothing": ("loses", "baseline")}


def test_where_nobody_spent_anything_the_error_decides() -> None:
    right = judged("right", 1, predicted=0, actual=0)
    assert decided(judged("baseline", 40, actual=0), right) == {"right": ("wins", "right")}


def test_a_probability_is_not_asked_for_the_level_of_spend() -> None:
    assert decided(
        judged("mbg_nbd", 40), judged("better", 30, predicted=10), incumbent="mbg_nbd", target="no_order"
    ) == {"better": ("wins", "better")}


def test_until_something_is_decided_the_gate_names_what_the_forecast_is_made_with() -> None:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        plan = plan_for(connection, Learner(connection), ORIGINS[0])
        assert plan.model == champion(connection, ORIGINS[0], 90, "no_order")


def comparison(verdict: str, challenger: float, low: float | None, high: float | None, champion: str) -> Comparison:
    first, last = ORIGINS[0], ORIGINS[-1]
    return Comparison(
        "spend",
        "pareto_nbd",
        "baseline",
        4,
        first,
        last,
        39.6,
        challenger,
        0.31,
        challenger - 39.6,
        low,
        high,
        verdict,  # type: ignore[arg-type]
        champion,
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            comparison("wins", 31.9, -8.1, -6.9, "pareto_nbd"),
            (
                "pareto_nbd beats baseline: mean absolute error 31.9 against 39.6 (difference -8.1 to -6.9); "
                "used from now on"
            ),
        ),
        (
            comparison("wins", 31.9, -8.1, -6.9, "logistic"),
            (
                "pareto_nbd beats baseline: mean absolute error 31.9 against 39.6 (difference -8.1 to -6.9); "
                "logistic is better still, so not used"
            ),
        ),
        (
            comparison("ties", 38.6, -2.1, 0.2, "baseline"),
            "pareto_nbd ties with baseline: mean absolute error 38.6 against 39.6 (difference -2.1 to 0.2); not used",
        ),
        (
            comparison("ties", 39.5, -0.15, -0.05, "baseline"),
            "pareto_nbd ties with baseline: mean absolute error 39.5 against 39.6 (less than 1% apart); not used",
        ),
        (
            comparison("ties", 20, None, None, "baseline"),
            "pareto_nbd ties with baseline: mean absolute error 20.0 against 39.6 (too few customers to say); not used",
        ),
        (
            comparison("loses", 50.2, 9, 11, "baseline"),
            (
                "pareto_nbd loses against baseline: mean absolute error 50.2 against 39.6 (difference 9.0 to 11.0);"
                " not used"
            ),
        ),
        (
            comparison("loses", 31.9, -8.1, -6.9, "baseline"),
            (
                "pareto_nbd has a smaller error than baseline, but forecasts 0.31 times what was spent: "
                "mean absolute error 31.9 against 39.6 (difference -8.1 to -6.9); not used"
            ),
        ),
    ],
)
def test_what_came_of_it_in_words(found: Comparison, words: str) -> None:
    assert verdict_in_words(found) == words
