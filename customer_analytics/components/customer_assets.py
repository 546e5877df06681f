"""The component that turns the YAML of what is derived of customers into its assets and what keeps them up to date."""

import dagster as dg
from pydantic import Field, field_validator

from customer_analytics.components.as_of_asset import AsOfAsset, build_as_of_asset
from customer_analytics.components.as_of_automation import build_ready_schedule, build_refresh_sensor
from customer_analytics.components.declarations import DeclaredOutput
from customer_analytics.components.partitions import daily_partitions
from customer_analytics.metrics.as_of import compute_at_risk_customers, compute_customer_lifetime_value
from customer_analytics.metrics.audit import (
    AT_RISK_CUSTOMERS_CHECKS,
    CUSTOMER_LIFETIME_VALUE_CHECKS,
    audit_at_risk_customers,
    audit_customer_lifetime_value,
)
from customer_analytics.metrics.columns import AT_RISK_CUSTOMERS_COLUMNS, CUSTOMER_LIFETIME_VALUE_COLUMNS
from customer_analytics.metrics.derived import AT_RISK_CUSTOMERS, CUSTOMER_LIFETIME_VALUE, DERIVED_ASSETS
from customer_analytics.settings import Settings

ASSETS = (
    AsOfAsset(
        derived=CUSTOMER_LIFETIME_VALUE,
        description="What each customer is worth as of the end of the day, from all orders delivered by then.",
        columns=CUSTOMER_LIFETIME_VALUE_COLUMNS,
        compute=compute_customer_lifetime_value,
        checks=CUSTOMER_LIFETIME_VALUE_CHECKS,
        audit=audit_customer_lifetime_value,
        plotted=lambda figures: {"customers": figures.row_count, "total_clv": float(figures.total_clv)},
    ),
    AsOfAsset(
        derived=AT_RISK_CUSTOMERS,
        description="Who is about to leave as of the end of the day, by the tickets of the 30 days that end with it.",
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


class CustomerAssets(dg.Component, dg.Model, dg.Resolvable):
    """What is derived of customers, each with its checks, a sensor that refreshes it, and a time to be ready by."""

    outputs: dict[str, DeclaredOutput] = Field(default_factory=dict, description="By asset; all have defaults.")

    @field_validator("outputs")
    @classmethod
    def _derived(cls, outputs: dict[str, DeclaredOutput]) -> dict[str, DeclaredOutput]:
        unknown = sorted(set(outputs) - set(DERIVED_ASSETS))
        if unknown:
            message = f"outputs names {unknown}; what is derived is {', '.join(DERIVED_ASSETS)}"
            raise ValueError(message)
        return {name: outputs.get(name, DeclaredOutput()) for name in DERIVED_ASSETS}

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The assets, the sensor that refreshes them, and a schedule for each."""
        settings = Settings()
        partitions = daily_partitions(settings)
        assets = {
            asset.name: build_as_of_asset(asset, self.outputs[asset.name], partitions, settings.serving_path)
            for asset in ASSETS
        }
        breakers = {name: output.breaker for name, output in self.outputs.items()}
        schedules = [
            build_ready_schedule(name, asset, partitions, self.outputs[name].schedule) for name, asset in assets.items()
        ]
        return dg.Definitions(
            assets=list(assets.values()),
            sensors=[build_refresh_sensor(assets, partitions, breakers)],
            schedules=schedules,
        )
