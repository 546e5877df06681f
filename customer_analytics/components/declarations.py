"""Parts of the YAML that several components share.

Dagster validates the YAML against the model that is named and hands it on as it is. The annotations say Any because
Dagster would otherwise insist on resolving the models' fields itself, which it cannot for bounds, times and tuples.
"""

from typing import Annotated, Any

import dagster as dg
from pydantic import BaseModel, Field

from customer_analytics.contracts.policy import SourcePolicy
from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule


def resolved_as(model: type[BaseModel]) -> dg.Resolver:
    """Reads a part of the YAML as this model."""
    return dg.Resolver(lambda _, declared: model.model_validate(declared), model_field_type=model)


Policy = Annotated[Any, resolved_as(SourcePolicy)]
DeliveryTimes = Annotated[Any, resolved_as(DeliverySchedule)]
OutputTimes = Annotated[Any, resolved_as(OutputSchedule)]


class BreakerPolicy(dg.Model, dg.Resolvable):
    """When an asset whose loads fail again and again is paused, and for how long."""

    failures: int = Field(default=3, ge=1, description="So many failed loads in a row pause it.")
    pause_minutes: float = Field(default=15, gt=0, description="How long at first; it doubles with each failure.")
    longest_pause_minutes: float = Field(default=240, gt=0, description="How long at most.")


class Retries(dg.Model, dg.Resolvable):
    """How often and how patiently a transient fault is retried; what is wrong with the data never is."""

    max_retries: int = Field(default=3, ge=0)
    delay_seconds: float = Field(default=10, gt=0)

    def policy(self) -> dg.RetryPolicy:
        """Exponential, with jitter."""
        return dg.RetryPolicy(
            max_retries=self.max_retries,
            delay=self.delay_seconds,
            backoff=dg.Backoff.EXPONENTIAL,
            jitter=dg.Jitter.PLUS_MINUS,
        )


class DeclaredOutput(dg.Model, dg.Resolvable):
    """Whose an output is, by when it must be there, and how patiently it is tried."""

    owners: list[str] = Field(default_factory=list, description="E-mail addresses or team:name.")
    schedule: OutputTimes = OutputSchedule()
    retries: Retries = Retries()
    breaker: BreakerPolicy = BreakerPolicy()
