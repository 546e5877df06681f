"""Customer value and customers at risk, with what keeps them up to date."""

import dagster as dg

from customer_analytics.components.as_of_asset import AsOfAsset, build_as_of_asset
from customer_analytics.components.as_of_automation import build_ready_schedule, build_refresh_sensor
from customer_analytics.components.partitions import daily_partitions
from customer_analytics.metrics.as_of import compute_at_risk_customers, compute_customer_lifetime_value
from customer_analytics.metrics.audit import (
    AT_RISK_CUSTOMERS_CHECKS,
    CUSTOMER_LIFETIME_VALUE_CHECKS,
    audit_at_risk_customers,
    audit_customer_lifetime_value,
)
from customer_analytics.metrics.columns import AT_RISK_CUSTOMERS_COLUMNS, CUSTOMER_LIFETIME_VALUE_COLUMNS
from customer_analytics.metrics.derived import AT_RISK_CUSTOMERS, CUSTOMER_LIFETIME_VALUE
from customer_analytics.settings import Settings

ASSETS = (
    AsOfAsset(
        derived=CUSTOMER_LIFETIME_VALUE,
        description="What each customer is worth as of the end of the day, from all orders delivered by then.",
        owners=["team:analytics"],
        columns=CUSTOMER_LIFETIME_VALUE_COLUMNS,
        compute=compute_customer_lifetime_value,
        checks=CUSTOMER_LIFETIME_VALUE_CHECKS,
        audit=audit_customer_lifetime_value,
        plotted=lambda figures: {"customers": figures.row_count, "total_clv": float(figures.total_clv)},
    ),
    AsOfAsset(
        derived=AT_RISK_CUSTOMERS,
        description="Who is about to leave as of the end of the day, by the tickets of the 30 days that end with it.",
        owners=["team:customer-success"],
        columns=AT_RISK_CUSTOMERS_COLUMNS,
        compute=compute_at_risk_customers,
        checks=AT_RISK_CUSTOMERS_CHECKS,
        audit=audit_at_risk_customers,
        plotted=lambda figures: {
            "at_risk_customers": figures.row_count,
            "customers_without_orders": figures.customers_without_orders,
        },
    ),
)


@dg.definitions
def customers() -> dg.Definitions:
    """Both assets, the sensor that refreshes them, and the time by which they must be ready."""
    settings = Settings()
    partitions = daily_partitions(settings)
    assets = {asset.name: build_as_of_asset(asset, partitions, settings.serving_path) for asset in ASSETS}
    return dg.Definitions(
        assets=list(assets.values()),
        sensors=[build_refresh_sensor(assets, partitions)],
        schedules=[build_ready_schedule(assets, partitions, settings.ready_cron, settings.ready_timezone)],
    )
