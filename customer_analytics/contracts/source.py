"""A source as the pipeline runs it: its name, its contract, and the policy that its YAML declares."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from customer_analytics.contracts.contract import Contract, ContractError

Format = Literal["csv", "jsonl", "parquet"]


class _Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Policy):
    """Shares from 0 to 1: above ``warn`` the check warns, above ``block`` the day is held back."""

    warn: float = Field(ge=0, le=1)
    block: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _warn_first(self) -> Self:
        if self.warn > self.block:
            message = f"warn ({self.warn}) must not be above block ({self.block})"
            raise ValueError(message)
        return self


class VolumePolicy(_Policy):
    """How many records a day may bring, against the median of the same weekday in the weeks before."""

    minimum: int = Field(default=1, ge=0, description="Fewer records than this hold the day back.")
    weeks: int = Field(default=8, ge=1, description="How many earlier days of the same weekday make the baseline.")
    minimum_history: int = Field(default=4, ge=1, description="With fewer of them there is no baseline yet.")
    drop: float = Field(default=0.5, gt=0, lt=1, description="Warn below this multiple of the baseline.")
    rise: float = Field(default=2.0, gt=1, description="Warn above this multiple of the baseline.")


class SourcePolicy(_Policy):
    """What a source's YAML may say beside its contract; every limit has a default that works."""

    formats: tuple[Format, ...] = Field(default=get_args(Format), description="What may be delivered.")
    null_tokens: tuple[str, ...] = Field(default=("", "NULL", "null"), description="Texts that mean: no value.")
    earliest_days: int = Field(default=1, ge=0, description="How many days before its delivery a record may happen.")
    latest_days: int = Field(default=0, ge=0, description="How many days after its delivery day a record may happen.")
    quarantine: Limit = Limit(warn=0.05, block=0.6)
    nulls: dict[str, Limit] = Field(default_factory=dict, description="By column; the default is `default_nulls`.")
    default_nulls: Limit = Limit(warn=0.05, block=0.6)
    duplicates: Limit = Limit(warn=0.0, block=0.5)
    volume: VolumePolicy = VolumePolicy()


@dataclass(frozen=True)
class Source:
    """One source: its name is its folder in the landing area, its asset and its table."""

    name: str
    contract: Contract
    policy: SourcePolicy

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            message = f"A source is named in lower_snake_case, beginning with a letter; {self.name!r} is not."
            raise ContractError(message)
        unknown = sorted(set(self.policy.nulls) - set(self.contract.column_names))
        if unknown:
            message = f"{self.name}: nulls names {unknown}, which {self.contract.name} does not have."
            raise ContractError(message)

    @property
    def table(self) -> str:
        """The published table, schema included."""
        return f'sources."{self.name}"'

    @property
    def fingerprint(self) -> str:
        """SHA-256 over contract and policy; it changes when a day could be judged otherwise."""
        return hashlib.sha256(f"{self.contract.fingerprint}{self.policy.model_dump_json()}".encode()).hexdigest()

    def null_limits(self) -> dict[str, Limit]:
        """By column, the limit on the share of nulls; nullable columns have one only where the policy names it."""
        required = (column.name for column in self.contract.columns if not column.nullable)
        return dict.fromkeys(required, self.policy.default_nulls) | self.policy.nulls

    def window(self, delivery_day: date) -> tuple[date, date]:
        """First and last day (UTC) on which a record of this delivery may have happened."""
        return (
            delivery_day - timedelta(days=self.policy.earliest_days),
            delivery_day + timedelta(days=self.policy.latest_days),
        )
