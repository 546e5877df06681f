"""The component that turns one source's YAML into its asset, checks, flag sensor and deadline."""

from typing import Annotated

import dagster as dg
from pydantic import Field, model_validator

from customer_analytics.components.declarations import BreakerPolicy, DeliveryTimes, Policy, Retries
from customer_analytics.components.partitions import daily_partitions
from customer_analytics.components.scaffolder import DailySourceScaffolder
from customer_analytics.components.source_asset import build_source_asset
from customer_analytics.components.source_automation import build_deadline_schedule, build_flag_sensor
from customer_analytics.contracts.contract import load_contract
from customer_analytics.contracts.policy import SourcePolicy
from customer_analytics.contracts.schedule import DeliverySchedule
from customer_analytics.contracts.source import Source
from customer_analytics.quality.compiler import assert_judgeable
from customer_analytics.settings import Settings


def _importable(path: str) -> str:
    load_contract(path)
    return path


# Checked while the YAML is read, so that the error names file and line.
ContractPath = Annotated[str, dg.Resolver(lambda _, path: _importable(path), model_field_type=str)]


@dg.scaffold_with(DailySourceScaffolder)
class DailySource(dg.Component, dg.Model, dg.Resolvable):
    """A source that delivers one batch of files a day into ``landing/<name>/<day>/``.

    It becomes the asset ``<name>`` with its checks, the sensor ``<name>_flag``, the schedule ``<name>_deadline``
    and the job ``replay_<name>``.
    """

    name: str = Field(description="The source's folder in the landing area, its asset and its table.")
    contract: ContractPath = Field(description="Dotted path of the pandera model that says what a record must be.")
    description: str | None = Field(default=None, description="What the source is, for the asset's page.")
    owners: list[str] = Field(default_factory=list, description="E-mail addresses or team:name.")
    tags: dict[str, str] = Field(default_factory=dict)
    schedule: DeliveryTimes = DeliverySchedule()
    retries: Retries = Retries()
    breaker: BreakerPolicy = BreakerPolicy()
    policy: Policy = SourcePolicy()

    @model_validator(mode="after")
    def _judgeable(self) -> "DailySource":
        assert_judgeable(self.source)
        return self

    @property
    def source(self) -> Source:
        """The source as the rooms below know it."""
        return Source(self.name, load_contract(self.contract), self.policy, self.schedule)

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Asset with checks, sensor, schedule and job."""
        partitions = daily_partitions(Settings())
        source = self.source
        spec = dg.AssetSpec(
            self.name, description=self.description or source.contract.name, owners=self.owners, tags=self.tags
        )
        asset = build_source_asset(source, spec, partitions, self.retries.policy())
        replay = dg.define_asset_job(
            f"replay_{self.name}",
            selection=dg.AssetSelection.assets(asset).downstream(),
            description=(
                f"Judges a day of {self.name} again, under today's rules and with the corrections in "
                f"corrections/{self.name}/<day>.csv, and derives the day anew. Later days follow by themselves."
            ),
        )
        return dg.Definitions(
            assets=[asset],
            jobs=[replay],
            sensors=[build_flag_sensor(source, asset, partitions, self.breaker)],
            schedules=[build_deadline_schedule(source, asset, partitions, self.breaker)],
        )
