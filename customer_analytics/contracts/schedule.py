"""When a day's data must be there: declared as times of the day after, in a time zone, clock changes included."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from customer_analytics.contracts.policy import TimeZone

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _clock_time(text: object) -> object:
    """YAML reads an unquoted 16:00 as the number 960."""
    if isinstance(text, time) or (isinstance(text, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text)):
        return text
    message = f"{text!r} is not a time of day like '06:00', in quotes"
    raise ValueError(message)


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WithoutDelivery(_Declared):
    """Delivery days on which nothing is expected; what lands all the same is loaded."""

    weekdays: frozenset[Weekday] = frozenset()
    days: frozenset[date] = frozenset()

    def __contains__(self, day: date) -> bool:
        """Whether nothing is expected of the day."""
        return day in self.days or day.isoweekday() in self.iso_weekdays

    @property
    def iso_weekdays(self) -> list[int]:
        """The weekdays as numbers, 1 for Monday, ascending."""
        return [number for number, weekday in enumerate(get_args(Weekday), start=1) if weekday in self.weekdays]


class DeliverySchedule(_Declared):
    """When the delivery of a day lands, and by when it must have landed and be published."""

    expected: ClockTime = Field(default=time(5), description="When it usually lands, on the day after.")
    deadline: ClockTime = Field(default=time(6), description="By when it must have landed.")
    grace_minutes: int = Field(default=30, ge=0, description="How long after the deadline it may take to publish it.")
    timezone: TimeZone = Field(default="UTC", description="The zone of these times.")
    takes_minutes: float = Field(default=5, gt=0, description="How long loading a day takes at most, as planned.")
    without_delivery: WithoutDelivery = WithoutDelivery()

    @model_validator(mode="after")
    def _expected_first(self) -> Self:
        if self.expected > self.deadline:
            message = f"expected ({self.expected:%H:%M}) must not be after the deadline ({self.deadline:%H:%M})"
            raise ValueError(message)
        return self

    def is_expected(self, day: date) -> bool:
        """Whether there is a delivery of the day at all."""
        return day not in self.without_delivery

    def expected_at(self, day: date) -> datetime:
        """When the delivery of ``day`` usually lands, UTC."""
        return day_after(day, self.expected, self.timezone)

    def deadline_at(self, day: date) -> datetime:
        """By when the delivery of ``day`` must have landed, UTC."""
        return day_after(day, self.deadline, self.timezone)

    def published_by(self, day: date) -> datetime:
        """By when ``day`` must be published, UTC."""
        return self.deadline_at(day) + timedelta(minutes=self.grace_minutes)


class OutputSchedule(_Declared):
    """By when what is derived for a day must be there."""

    ready_by: ClockTime = Field(default=time(7), description="By when it must be there, on the day after.")
    timezone: TimeZone = Field(default="UTC", description="The zone of that time.")
    takes_minutes: float = Field(default=5, gt=0, description="How long deriving a day takes at most, as planned.")

    def ready_at(self, day: date) -> datetime:
        """By when ``day`` must be there, UTC."""
        return day_after(day, self.ready_by, self.timezone)


def day_after(day: date, clock: time, time_zone: str) -> datetime:
    """The moment (UTC) at which the clock shows a time on the day after ``day``.

    A time that the clock skips is as long after the last one before it; of one that it shows twice, the first counts.
    """
    local = datetime.combine(day + timedelta(days=1), clock, ZoneInfo(time_zone))
    return local.astimezone(UTC)
