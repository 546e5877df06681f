"""Declared times that cannot be kept are named, with the first day on which that shows."""

from dataclasses import replace
from datetime import date, time, timedelta

from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule, WithoutDelivery
from customer_analytics.contracts.timetable import Output, conflicts

YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
ORDERS = DeliverySchedule(deadline=time(6), takes_minutes=10)


def value(ready_by: time, *, zone: str = "UTC", takes: float = 10) -> dict[str, Output]:
    return {"value": Output(("orders",), OutputSchedule(ready_by=ready_by, timezone=zone, takes_minutes=takes))}


def test_times_that_fit_are_fine() -> None:
    assert conflicts({"orders": ORDERS}, value(time(6, 20)), YEAR) == []


def test_an_output_must_not_be_due_before_its_input() -> None:
    [words] = conflicts({"orders": ORDERS}, value(time(5, 59)), YEAR)
    assert words == (
        "value of 2026-01-01 is due at 2026-01-02 05:59 UTC, before its input: orders may land until 2026-01-02 06:00."
    )


def test_an_output_must_leave_time_for_loading_and_deriving() -> None:
    [words] = conflicts({"orders": ORDERS}, value(time(6, 19)), YEAR)
    assert "it may be there at 2026-01-02 06:20 only" in words


def test_loads_wait_for_those_before_them() -> None:
    tickets = DeliverySchedule(deadline=time(5, 55), takes_minutes=30)
    assert conflicts({"orders": ORDERS, "tickets": tickets}, value(time(6, 45)), YEAR) == []
    [words] = conflicts({"orders": ORDERS, "tickets": tickets}, value(time(6, 44)), YEAR)
    assert "behind the one writer it may be there at 2026-01-02 06:45 only" in words


def test_an_output_waits_for_all_that_comes_before_it() -> None:
    tickets = DeliverySchedule(deadline=time(6, 30), takes_minutes=5)
    outputs = value(time(6, 20)) | {
        "risk": Output(("orders", "tickets"), OutputSchedule(ready_by=time(6, 55), takes_minutes=20), after=("value",))
    }
    assert conflicts({"orders": ORDERS, "tickets": tickets}, outputs, YEAR) == []
    outputs["value"] = replace(outputs["value"], schedule=OutputSchedule(ready_by=time(8), takes_minutes=30))
    [words] = conflicts({"orders": ORDERS, "tickets": tickets}, outputs, YEAR)
    assert "risk of 2026-01-01 is due at 2026-01-02 06:55 UTC, but behind the one writer it may be there at" in words
    assert "2026-01-02 07:05 only" in words


def test_a_load_that_is_due_later_is_not_waited_for() -> None:
    events = DeliverySchedule(deadline=time(9), takes_minutes=300)
    assert conflicts({"orders": ORDERS, "events": events}, value(time(6, 20)), YEAR) == []


def test_two_zones_may_clash_in_summer_only() -> None:
    [words] = conflicts({"orders": ORDERS}, value(time(8, 0), zone="Europe/Berlin"), YEAR)
    assert words.startswith("value of 2026-03-28 is due at 2026-03-29 06:00 UTC")
    assert conflicts({"orders": ORDERS}, value(time(8, 20), zone="Europe/Berlin"), YEAR) == []


def test_days_without_delivery_cannot_be_late() -> None:
    never = WithoutDelivery(weekdays=frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}))
    sundays = ORDERS.model_copy(update={"without_delivery": never})
    [words] = conflicts({"orders": sundays}, value(time(5)), YEAR)
    assert words.startswith("value of 2026-01-04")


def test_a_day_cannot_be_due_before_it_has_ended_in_utc() -> None:
    far_east = DeliverySchedule(deadline=time(6), timezone="Pacific/Kiritimati")
    [words] = conflicts({"orders": far_east}, {}, YEAR)
    assert words.startswith("orders of 2026-01-01 is due at 2026-01-01 16:30 UTC, which is before the day itself")
