"""The derived assets: how each is computed, checked and described. What fits models is imported when it is used."""

from collections.abc import Sequence
from datetime import date, datetime

import duckdb

from customer_analytics.components.as_of_asset import AsOfAsset, Compute
from customer_analytics.metrics.as_of import compute_customer_lifetime_value
from customer_analytics.metrics.at_risk.policy import AtRiskPolicy
from customer_analytics.metrics.derived import (
    AT_RISK_CUSTOMERS,
    CUSTOMER_FEATURES,
    CUSTOMER_LIFETIME_VALUE,
    CUSTOMER_VALUE_FORECAST,
    FORECAST_BACKTEST,
)
from customer_analytics.metrics.features import compute_customer_features


def derived_assets(policy: AtRiskPolicy) -> tuple[AsOfAsset, ...]:
    """All of them, in the order in which they are computed; ``policy`` says who is at risk."""
    return (
        AsOfAsset(
            derived=CUSTOMER_LIFETIME_VALUE,
            description="What each customer is worth as of the end of the day, from all orders delivered by then.",
            compute=compute_customer_lifetime_value,
        ),
        AsOfAsset(
            derived=CUSTOMER_FEATURES,
            description="What was known of each customer as of the end of the day, for models and for other teams.",
            compute=compute_customer_features,
        ),
        AsOfAsset(
            derived=FORECAST_BACKTEST,
            description="How good every forecast would have been at past month ends, and which of them is good enough.",
            grain="origin, horizon_days, model, segment, measure",
            compute=_compute_forecast_backtest,
            page=_backtest_page,
        ),
        AsOfAsset(
            derived=CUSTOMER_VALUE_FORECAST,
            description="What each customer is expected to order and spend in the next 30, 90 and 365 days.",
            compute=_compute_customer_value_forecast,
        ),
        AsOfAsset(
            derived=AT_RISK_CUSTOMERS,
            description="Who is about to leave as of the end of the day, why, and what to do about it.",
            compute=_at_risk_by(policy),
        ),
    )


def _compute_forecast_backtest(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    from customer_analytics.metrics.backtest.compute import compute_forecast_backtest

    compute_forecast_backtest(connection, days, run_id, computed_at)


def _backtest_page(connection: duckdb.DuckDBPyConnection, day: date) -> str:
    from customer_analytics.metrics.backtest.page import backtest_page

    return backtest_page(connection, day)


def _compute_customer_value_forecast(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    from customer_analytics.metrics.forecasting.compute import compute_customer_value_forecast

    compute_customer_value_forecast(connection, days, run_id, computed_at)


def _at_risk_by(policy: AtRiskPolicy) -> Compute:
    def compute(
        connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
    ) -> None:
        from customer_analytics.metrics.at_risk.compute import compute_at_risk_customers

        compute_at_risk_customers(connection, days, run_id, computed_at, policy)

    return compute
