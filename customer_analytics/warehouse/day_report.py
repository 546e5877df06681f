"""What is said of a day that was loaded or could not be, and what is recorded of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.errors import DeliveryRefusedError, NotLandedError
from customer_analytics.landing.folder import Delivery, LandingArea
from customer_analytics.quality.audit import audit_not_landed, audit_refused
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.timeliness import audit_delivery_time
from customer_analytics.warehouse.audited import AuditedDay
from customer_analytics.warehouse.changes import Changes
from customer_analytics.warehouse.ledger import Tried, record_attempts
from customer_analytics.warehouse.publish import record_audits
from customer_analytics.warehouse.timeline import Moments, timeline
from customer_analytics.warehouse.transaction import transaction

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class DayReport:
    """What became of one day of a source.

    ``published``: it passed. ``held_back``: a check blocked it; the day keeps what it had. ``not_landed``: there is
    no delivery yet. ``message`` says why a day was not published; ``figures`` exist where it could be read, ``changes``
    where it was published before with other content. Without ``was_asked_for``, a day shares keys with one that was;
    with ``may_pass``, it could not be read, and trying again might help.
    """

    day: date
    state: Literal["published", "held_back", "not_landed"]
    message: str = ""
    checks: Sequence[CheckOutcome] = ()
    delivery: Delivery | None = None
    figures: DayFigures | None = None
    changes: Changes | None = None
    was_asked_for: bool = True
    may_pass: bool = False


@dataclass(frozen=True)
class Loading:
    """What every step of a load needs to know; ``since`` is when the warehouse was first loaded."""

    connection: duckdb.DuckDBPyConnection
    area: LandingArea
    source: Source
    run_id: str
    now: datetime
    clock: Clock
    since: datetime

    def moments(self, day: date) -> Moments:
        """When the day was there, if it is published now."""
        return Moments(self.area.landed_at(self.source.name, day), self.now.replace(tzinfo=UTC), self.clock())

    def on_time(self, days: Sequence[date]) -> dict[date, CheckOutcome]:
        """Whether each day came in time: its first version, if there were several."""
        known = timeline(self.connection, self.source.name, days)
        first = {day: known.get(day) or self.moments(day) for day in days}
        return {
            day: audit_delivery_time(self.source.schedule, day, each.landed_at, each.published_at, self.since)
            for day, each in first.items()
        }


def report_audited(audited: AuditedDay, changes: Changes | None, *, was_asked_for: bool) -> DayReport:
    """A day could be judged: it was published, or is held back by its checks."""
    delivery = audited.delivery
    blocking = "; ".join(
        f"{check.check}: {check.found}, expected {check.expected}" for check in audited.checks if check.blocks
    )
    return DayReport(
        day=delivery.day,
        state="published" if audited.is_good else "held_back",
        message=f"{delivery.source} {delivery.day}: {blocking}" if blocking else "",
        checks=audited.checks,
        delivery=delivery,
        figures=audited.figures,
        changes=changes,
        was_asked_for=was_asked_for,
    )


def report_not_landed(loading: Loading, day: date, error: NotLandedError) -> DayReport:
    """There is no delivery of a day yet."""
    return DayReport(day, "not_landed", str(error), [*audit_not_landed(), loading.on_time([day])[day]])


def report_refused(loading: Loading, tried: Tried, error: DeliveryRefusedError) -> DayReport:
    """A delivery cannot be judged, and is recorded as tried: automation waits for another one."""
    message = str(error)
    checks = [*audit_refused(message), loading.on_time([tried.day])[tried.day]]
    with transaction(loading.connection):
        record_audits(loading.connection, loading.source.name, {tried.day: checks}, {}, loading.run_id, loading.now)
        record_attempts(loading.connection, loading.source, [tried], loading.run_id, loading.now)
    return DayReport(tried.day, "held_back", message, checks)


def report_unreadable(loading: Loading, day: date, error: OSError | DeliveryRefusedError) -> DayReport:
    """Reading failed, of this day or of one that is judged with it, and may not the next time.

    It is not recorded as tried, so that automation tries it again.
    """
    cause = str(error)
    if isinstance(error, OSError):
        cause = f"{error.strerror} ({error.filename}). Mend that, then run the day again."
    message = f"{loading.source.name} {day} cannot be read: {cause}"
    return DayReport(day, "held_back", message, [*audit_refused(message), loading.on_time([day])[day]], may_pass=True)
