"""What is tolerated of a source: the limits, rules and formats that its YAML declares beside its contract."""

from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Format = Literal["csv", "jsonl", "parquet"]


def known_zone(time_zone: str) -> str:
    """The name of a time zone, if there is one of that name.

    Raises:
        ValueError: there is none.
    """
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{time_zone!r} is not a time zone like 'Europe/Berlin'"
        raise ValueError(message) from error
    return time_zone


TimeZone = Annotated[str, AfterValidator(known_zone)]


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


class Baseline(_Policy):
    """What a day is held against: the same weekday in the weeks before, and the level of the latest days."""

    weeks: int = Field(default=12, ge=4, le=52, description="How many weeks before a day make its baseline.")
    minimum_history: int = Field(
        default=4, ge=3, description="With fewer earlier days of the weekday, only a day far outside all others warns."
    )
    deviations: float = Field(
        default=3.8, ge=3, description="Warn beyond this many times the scatter that the source has anyway."
    )

    @model_validator(mode="after")
    def _weeks_are_enough(self) -> Self:
        if self.minimum_history > self.weeks:
            message = f"minimum_history ({self.minimum_history}) must not be above weeks ({self.weeks})"
            raise ValueError(message)
        return self


class VolumePolicy(Baseline):
    """How many records a day may bring."""

    minimum: int = Field(default=1, ge=0, description="Fewer records than this hold the day back.")


class DriftPolicy(Baseline):
    """How far null shares, distinct values, means and quarantine shares of the columns may be off: a warning only.

    There are many of them every day, so that each may be off further than the number of records.
    """

    deviations: float = Field(
        default=5.0, ge=3, description="Warn beyond this many times the scatter that the column has anyway."
    )


class ScorePolicy(_Policy):
    """The quality score of a day, from 0 to 1: a warning only."""

    warn: float = Field(default=0.95, ge=0, le=1, description="Warn below this score.")


class Evolution(_Policy):
    """What becomes of a delivery whose columns are not the promised ones.

    A promised column that is not nullable must always be there. A contract may widen a column's type where no value
    can change; the published table follows. Any other change of a type is refused.
    """

    new_columns: Literal["ignore", "evolve", "refuse"] = Field(
        default="ignore",
        description="ignore: left out; evolve: added to the table as text; refuse: the delivery is refused.",
    )
    missing_columns: Literal["accept", "refuse"] = Field(
        default="accept", description="Whether a nullable column may be missing from a delivery."
    )


class Limits(_Policy):
    """What a delivery may be at most; beyond that it is not what it should be."""

    files: int = Field(default=1_000, ge=1, description="Files of a day.")
    seconds: float = Field(default=3_600, gt=0, description="Time to judge a day.")
    new_columns: int = Field(default=100, ge=0, description="Columns beside the promised ones, where they are kept.")
    cell_characters: int = Field(default=65_536, ge=1, description="Length of a cell; a longer one is set aside.")


class SourcePolicy(_Policy):
    """What a source's YAML may say beside its contract; every limit has a default that works."""

    formats: tuple[Format, ...] = Field(default=get_args(Format), description="What may be delivered.")
    null_tokens: tuple[str, ...] = Field(default=("", "NULL", "null"), description="Texts that mean: no value.")
    timezone: TimeZone = Field(default="UTC", description="The zone of times that are delivered without an offset.")
    earliest_days: int = Field(default=1, ge=0, description="How many days before its delivery a record may happen.")
    latest_days: int = Field(default=0, ge=0, description="How many days after its delivery day a record may happen.")
    quarantine: Limit = Limit(warn=0.05, block=0.6)
    nulls: dict[str, Limit] = Field(default_factory=dict, description="By column; the default is `default_nulls`.")
    default_nulls: Limit = Limit(warn=0.05, block=0.6)
    duplicates: Limit = Limit(warn=0.0, block=0.5)
    volume: VolumePolicy = VolumePolicy()
    drift: DriftPolicy = DriftPolicy()
    quality_score: ScorePolicy = ScorePolicy()
    evolution: Evolution = Evolution()
    constants: dict[str, str] = Field(
        default_factory=dict,
        description="Columns beside the contract's that, where delivered, have this one value throughout.",
    )
    limits: Limits = Limits()
    retention_days: int | None = Field(
        default=None, ge=1, description="After so many days the values of quarantined records are erased."
    )
