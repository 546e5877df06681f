"""Today in numbers: each beside what it was a week ago."""

from collections.abc import Callable
from dataclasses import dataclass

from customer_analytics.metrics.derived import AT_RISK_CUSTOMERS, CUSTOMER_LIFETIME_VALUE, CUSTOMER_VALUE_FORECAST
from customer_analytics.reporting.health.figures import HealthFigures
from customer_analytics.reporting.health.totals import DayTotals
from customer_analytics.reporting.health.trust import Gravity
from customer_analytics.reporting.health.words import Number, change, count, model

VALUE_AT_RISK = "of those on the list: revenue of the last year times the probability of no order in 90 days"


@dataclass(frozen=True)
class Tile:
    """One number. ``gravity`` says whether it must not be used (stop) or only with care (care)."""

    title: str
    number: str
    note: str
    change: str
    gravity: Gravity | None


def tiles(figures: HealthFigures) -> tuple[Tile, ...]:
    """The numbers at the top of the page."""
    spent, before = figures.history.today.revenue, figures.history.week_ago
    worth = "estimated by the CLV formula" + ("" if spent is None else f"; {count(spent)} spent so far")
    valued, judged = CUSTOMER_LIFETIME_VALUE.name, AT_RISK_CUSTOMERS.name
    return (
        _total(figures, valued, "Customers", lambda day: day.customers, "who have ordered so far"),
        _total(figures, valued, "Lifetime value", lambda day: day.value, worth),
        _forecast(figures, 90, before.expected_spend_90d),
        _forecast(figures, 365, before.expected_spend_365d),
        _total(figures, judged, "Customers at risk", lambda day: day.at_risk, "on the list"),
        _total(figures, judged, "Value at risk", lambda day: day.value_at_risk, VALUE_AT_RISK),
    )


def _total(
    figures: HealthFigures, dataset: str, title: str, read: Callable[[DayTotals], Number | None], note: str
) -> Tile:
    now, before = read(figures.history.today), read(figures.history.week_ago)
    if now is None:
        return _missing(title, "not computed for this day")
    return Tile(title, count(now), note, _in_a_week(now, before), figures.gravity(dataset))


def _forecast(figures: HealthFigures, days: int, before: Number | None) -> Tile:
    title = f"Next {days} days"
    if figures.forecast is None:
        return _missing(title, "no forecast for this day")
    expected = figures.forecast.expected[days]
    interval = expected.interval(figures.track_records[days].ratios)
    within = f", nine times of ten {count(interval[0])} to {count(interval[1])}" if interval else ""
    note = f"expected spend{within}, by {model(figures.forecast.named_for(days))}"
    gravity = figures.gravity(CUSTOMER_VALUE_FORECAST.name)
    return Tile(title, count(expected.amount), note, _in_a_week(expected.amount, before), gravity)


def _missing(title: str, why: str) -> Tile:
    return Tile(title, count(None), why, "", None)


def _in_a_week(now: Number, before: Number | None) -> str:
    return "no number of a week ago" if before is None else f"{change(now, before)} in a week"
