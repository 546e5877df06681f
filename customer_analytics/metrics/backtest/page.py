"""The backtest as a page of Markdown: who is used and why, what did not win, what was forecast and what came."""

from collections.abc import Sequence
from datetime import date

import duckdb

from customer_analytics.metrics.backtest.gate import CRITERIA, FEWEST_ORIGINS, SPEND_HORIZON, Target, verdict_in_words
from customer_analytics.metrics.backtest.reading import HorizonBacktest, StoredFigure, read_backtest
from customer_analytics.metrics.forecasting.fits import DEFAULT_MODEL

_TARGETS: dict[Target, str] = {"spend": "Expected spend", "no_order": "Probability of no order"}
_SEGMENTS = {"all": "All customers", "recently_active": "Those who had just ordered"}
# What is shown of each measure: its title, and how its numbers look.
_MEASURES = {
    "mae": ("mean absolute error", ",.1f"),
    "rmse": ("root mean squared error", ",.1f"),
    "bias": ("bias", "+.0%"),
    "gini": ("normalised Gini", ".2f"),
    "top_decile_lift": ("top-decile lift", ".2f"),
    "auc": ("AUC", ".3f"),
    "brier": ("Brier", ".4f"),
    "ece": ("calibration error", ".3f"),
    "flip_rate": ("flip rate", ".1%"),
}


def backtest_page(connection: duckdb.DuckDBPyConnection, day: date) -> str:
    """What was known at the end of ``day``, one section a horizon."""
    return "\n\n".join(part for one in read_backtest(connection, day) for part in _section(one)) + "\n"


def _section(backtest: HorizonBacktest) -> list[str]:
    title = f"## The next {backtest.horizon} days"
    if not backtest.latest:
        return [title, "Nothing can be judged yet.", *(_in_use(backtest, target) for target in CRITERIA)]
    origin, month_ends = backtest.latest[0].origin, "month end" if backtest.origins == 1 else "month ends"
    known = (
        f"Judged at {backtest.origins} {month_ends}, the latest {origin}. Amounts are in currency units; 95 of 100 "
        "resamplings of the customers lie in the range in brackets."
    )
    parts = [title, known, *(_decision(backtest, target) for target in CRITERIA)]
    for segment, words in _SEGMENTS.items():
        of_segment = [one for one in backtest.latest if one.segment == segment and one.measure in _MEASURES]
        if of_segment:
            parts += [f"### {words}, {of_segment[0].customers:,} as of {origin}", _figures_table(of_segment)]
    return [*parts, "### Forecast against actual", _totals_table(backtest.totals)]


def _decision(backtest: HorizonBacktest, target: Target) -> str:
    used = _in_use(backtest, target)
    compared = [verdict_in_words(one) for one in backtest.comparisons if one.target == target]
    if not compared:
        return f"{used} Nothing is decided before {FEWEST_ORIGINS} month ends at which it can be compared."
    return "\n".join([used, "", *(f"- {words}" for words in compared)])


def _in_use(backtest: HorizonBacktest, target: Target) -> str:
    """What the forecast uses: the baseline itself knows no horizon, so the default model stands in for it."""
    champion = backtest.champions[target]
    if target == "spend" and backtest.horizon != SPEND_HORIZON:
        is_decided = any(one.target == target for one in backtest.comparisons)
        best = f" Of {backtest.horizon} days {champion} is best." if is_decided else ""
        return f"**{_TARGETS[target]}: what {SPEND_HORIZON} days decide holds here too.**{best}"
    if target == "spend" and champion == CRITERIA[target].default:
        return f"**{_TARGETS[target]}: nothing has beaten {champion} yet; {DEFAULT_MODEL} is used, as unproven.**"
    return f"**{_TARGETS[target]}: {champion} is used.**"


def _figures_table(figures: Sequence[StoredFigure]) -> str:
    by_place = {(one.model, one.measure): one for one in figures}
    shown = [name for name in _MEASURES if any(measure == name for _, measure in by_place)]
    rows = [
        [model, *(_cell(by_place.get((model, measure)), _MEASURES[measure][1]) for measure in shown)]
        for model in sorted({one.model for one in figures})
    ]
    return _table(["model", *(_MEASURES[measure][0] for measure in shown)], rows)


def _totals_table(totals: Sequence[StoredFigure]) -> str:
    models = sorted({one.model for one in totals})
    by_place = {(one.origin, one.model, one.measure): one.value for one in totals}
    rows = []
    for origin in sorted({one.origin for one in totals}):
        actual = next(one.value for one in totals if one.origin == origin and one.measure == "total_actual")
        predicted = [by_place.get((origin, model, "total_predicted")) for model in models]
        rows.append([str(origin), f"{actual:,.0f}", *("" if value is None else f"{value:,.0f}" for value in predicted)])
    return _table(["month end", "actual", *models], rows)


def _cell(figure: StoredFigure | None, number: str) -> str:
    if figure is None:
        return ""
    value = format(figure.value, number)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({format(figure.low, number)} to {format(figure.high, number)})"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
