"""Declared times: the day after, in a zone whose clock changes, on days with a delivery."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from pydantic import ValidationError

from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule, WithoutDelivery, day_after


def declared(text: str) -> DeliverySchedule:
    return DeliverySchedule.model_validate(yaml.safe_load(text))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_times_are_those_of_the_day_after_the_delivery_day() -> None:
    schedule = declared('{expected: "05:00", deadline: "06:00", grace_minutes: 30}')
    day = date(2026, 11, 1)
    assert schedule.expected_at(day) == utc("2026-11-02 05:00")
    assert schedule.deadline_at(day) == utc("2026-11-02 06:00")
    assert schedule.published_by(day) == utc("2026-11-02 06:30")
    assert OutputSchedule(ready_by=time(7)).ready_at(day) == utc("2026-11-02 07:00")


@pytest.mark.parametrize(
    ("zone", "clock", "day", "moment"),
    [
        ("Europe/Berlin", "06:00", "2026-07-01", "2026-07-02 04:00"),
        ("Europe/Berlin", "06:00", "2026-12-01", "2026-12-02 05:00"),
        ("Europe/Berlin", "06:00", "2026-03-28", "2026-03-29 04:00"),  # the day on which the clock is put forward
        ("Europe/Berlin", "06:00", "2026-10-24", "2026-10-25 05:00"),  # the day on which it is put back
        ("Europe/Berlin", "02:30", "2026-03-28", "2026-03-29 01:30"),  # skipped: half an hour after 02:00, now 03:00
        ("Europe/Berlin", "02:30", "2026-10-24", "2026-10-25 00:30"),  # shown twice: the first time
        ("America/New_York", "06:00", "2026-11-01", "2026-11-02 11:00"),
        ("Asia/Kolkata", "06:00", "2026-11-01", "2026-11-02 00:30"),
        ("Pacific/Kiritimati", "06:00", "2026-11-01", "2026-11-01 16:00"),
        ("Australia/Lord_Howe", "02:15", "2026-10-03", "2026-10-03 15:45"),  # half an hour is skipped
    ],
)
def test_a_time_follows_the_clock_of_its_zone(zone: str, clock: str, day: str, moment: str) -> None:
    assert day_after(date.fromisoformat(day), time.fromisoformat(clock), zone) == utc(moment)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("clock", [time(0), time(1, 30), time(2, 30), time(23, 59)])
def test_deadlines_of_days_in_a_row_never_meet_or_turn_round(zone: str, clock: time) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(800)]
    moments = [day_after(day, clock, zone) for day in days]
    gaps = {later - earlier for earlier, later in pairwise(moments)}
    assert min(gaps) >= timedelta(hours=23)
    assert max(gaps) <= timedelta(hours=25)


def test_days_without_delivery_are_named_by_weekday_or_date() -> None:
    schedule = declared("{without_delivery: {weekdays: [sunday], days: [2026-12-25]}}")
    assert not schedule.is_expected(date(2026, 11, 1))
    assert schedule.is_expected(date(2026, 11, 2))
    assert not schedule.is_expected(date(2026, 12, 25))
    assert date(2026, 11, 2) not in WithoutDelivery()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("deadline: 16:00", "960 is not a time of day like '06:00', in quotes"),
        ('deadline: "6:00"', "'6:00' is not a time of day"),
        ('deadline: "24:00"', "is not a time of day"),
        ('deadline: "06:00:30"', "is not a time of day"),
        ('{expected: "07:00", deadline: "06:00"}', "expected (07:00) must not be after the deadline (06:00)"),
        ("timezone: Mars/Olympus", "is not a time zone"),
        ("grace_minutes: -1", "greater than or equal to 0"),
        ("takes_minutes: 0", "greater than 0"),
        ("without_delivery: {weekdays: [funday]}", "monday"),
        ("without_delivery: {days: [yesterday]}", "date"),
        ("cron: 0 6 * * *", "cron"),
    ],
)
def test_what_is_no_schedule_is_refused_with_words(text: str, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        declared(text)
    assert words in str(error.value)


def test_an_unquoted_time_before_ten_is_text_for_yaml_and_is_taken() -> None:
    values: dict[str, Any] = yaml.safe_load("deadline: 06:00")
    assert DeliverySchedule.model_validate(values).deadline == time(6)
