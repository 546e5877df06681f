"""Whether a day came in time: the one check that looks at clocks and not at records."""

from datetime import date, datetime

from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule
from customer_analytics.quality.outcome import CheckOutcome

ON_TIME = {"on_time": "The day landed by its deadline, and was first published in time."}
READY_ON_TIME = {"on_time": "The day was first there by its time."}


def audit_delivery_time(
    schedule: DeliverySchedule, day: date, landed_at: datetime | None, published_at: datetime, since: datetime
) -> CheckOutcome:
    """Whether a delivery that landed and was published at these moments was in time; it only ever warns.

    ``landed_at`` is None where nothing has landed by ``published_at``. Days whose deadline was before ``since``, the
    first load of all, are history that was loaded later. All moments are UTC; ``number`` is in minutes after the
    deadline, negative before it.
    """
    deadline, published_by = schedule.deadline_at(day), schedule.published_by(day)
    expected = f"landed by {deadline:%Y-%m-%d %H:%M}, published by {published_by:%Y-%m-%d %H:%M} UTC"
    if not schedule.is_expected(day):
        return CheckOutcome("on_time", "passed", "no delivery on such a day", "no deadline")
    if published_by < since:
        return CheckOutcome("on_time", "passed", expected, "history, loaded after its deadline")
    if landed_at is None:
        is_late = published_at > deadline
        return CheckOutcome("on_time", "warned" if is_late else "passed", expected, "nothing has landed")
    found = f"landed {landed_at:%Y-%m-%d %H:%M}, published {published_at:%Y-%m-%d %H:%M} UTC"
    in_time = landed_at <= deadline and published_at <= published_by
    return CheckOutcome(
        "on_time", "passed" if in_time else "warned", expected, found, number=_minutes(landed_at, deadline)
    )


def audit_ready_time(schedule: OutputSchedule, day: date, published_at: datetime, since: datetime) -> CheckOutcome:
    """Whether what is derived for a day was there in time; as ``audit_delivery_time``."""
    ready = schedule.ready_at(day)
    expected = f"there by {ready:%Y-%m-%d %H:%M} UTC"
    if ready < since:
        return CheckOutcome("on_time", "passed", expected, "history, derived after its time")
    found = f"there at {published_at:%Y-%m-%d %H:%M} UTC"
    in_time = published_at <= ready
    return CheckOutcome(
        "on_time", "passed" if in_time else "warned", expected, found, number=_minutes(published_at, ready)
    )


def _minutes(moment: datetime, due: datetime) -> float:
    return round((moment - due).total_seconds() / 60, 1)
