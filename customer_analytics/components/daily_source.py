"""The component that turns one source's YAML into its asset, checks, flag sensor and deadline."""

from typing import Annotated, Any

import dagster as dg
from pydantic import Field, model_validator

from customer_analytics.components.partitions import daily_partitions
from customer_analytics.components.runs import retry_policy
from customer_analytics.components.scaffolder import DailySourceScaffolder
from customer_analytics.components.source_asset import build_source_asset
from customer_analytics.components.source_automation import build_deadline_schedule, build_flag_sensor
from customer_analytics.contracts.contract import load_contract
from customer_analytics.contracts.policy import SourcePolicy, known_zone
from customer_analytics.contracts.source import Source
from customer_analytics.quality.compiler import assert_judgeable
from customer_analytics.settings import Settings

# Dagster validates the YAML against SourcePolicy and hands it on as it is. The annotation says Any because Dagster
# would otherwise insist on resolving the policy's fields itself, which it cannot for bounds and tuples.
Policy = Annotated[
    Any, dg.Resolver(lambda _, policy: SourcePolicy.model_validate(policy), model_field_type=SourcePolicy)
]


def _importable(path: str) -> str:
    load_contract(path)
    return path


# Checked while the YAML is read, so that the error names file and line.
ContractPath = Annotated[str, dg.Resolver(lambda _, path: _importable(path), model_field_type=str)]


def _scheduled(cron: str) -> str:
    try:
        dg.ScheduleDefinition(name="deadline", job_name="deadline", cron_schedule=cron)
    except dg.DagsterInvalidDefinitionError as error:
        message = f"{cron!r} is not a cron expression like '0 6 * * *'"
        raise ValueError(message) from error
    return cron


class Deadline(dg.Model, dg.Resolvable):
    """By when yesterday's delivery must be published: a cron expression and the time zone it is meant in."""

    cron: Annotated[str, dg.Resolver(lambda _, cron: _scheduled(cron), model_field_type=str)] = "0 6 * * *"
    timezone: Annotated[str, dg.Resolver(lambda _, zone: known_zone(zone), model_field_type=str)] = "UTC"


class Retries(dg.Model, dg.Resolvable):
    """How often and how patiently a transient fault is retried; what is wrong with the data never is."""

    max_retries: int = Field(default=3, ge=0)
    delay_seconds: float = Field(default=10, gt=0)


@dg.scaffold_with(DailySourceScaffolder)
class DailySource(dg.Component, dg.Model, dg.Resolvable):
    """A source that delivers one batch of files a day into ``landing/<name>/<day>/``.

    It becomes the asset ``<name>`` with its six checks, the sensor ``<name>_flag``, the schedule ``<name>_deadline``
    and the job ``replay_<name>``.
    """

    name: str = Field(description="The source's folder in the landing area, its asset and its table.")
    contract: ContractPath = Field(description="Dotted path of the pandera model that says what a record must be.")
    description: str | None = Field(default=None, description="What the source is, for the asset's page.")
    owners: list[str] = Field(default_factory=list, description="E-mail addresses or team:name.")
    tags: dict[str, str] = Field(default_factory=dict)
    deadline: Deadline = Deadline()
    retries: Retries = Retries()
    policy: Policy = SourcePolicy()

    @model_validator(mode="after")
    def _judgeable(self) -> "DailySource":
        assert_judgeable(self.source)
        return self

    @property
    def source(self) -> Source:
        """The source as the rooms below know it."""
        return Source(self.name, load_contract(self.contract), self.policy)

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Asset with checks, sensor, schedule and job."""
        partitions = daily_partitions(Settings())
        source = self.source
        spec = dg.AssetSpec(
            self.name, description=self.description or source.contract.name, owners=self.owners, tags=self.tags
        )
        patience = retry_policy(self.retries.max_retries, self.retries.delay_seconds)
        asset = build_source_asset(source, spec, partitions, patience)
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
            sensors=[build_flag_sensor(source, asset, partitions)],
            schedules=[build_deadline_schedule(source, asset, partitions, self.deadline.cron, self.deadline.timezone)],
        )
