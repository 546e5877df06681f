"""Which candidate is used: champion and challengers, compared on the same customers at the same month ends.

For each target there is one criterion. Of expected spend it is the mean absolute error over all customers: it is in
money, and one customer who orders for a whole company does not decide it, as with squares. Of the probability of no
order it is the Brier score over those who had just ordered. It is a strictly proper score (Gneiting and Raftery 2007,
"Strictly proper scoring rules, prediction, and estimation"): the true probability has the lowest, so it asks for
ranking and level at once, which neither AUC nor calibration does alone. Of those who had not ordered for long everybody
knows that most are gone; over all customers these easy cases would decide. A ranking without a level, as plain recency,
has no such score: it is held against the champion by AUC, in a check.

A challenger wins where the whole interval of the paired difference lies below 0, and the difference is worth a change:
models of one family differ in the same tiny way for every customer, which resampling customers takes for sure, and
another month may turn around. What is not surely and noticeably better is not used.

Of spend the level is asked for as well (``level.py``): the absolute error alone rewards forecasting too little.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from customer_analytics.metrics.backtest.bootstrap import Figure, difference, pooled, rounded
from customer_analytics.metrics.backtest.level import Totals, level_of, rules_out
from customer_analytics.metrics.forecasting.fits import DEFAULT_MODEL

Target = Literal["spend", "no_order"]
Verdict = Literal["wins", "ties", "loses"]

# Below so many month ends nothing is decided: one bad month, or one Christmas, must not.
FEWEST_ORIGINS = 3
# A year of month ends: each season counts once, and what was good long ago does not help.
MOST_ORIGINS = 12
# Which model forecasts spend is decided by this horizon for all of them: orders and spend should come from one model.
SPEND_HORIZON = 90
# A difference of less than this share of the incumbent's figure is a tie, however sure it is.
LEAST_DIFFERENCE = 0.01


@dataclass(frozen=True)
class Criterion:
    """What decides for a target; lower is better. ``default`` is used until something was decided.

    ``guards_level``: the measure alone does not ask for the right total, so that is asked for too.
    """

    target: Target
    measure: str
    segment: str
    in_words: str
    decimals: int
    default: str
    guards_level: bool


CRITERIA: Mapping[Target, Criterion] = {
    criterion.target: criterion
    for criterion in (
        Criterion("spend", "mae", "all", "mean absolute error", 1, default="baseline", guards_level=True),
        Criterion("no_order", "brier", "recently_active", "Brier score", 4, default=DEFAULT_MODEL, guards_level=False),
    )
}

# Who ranks without a level is held against the champion by this.
RANKING = ("auc", "recently_active")
COMPARED = {RANKING, *((criterion.measure, criterion.segment) for criterion in CRITERIA.values())}


@dataclass(frozen=True)
class Judged:
    """A candidate's figure of the criterion at one origin, and by how many customers.

    ``totals`` are None where it does not forecast spend.
    """

    origin: date
    model: str
    customers: int
    figure: Figure
    totals: Totals | None


@dataclass(frozen=True)
class Comparison:
    """A challenger against the incumbent over all origins at which both were judged; differences below 0 are better.

    ``champion`` is who is used after it. ``low`` and ``high`` are None where too few resamplings have both figures.
    ``challenger_level`` is what the challenger forecast for all customers together, over what they spent; None for
    targets for which no level is asked, and where nothing was spent.
    """

    target: Target
    challenger: str
    incumbent: str
    origins: int
    first_origin: date
    last_origin: date
    incumbent_figure: float
    challenger_figure: float
    challenger_level: float | None
    difference: float
    low: float | None
    high: float | None
    verdict: Verdict
    champion: str

    @property
    def is_off_level(self) -> bool:
        """Whether the challenger loses for its level, in spite of an error that is surely smaller."""
        return self.verdict == "loses" and self.high is not None and self.high < 0


def decide(target: Target, judged: Sequence[Judged], origins: Sequence[date], incumbent: str) -> list[Comparison]:
    """Hold every challenger against the incumbent, by what was known of ``origins``, the latest last.

    Of several that win the one takes over that is better by most. Who was not judged at the latest origin is not asked:
    neither a challenger, nor an incumbent, in whose place the default is then. Empty where too little is known.
    """
    used = sorted(origins)[-MOST_ORIGINS:]
    by_model: dict[str, dict[date, Judged]] = {}
    for one in judged:
        if one.origin in used:
            by_model.setdefault(one.model, {})[one.origin] = one
    present = {model: figures for model, figures in by_model.items() if max(figures) == used[-1]}
    champion = incumbent if incumbent in present else CRITERIA[target].default
    if champion not in present:
        return []
    found = [
        comparison
        for model in sorted(present.keys() - {champion})
        if (comparison := _compare(target, present[model], present[champion], champion))
    ]
    winners = [comparison for comparison in found if comparison.verdict == "wins"]
    best = min(winners, key=lambda comparison: comparison.difference).challenger if winners else champion
    return [replace(comparison, champion=best) for comparison in found]


def verdict_in_words(comparison: Comparison) -> str:
    """What came of a comparison, in a sentence; amounts are in currency units."""
    criterion = CRITERIA[comparison.target]

    def number(value: float) -> str:
        return f"{value:,.{criterion.decimals}f}"

    return (
        f"{comparison.challenger} {_outcome(comparison)}: {criterion.in_words} "
        f"{number(comparison.challenger_figure)} against {number(comparison.incumbent_figure)} "
        f"({_difference_in_words(comparison, number)}){_consequence(comparison)}"
    )


def _outcome(comparison: Comparison) -> str:
    if comparison.is_off_level:
        level = f"forecasts {comparison.challenger_level:.2f} times what was spent"
        return f"has a smaller error than {comparison.incumbent}, but {level}"
    verbs = {"wins": "beats", "ties": "ties with", "loses": "loses against"}
    return f"{verbs[comparison.verdict]} {comparison.incumbent}"


def _difference_in_words(comparison: Comparison, number: Callable[[float], str]) -> str:
    if abs(comparison.difference) < LEAST_DIFFERENCE * comparison.incumbent_figure:
        return f"less than {LEAST_DIFFERENCE:.0%} apart"
    if comparison.low is None or comparison.high is None:
        return "too few customers to say"
    return f"difference {number(comparison.low)} to {number(comparison.high)}"


def _consequence(comparison: Comparison) -> str:
    if comparison.champion == comparison.challenger:
        return "; used from now on"
    if comparison.verdict == "wins":
        return f"; {comparison.champion} is better still, so not used"
    return "; not used"


def _compare(
    target: Target, challenger: Mapping[date, Judged], incumbent: Mapping[date, Judged], name: str
) -> Comparison | None:
    """None where they were judged together at too few origins. The champion is the incumbent, until decided."""
    origins = sorted(challenger.keys() & incumbent.keys())
    if len(origins) < FEWEST_ORIGINS:
        return None
    of_challenger, of_incumbent = (
        pooled([(figures[origin].customers, figures[origin].figure) for origin in origins])
        for figures in (challenger, incumbent)
    )
    level, level_in_use = (
        level_of(figures[origin].totals for origin in origins) if CRITERIA[target].guards_level else None
        for figures in (challenger, incumbent)
    )
    paired = difference(of_challenger, of_incumbent)
    low, high = paired.interval or (None, None)
    verdict = _verdict(paired, of_incumbent)
    return Comparison(
        target,
        challenger[origins[0]].model,
        name,
        len(origins),
        origins[0],
        origins[-1],
        rounded(of_incumbent.value),
        rounded(of_challenger.value),
        level,
        paired.value,
        low,
        high,
        "loses" if verdict == "wins" and rules_out(level, level_in_use) else verdict,
        name,
    )


def _verdict(paired: Figure, incumbent: Figure) -> Verdict:
    between = paired.interval
    if between is None or abs(paired.value) < LEAST_DIFFERENCE * incumbent.value:
        return "ties"
    low, high = between
    return "wins" if high < 0 else "loses" if low > 0 else "ties"
