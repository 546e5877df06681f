"""What is expected of all customers together, and how earlier forecasts came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from customer_analytics.metrics.backtest.champions import champion
from customer_analytics.metrics.backtest.gate import SPEND_HORIZON
from customer_analytics.metrics.forecasting.naming import bare, is_unproven, named_for
from customer_analytics.reporting.health.statements import statement

# The horizon by which forecasts are held against what happened: a year's would always be a year old.
TOLD_HORIZON = SPEND_HORIZON
SHOWN_ORIGINS = 24
# In the order in which forecast_day.sql has them.
SHOWN_HORIZONS = (90, 365)
BASELINE = "baseline"


@dataclass(frozen=True)
class Expected:
    """Expected spend in currency units, gross of refunds, and how far below and above it nine cases of ten come out.

    None where that is not kept any more.
    """

    amount: Decimal
    below: float | None
    above: float | None

    def interval(self, ratios: Sequence[float]) -> tuple[float, float] | None:
        """Nine cases of ten lie in it, if customers decide independently; nobody spends less than nothing.

        But forecasts also err for all customers together: it is made as wide as earlier ones were off, by ``ratios``.
        None where none was held against what happened yet.
        """
        if self.below is None or self.above is None or not ratios:
            return None
        off = [float(self.amount) * ratio for ratio in ratios]
        low, high = max(0.0, float(self.amount) - self.below), float(self.amount) + self.above
        return min([low, *off]), max([high, *off])


@dataclass(frozen=True)
class Forecast:
    """A day's forecast over all its customers. ``label`` is ``ok``, ``prior-dominated`` or ``fallback``.

    ``named`` is what the forecast's column ``model`` says; ``expected`` has each of ``SHOWN_HORIZONS``.
    """

    named: str
    label: str
    customers: int
    expected: Mapping[int, Expected]

    @property
    def model(self) -> str:
        """The model alone."""
        return bare(self.named)

    @property
    def is_unproven(self) -> bool:
        """Whether it has not beaten the baseline."""
        return is_unproven(self.named)

    def named_for(self, days: int) -> str:
        """What made the forecast of so many days; ``(unproven)`` after it where that has not beaten the baseline."""
        return named_for(self.named, days)


@dataclass(frozen=True)
class Origin:
    """A forecast whose time is over: spend in the days after ``day`` as expected, as it was, and by the baseline."""

    day: date
    customers: int
    predicted: float
    actual: float
    baseline: float | None


@dataclass(frozen=True)
class TrackRecord:
    """How forecasts of ``model`` came out, the oldest first."""

    model: str
    origins: tuple[Origin, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """What was spent for each unit that was expected, by origin."""
        return tuple(origin.actual / origin.predicted for origin in self.origins if origin.predicted > 0)


def read_forecast(connection: duckdb.DuckDBPyConnection, day: date) -> Forecast | None:
    """The forecast of ``day``, if there is one."""
    row = connection.execute(statement("forecast_day"), {"day": day}).fetchone()
    if row is None:
        return None
    named, label, customers, *numbers = row
    expected = {days: Expected(*numbers[3 * place : 3 * place + 3]) for place, days in enumerate(SHOWN_HORIZONS)}
    return Forecast(named, label, customers, expected)


def read_track_record(
    connection: duckdb.DuckDBPyConnection, day: date, forecast: Forecast | None, horizon: int
) -> TrackRecord:
    """How good the model of ``forecast`` is over ``horizon`` days, or else the champion, as was known by ``day``."""
    model = bare(forecast.named_for(horizon)) if forecast else champion(connection, day, SPEND_HORIZON, "spend")
    asked = {"day": day, "horizon": horizon, "model": model, "baseline": BASELINE, "origins": SHOWN_ORIGINS}
    origins = connection.execute(statement("totals_forecast"), asked).fetchall()
    return TrackRecord(model, tuple(Origin(*row) for row in origins))
