"""The way of a day's data: open the delivery, judge it, audit it, publish it. Where possible days go together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.errors import DeliveryRefusedError, NotLandedError
from customer_analytics.landing.folder import Delivery, LandingArea
from customer_analytics.quality.judge import Delivered, Judge
from customer_analytics.quality.recalling import recall_texts
from customer_analytics.warehouse.audited import AuditedDay, audit_days
from customer_analytics.warehouse.contracts import record_contract
from customer_analytics.warehouse.day_report import (
    Clock,
    DayReport,
    Loading,
    report_audited,
    report_not_landed,
    report_refused,
    report_unreadable,
)
from customer_analytics.warehouse.ledger import Tried, record_attempts
from customer_analytics.warehouse.linked import linked_days
from customer_analytics.warehouse.publish import publish, record_audits
from customer_analytics.warehouse.quarantine import erase_expired
from customer_analytics.warehouse.scratch import room_for_judging
from customer_analytics.warehouse.tables import fit_table
from customer_analytics.warehouse.timeline import first_load, record_days_without_delivery, record_first_times
from customer_analytics.warehouse.transaction import transaction

# Deliveries are judged together up to this many bytes, unpacked, and days: so memory stays bounded however long the
# range, and so does the search for keys that stand under several days. A larger one is judged alone, on disk.
BATCH_BYTES = 128 * 1024 * 1024
BATCH_DAYS = 92
# As many days are judged again at most for the keys that they share with those that were asked for.
LINKED_DAYS = 31


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
        record_days_without_delivery(connection, source.name, source.schedule.without_delivery)
        erase_expired(connection, source, now)
    began = now.replace(tzinfo=UTC)
    loading = Loading(connection, area, source, run_id, now, clock or (lambda: began), first_load(connection) or began)
    batch: list[Delivery] = []
    for day in sorted(days):
        opened = _open(loading, day)
        if isinstance(opened, DayReport):
            yield opened
            continue
        if batch and (len(batch) == BATCH_DAYS or sum(each.unpacked_bytes for each in [*batch, opened]) > BATCH_BYTES):
            yield from _load_batch(loading, batch)
            batch = []
        batch.append(opened)
    if batch:
        yield from _load_batch(loading, batch)


def _open(loading: Loading, day: date) -> Delivery | DayReport:
    """The delivery of a day, or what is to be reported in its place."""
    source = loading.source
    try:
        return loading.area.open(source.name, day)
    except NotLandedError as error:
        return report_not_landed(loading, day, error)
    except DeliveryRefusedError as error:
        signature = loading.area.signature(source.name, day)
        return report_refused(loading, Tried(day, signature, None, is_published=False), error)
    except OSError as error:
        return report_unreadable(loading, day, error)


def _load_batch(loading: Loading, asked_for: Sequence[Delivery]) -> Iterator[DayReport]:
    is_large = sum(delivery.unpacked_bytes for delivery in asked_for) > BATCH_BYTES
    with room_for_judging(loading.connection, is_large=is_large) as table:
        yield from _load_judged(loading, Judge(loading.connection, loading.source, table), asked_for)


def _load_judged(loading: Loading, judge: Judge, asked_for: Sequence[Delivery]) -> Iterator[DayReport]:
    connection, source = loading.connection, loading.source
    delivered: dict[date, Delivered] = {}
    deliveries = {delivery.day: delivery for delivery in asked_for}
    yield from _judge_all(loading, judge, asked_for, delivered)
    for delivery in _linked(loading, judge, delivered):
        deliveries[delivery.day] = delivery
    readable = [deliveries[day] for day in sorted(delivered)]
    on_time = loading.on_time(list(delivered))
    audited = [
        replace(day, checks=[*day.checks, on_time[day.delivery.day]])
        for day in audit_days(connection, source, readable, delivered)
    ]
    try:
        recall_texts(connection, [day.delivery for day in audited if day.is_good])
    except (DeliveryRefusedError, OSError) as error:
        for each in audited:
            report = report_unreadable(loading, each.delivery.day, error)
            yield replace(report, was_asked_for=each.delivery in asked_for)
        return
    fingerprints = {day.delivery.day: day.delivery.fingerprint for day in audited}
    audits = {day.delivery.day: day.checks for day in audited}
    # Where a day was held back, records may have moved: DuckDB takes out and appends again what is judged otherwise.
    is_in_order = judge.is_in_order and all(day.is_good for day in audited)
    with transaction(connection):
        changes = publish(connection, source, audited, loading.run_id, loading.now, is_in_order=is_in_order)
        published = {day.delivery.day: loading.moments(day.delivery.day) for day in audited if day.is_good}
        record_first_times(connection, source.name, published)
        erase_expired(connection, source, loading.now)
        record_audits(connection, source.name, audits, fingerprints, loading.run_id, loading.now)
        record_attempts(connection, source, list(map(_tried, audited)), loading.run_id, loading.now)
    for day in audited:
        yield report_audited(day, changes.get(day.delivery.day), was_asked_for=day.delivery in asked_for)


def _judge_all(
    loading: Loading, judge: Judge, deliveries: Sequence[Delivery], delivered: dict[date, Delivered]
) -> Iterator[DayReport]:
    """Judge deliveries together; where one of them cannot be judged, each half of them."""
    if len(deliveries) == 1:
        refused = _judge(loading, judge, deliveries[0], delivered)
        if refused:
            yield refused
        return
    try:
        delivered |= judge.judge_together(deliveries)
    except (DeliveryRefusedError, OSError):
        middle = len(deliveries) // 2
        for half in (deliveries[:middle], deliveries[middle:]):
            yield from _judge_all(loading, judge, half, delivered)


def _judge(loading: Loading, judge: Judge, delivery: Delivery, delivered: dict[date, Delivered]) -> DayReport | None:
    """Judge a delivery and note what it brought; what is to be reported where it cannot be."""
    try:
        delivered[delivery.day] = judge.judge(delivery)
    except DeliveryRefusedError as error:
        tried = Tried(delivery.day, delivery.signature, delivery.fingerprint, is_published=False)
        return report_refused(loading, tried, error)
    except OSError as error:
        return report_unreadable(loading, delivery.day, error)
    return None


def _linked(loading: Loading, judge: Judge, delivered: dict[date, Delivered]) -> list[Delivery]:
    """Judge the days that share keys with those that are judged; one that cannot be read keeps what it has."""
    deliveries: list[Delivery] = []
    tried: set[date] = set()
    while len(tried) < LINKED_DAYS:
        linked = [day for day in linked_days(loading.connection, loading.source, delivered) if day not in tried]
        if not linked:
            break
        tried.add(linked[0])
        opened = _open(loading, linked[0])
        if isinstance(opened, Delivery) and _judge(loading, judge, opened, delivered) is None:
            deliveries.append(opened)
    return deliveries


def _tried(audited: AuditedDay) -> Tried:
    delivery = audited.delivery
    return Tried(delivery.day, delivery.signature, delivery.fingerprint, audited.is_good)
