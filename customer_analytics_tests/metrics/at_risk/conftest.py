"""Forecasts that a test can set."""

from collections.abc import Callable
from datetime import date

import pytest

from customer_analytics.metrics.at_risk import compute
from customer_analytics_tests.metrics.at_risk.stories import Forecasts, forecast_by


@pytest.fixture(autouse=True)
def forecast(monkeypatch: pytest.MonkeyPatch) -> Callable[[Forecasts], None]:
    """Nothing is forecast of anybody, until a test says otherwise."""

    def given(forecasts: Forecasts) -> None:
        monkeypatch.setattr(compute, "forecast_for", forecast_by(forecasts))

    def nothing(_: date) -> dict[str, float]:
        return {}

    given(nothing)
    return given
