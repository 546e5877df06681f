"""The page's plots. Each is left out where there is too little to draw."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from customer_analytics.reporting.health.cohorts import Cohorts
from customer_analytics.reporting.health.drawing import Plot
from customer_analytics.reporting.health.figures import HealthFigures
from customer_analytics.reporting.health.forecast import TOLD_HORIZON, TrackRecord
from customer_analytics.reporting.health.palette import LIGHT
from customer_analytics.reporting.health.words import Number, count, model, share, short_day

LEAST_POINTS = 2
MOST_DAY_TICKS = 6
# So many days have enough beginnings of months among them to tell the rest by.
MANY_DAYS = 62
NOT_KNOWN = float("nan")


def plots_of(figures: HealthFigures) -> dict[str, Plot]:
    """All plots of the page, by name."""
    days = figures.history.days
    plots = (
        _over_time("value", "Lifetime value of all customers", [(day.day, day.value) for day in days]),
        _over_time("expected", "Expected spend in 90 days", [(day.day, day.expected_spend_90d) for day in days]),
        _over_time("at-risk", "Customers on the list", [(day.day, day.at_risk) for day in days], LIGHT.risk),
        _over_time("value-at-risk", "Value at risk", [(day.day, day.value_at_risk) for day in days], LIGHT.risk),
        _cohort_curves(figures.cohorts),
        _forecast_and_actual(figures.track_records[TOLD_HORIZON]),
    )
    return {plot.name: plot for plot in plots if plot}


def _over_time(
    name: str, title: str, course: Sequence[tuple[date, Number | None]], colour: str = LIGHT.value
) -> Plot | None:
    known = [(day, value) for day, value in course if value is not None]
    if len(known) < LEAST_POINTS:
        return None
    days = [day for day, _ in course if day >= known[0][0]]
    line = [NOT_KNOWN if value is None else float(value) for _, value in course[-len(days) :]]

    def paint(axes: Axes) -> None:
        axes.plot(_numbers(days), line, color=colour)
        axes.fill_between(_numbers(days), line, color=colour, alpha=0.12, linewidth=0)
        axes.set_ylim(bottom=min(0.0, *(float(value) for _, value in known)))
        _mark_last(axes, known[-1][0], known[-1][1], colour)
        _days_below(axes, [day for day in days if day.day == 1] if len(days) > MANY_DAYS else days)
        _amounts_beside(axes)

    return Plot(name, title, _course(known), paint)


@lru_cache(maxsize=1)  # They hardly change from day to day.
def _cohort_curves(cohorts: Cohorts) -> Plot | None:
    average = cohorts.average
    if len(average) <= LEAST_POINTS:
        return None
    months = range(1, len(average))

    def paint(axes: Axes) -> None:
        for cohort in cohorts.cohorts:
            if not cohort.is_first:
                axes.plot(range(1, len(cohort.again)), cohort.shares[1:], color=LIGHT.rule, linewidth=1)
        axes.plot(months, average[1:], color=LIGHT.value, marker="o", linewidth=2.2, clip_on=False)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value)))
        axes.set_xlabel("months after the first order")

    words = "; ".join(f"month {month}: {share(average[month], 1)}" for month in months)
    return Plot(
        "cohorts", "Share of customers who order again", f"Over all cohorts but the first of the data: {words}.", paint
    )


@lru_cache(maxsize=1)
def _forecast_and_actual(record: TrackRecord) -> Plot | None:
    origins = record.origins
    if len(origins) < LEAST_POINTS:
        return None
    days = [origin.day for origin in origins]

    def paint(axes: Axes) -> None:
        predicted, actual = ([getattr(each, name) for each in origins] for name in ("predicted", "actual"))
        axes.plot(_numbers(days), predicted, color=LIGHT.value, linestyle="--", marker="o", label="expected")
        if all(each.baseline is not None for each in origins):
            baseline = [each.baseline or 0.0 for each in origins]
            axes.plot(_numbers(days), baseline, color=LIGHT.other, linestyle=":", label=model("baseline"))
        axes.plot(_numbers(days), actual, color=LIGHT.risk, marker="s", label="spent")
        axes.set_ylim(bottom=0)
        axes.legend(loc="lower left", ncols=3, borderaxespad=0.2, columnspacing=1)
        _days_below(axes, days)
        _amounts_beside(axes)

    words = "; ".join(
        f"from {each.day}: {count(each.predicted)} expected, {count(each.actual)} spent" for each in origins
    )
    title = f"Spend in {TOLD_HORIZON} days, forecast by {model(record.model)}"
    return Plot("forecast", title, f"{words}.", paint)


def _course(known: Sequence[tuple[date, Number]]) -> str:
    """A line in words."""
    least, most = min(known, key=lambda each: each[1]), max(known, key=lambda each: each[1])
    return (
        f"From {count(known[0][1])} on {known[0][0]} to {count(known[-1][1])} on {known[-1][0]}; least "
        f"{count(least[1])} on {least[0]}, most {count(most[1])} on {most[0]}."
    )


def _mark_last(axes: Axes, day: date, value: Number, colour: str) -> None:
    place = (day.toordinal(), float(value))
    axes.plot(*place, color=colour, marker="o")
    axes.annotate(
        compact(float(value)),
        place,
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        color=LIGHT.ink,
        fontweight="bold",
    )


def _numbers(days: Sequence[date]) -> list[int]:
    return [day.toordinal() for day in days]


def _days_below(axes: Axes, days: Sequence[date]) -> None:
    told = days[:: -(-len(days) // MOST_DAY_TICKS)]
    axes.set_xticks(_numbers(told), [short_day(day) for day in told])


def _amounts_beside(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))


def compact(value: float) -> str:
    """A number that fits beside a plot: ``1.2M``, ``350k``, ``12``."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
