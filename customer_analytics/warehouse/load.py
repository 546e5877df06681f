"""The way of a day's data: open the delivery, judge it, audit it, publish it. Where possible days go together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.errors import DeliveryRefusedError, NotLandedError
from customer_analytics.landing.folder import Delivery, LandingArea
from customer_analytics.quality.audit import audit_not_landed, audit_refused
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.judge import Delivered, Judge
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.recalling import recall_texts
from customer_analytics.quality.timeliness import audit_delivery_time
from customer_analytics.warehouse.audited import AuditedDay, audit_days
from customer_analytics.warehouse.changes import Changes
from customer_analytics.warehouse.contracts import record_contract
from customer_analytics.warehouse.ledger import Tried, record_attempts
from customer_analytics.warehouse.linked import linked_days
from customer_analytics.warehouse.publish import publish, record_audits
from customer_analytics.warehouse.quarantine import erase_expired
from customer_analytics.warehouse.scratch import room_for_judging
from customer_analytics.warehouse.tables import fit_table
from customer_analytics.warehouse.timeline import Moments, first_load, record_first_times, timeline
from customer_analytics.warehouse.transaction import transaction

Clock = Callable[[], datetime]

# Deliveries are judged together up to this many bytes, unpacked, and days: so memory stays bounded however long the
# range, and so does the search for keys that stand under several days. A larger one is judged alone, on disk.
BATCH_BYTES = 128 * 1024 * 1024
BATCH_DAYS = 92
# As many days are judged again at most for the keys that they share with those that were asked for.
LINKED_DAYS = 31


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
class _Load:
    """What every step of a load needs to know."""

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


def load_days(
    connection: duckdb.DuckDBPyConnection,
    area: LandingArea,
    source: Source,
    days: Sequence[date],
    *,
    run_id: str,
    now: datetime,
    clock: Clock | None = None,
) -> Iterator[DayReport]:
    """Load days of a source, oldest first; good days are published a batch at a time, each batch in one transaction.

    ``now`` (UTC) is when this began; ``clock`` tells, aware, when a day is published, and stands still without it.

    Raises:
        WarehouseError: the published table or the recorded contract does not go with the source's contract.
    """
    with transaction(connection):
        fit_table(connection, source, run_id, now)
        record_contract(connection, source, now)
        erase_expired(connection, source, now)
    began = now.replace(tzinfo=UTC)
    load = _Load(connection, area, source, run_id, now, clock or (lambda: began), first_load(connection) or began)
    batch: list[Delivery] = []
    for day in sorted(days):
        opened = _open(load, day)
        if isinstance(opened, DayReport):
            yield opened
            continue
        if batch and (len(batch) == BATCH_DAYS or sum(each.unpacked_bytes for each in [*batch, opened]) > BATCH_BYTES):
            yield from _load_batch(load, batch)
            batch = []
        batch.append(opened)
    if batch:
        yield from _load_batch(load, batch)


def _open(load: _Load, day: date) -> Delivery | DayReport:
    """The delivery of a day, or what is to be reported in its place."""
    source = load.source
    try:
        return load.area.open(source.name, day)
    except NotLandedError as error:
        return DayReport(day, "not_landed", str(error), [*audit_not_landed(), load.on_time([day])[day]])
    except DeliveryRefusedError as error:
        return _refuse(load, Tried(day, load.area.signature(source.name, day), None, is_published=False), str(error))
    except OSError as error:
        return _unreadable(load, day, error)


def _load_batch(load: _Load, asked_for: Sequence[Delivery]) -> Iterator[DayReport]:
    is_large = sum(delivery.unpacked_bytes for delivery in asked_for) > BATCH_BYTES
    with room_for_judging(load.connection, is_large=is_large) as table:
        yield from _load_judged(load, Judge(load.connection, load.source, table), asked_for)


def _load_judged(load: _Load, judge: Judge, asked_for: Sequence[Delivery]) -> Iterator[DayReport]:
    connection, source = load.connection, load.source
    delivered: dict[date, Delivered] = {}
    deliveries = {delivery.day: delivery for delivery in asked_for}
    yield from _judge_all(load, judge, asked_for, delivered)
    for delivery in _linked(load, judge, delivered):
        deliveries[delivery.day] = delivery
    readable = [deliveries[day] for day in sorted(delivered)]
    on_time = load.on_time(list(delivered))
    audited = [
        replace(day, checks=[*day.checks, on_time[day.delivery.day]])
        for day in audit_days(connection, source, readable, delivered)
    ]
    try:
        recall_texts(connection, [day.delivery for day in audited if day.is_good])
    except (DeliveryRefusedError, OSError) as error:
        for each in audited:
            report = _unreadable(load, each.delivery.day, error)
            yield replace(report, was_asked_for=each.delivery in asked_for)
        return
    fingerprints = {day.delivery.day: day.delivery.fingerprint for day in audited}
    audits = {day.delivery.day: day.checks for day in audited}
    # Where a day was held back, records may have moved: DuckDB takes out and appends again what is judged otherwise.
    is_in_order = judge.is_in_order and all(day.is_good for day in audited)
    with transaction(connection):
        changes = publish(connection, source, audited, load.run_id, load.now, is_in_order=is_in_order)
        published = {day.delivery.day: load.moments(day.delivery.day) for day in audited if day.is_good}
        record_first_times(connection, source.name, published)
        erase_expired(connection, source, load.now)
        record_audits(connection, source.name, audits, fingerprints, load.run_id, load.now)
        record_attempts(connection, source, list(map(_tried, audited)), load.run_id, load.now)
    for day in audited:
        yield _report(day, changes.get(day.delivery.day), was_asked_for=day.delivery in asked_for)


def _judge_all(
    load: _Load, judge: Judge, deliveries: Sequence[Delivery], delivered: dict[date, Delivered]
) -> Iterator[DayReport]:
    """Judge deliveries together; where one of them cannot be judged, each half of them."""
    if len(deliveries) == 1:
        refused = _judge(load, judge, deliveries[0], delivered)
        if refused:
            yield refused
        return
    try:
        delivered |= judge.judge_together(deliveries)
    except (DeliveryRefusedError, OSError):
        middle = len(deliveries) // 2
        for half in (deliveries[:middle], deliveries[middle:]):
            yield from _judge_all(load, judge, half, delivered)


def _judge(load: _Load, judge: Judge, delivery: Delivery, delivered: dict[date, Delivered]) -> DayReport | None:
    """Judge a delivery and note what it brought; what is to be reported where it cannot be."""
    try:
        delivered[delivery.day] = judge.judge(delivery)
    except DeliveryRefusedError as error:
        return _refuse(
            load, Tried(delivery.day, delivery.signature, delivery.fingerprint, is_published=False), str(error)
        )
    except OSError as error:
        return _unreadable(load, delivery.day, error)
    return None


def _linked(load: _Load, judge: Judge, delivered: dict[date, Delivered]) -> list[Delivery]:
    """Judge the days that share keys with those that are judged; one that cannot be read keeps what it has."""
    deliveries: list[Delivery] = []
    tried: set[date] = set()
    while len(tried) < LINKED_DAYS:
        linked = [day for day in linked_days(load.connection, load.source, delivered) if day not in tried]
        if not linked:
            break
        tried.add(linked[0])
        opened = _open(load, linked[0])
        if isinstance(opened, Delivery) and _judge(load, judge, opened, delivered) is None:
            deliveries.append(opened)
    return deliveries


def _tried(audited: AuditedDay) -> Tried:
    delivery = audited.delivery
    return Tried(delivery.day, delivery.signature, delivery.fingerprint, audited.is_good)


def _report(audited: AuditedDay, changes: Changes | None, *, was_asked_for: bool) -> DayReport:
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


def _refuse(load: _Load, tried: Tried, message: str) -> DayReport:
    checks = [*audit_refused(message), load.on_time([tried.day])[tried.day]]
    with transaction(load.connection):
        record_audits(load.connection, load.source.name, {tried.day: checks}, {}, load.run_id, load.now)
        record_attempts(load.connection, load.source, [tried], load.run_id, load.now)
    return DayReport(tried.day, "held_back", message, checks)


def _unreadable(load: _Load, day: date, error: OSError | DeliveryRefusedError) -> DayReport:
    """Reading failed, of this day or of one that is judged with it, and may not the next time.

    It is not recorded as tried, so that automation tries it again.
    """
    cause = str(error)
    if isinstance(error, OSError):
        cause = f"{error.strerror} ({error.filename}). Mend that, then run the day again."
    message = f"{load.source.name} {day} cannot be read: {cause}"
    return DayReport(day, "held_back", message, [*audit_refused(message), load.on_time([day])[day]], may_pass=True)
