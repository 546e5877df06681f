"""Everything that the page says of a day, read at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.metrics.backtest.gate import Comparison
from customer_analytics.metrics.backtest.reading import read_comparisons
from customer_analytics.reporting.health.cohorts import Cohorts, read_cohorts
from customer_analytics.reporting.health.forecast import (
    SHOWN_HORIZONS,
    Forecast,
    TrackRecord,
    read_forecast,
    read_track_record,
)
from customer_analytics.reporting.health.listing import CallList, Moves, read_calls, read_moves
from customer_analytics.reporting.health.totals import History, read_histories
from customer_analytics.reporting.health.trust import Caution, Gravity, SourceStrip, read_cautions, read_strips


@dataclass(frozen=True)
class HealthFigures:
    """The figures of a day. What has not been computed, or was not kept, is empty or None.

    ``delivered_from`` is the first day that any source has; None while nothing was ever published. By horizon
    ``track_records`` say how earlier forecasts came out, and ``decisions`` which candidates beat what was in use.
    """

    day: date
    delivered_from: date | None
    cautions: tuple[Caution, ...]
    history: History
    forecast: Forecast | None
    calls: CallList
    moves: Moves
    cohorts: Cohorts
    track_records: Mapping[int, TrackRecord]
    decisions: Mapping[int, tuple[Comparison, ...]]
    strips: tuple[SourceStrip, ...]

    def gravity(self, dataset: str) -> Gravity | None:
        """The gravest caution about a dataset, if there is one."""
        return next((each.gravity for each in self.cautions if dataset in (each.dataset, *each.affects)), None)


def read_health_figures(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> Iterator[HealthFigures]:
    """Read what is known of each of ``days`` from the warehouse, or from a snapshot of it.

    What many days have in common is read at the beginning, everything else day by day. Makes temporary tables.
    """
    first = connection.execute("select min(delivery_day) from quality.deliveries").fetchone()
    histories, cohorts = read_histories(connection, days), read_cohorts(connection, days)
    for day in days:
        strips = read_strips(connection, day)
        forecast = read_forecast(connection, day)
        yield HealthFigures(
            day=day,
            delivered_from=first[0] if first else None,
            cautions=read_cautions(connection, day, strips),
            history=histories[day],
            forecast=forecast,
            calls=read_calls(connection, day),
            moves=read_moves(connection, day),
            cohorts=cohorts[day],
            track_records={each: read_track_record(connection, day, forecast, each) for each in SHOWN_HORIZONS},
            decisions=read_comparisons(connection, day),
            strips=strips,
        )
