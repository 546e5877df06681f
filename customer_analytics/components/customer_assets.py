"""The component that turns the YAML of what is derived of customers into its assets and what keeps them up to date."""

from typing import Annotated, Any

import dagster as dg
from pydantic import Field, TypeAdapter, field_validator

from customer_analytics.components.as_of_asset import Places, build_as_of_asset
from customer_analytics.components.as_of_automation import build_ready_schedule, build_refresh_sensor
from customer_analytics.components.customer_aliases import build_aliases_sensor, build_customer_aliases
from customer_analytics.components.declarations import DeclaredOutput
from customer_analytics.components.derived_assets import derived_assets
from customer_analytics.components.partitions import daily_partitions
from customer_analytics.metrics.at_risk.policy import AtRiskPolicy
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.settings import Settings

AtRisk = Annotated[
    Any, dg.Resolver(lambda _, declared: TypeAdapter(AtRiskPolicy).validate_python(declared), model_field_type=dict)
]


class CustomerAssets(dg.Component, dg.Model, dg.Resolvable):
    """What is derived of customers, each with its checks, a sensor that refreshes it, and a time to be ready by."""

    outputs: dict[str, DeclaredOutput] = Field(default_factory=dict, description="By asset; all have defaults.")
    at_risk: AtRisk = Field(default_factory=AtRiskPolicy, description="Who is at risk, and how many can be called.")
    keep_days: int = Field(
        default=92, ge=1, description="For how many days features and forecasts stay in the warehouse; exports stay."
    )

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
        places = Places(settings.serving_path, settings.exports_dir, self.keep_days)
        assets = {
            asset.name: build_as_of_asset(asset, self.outputs[asset.name], partitions, places)
            for asset in derived_assets(self.at_risk)
        }
        aliases = build_customer_aliases(settings.aliases_path)
        breakers = {name: output.breaker for name, output in self.outputs.items()}
        schedules = [
            build_ready_schedule(name, asset, partitions, self.outputs[name].schedule) for name, asset in assets.items()
        ]
        return dg.Definitions(
            assets=[aliases, *assets.values()],
            sensors=[
                build_refresh_sensor(assets, partitions, breakers),
                build_aliases_sensor(aliases, settings.aliases_path),
            ],
            schedules=schedules,
        )
