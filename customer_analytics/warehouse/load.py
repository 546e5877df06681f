"""The way of a day's data: open the delivery, judge it, audit it, publish it. Where possible days go together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.errors import DeliveryRefusedError, NotLandedError
from customer_analytics.landing.folder import Delivery, LandingArea
from customer_analytics.quality.audit import audit_day, audit_not_landed, audit_refused
from customer_analytics.quality.duplicates import reject_across_days, reject_within_day
from customer_analytics.quality.figures import DayFigures, read_figures
from customer_analytics.quality.judge import Delivered, Judge
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.warehouse.ledger import Tried, record_attempts
from customer_analytics.warehouse.publish import AuditedDay, publish, record_audits
from customer_analytics.warehouse.tables import ensure_table
from customer_analytics.warehouse.transaction import transaction

# Deliveries are judged together up to this many bytes on disk and days, so that memory stays bounded however long the
# range, and so does the search for keys that stand under several days.
BATCH_BYTES = 128 * 1024 * 1024
BATCH_DAYS = 31


@dataclass(frozen=True)
class DayReport:
    """What became of one asked-for day of a source.

    ``published``: it passed. ``held_back``: a check blocked it; the day keeps what it had. ``not_landed``: there is
    no delivery yet. ``message`` says why a day was not published; ``figures`` exist where it could be read.
    """

    day: date
    state: Literal["published", "held_back", "not_landed"]
    message: str = ""
    checks: Sequence[CheckOutcome] = ()
    delivery: Delivery | None = None
    figures: DayFigures | None = None


def load_days(
    connection: duckdb.DuckDBPyConnection,
    area: LandingArea,
    source: Source,
    days: Sequence[date],
    *,
    run_id: str,
    now: datetime,
) -> Iterator[DayReport]:
    """Load days of a source, oldest first; good days are published a batch at a time, each batch in one transaction.

    Raises:
        WarehouseError: the published table does not fit the contract.
    """
    ensure_table(connection, source)
    batch: list[Delivery] = []
    for day in sorted(days):
        try:
            delivery = area.open(source.name, day)
        except NotLandedError as error:
            yield DayReport(day, "not_landed", str(error), audit_not_landed())
            continue
        except DeliveryRefusedError as error:
            tried = Tried(day, area.signature(source.name, day), None, is_published=False)
            yield _refuse(connection, source, tried, str(error), run_id, now)
            continue
        except OSError as error:
            yield _unreadable(source, day, error)
            continue
        if batch and (len(batch) == BATCH_DAYS or _size([*batch, delivery]) > BATCH_BYTES):
            yield from _load_batch(connection, source, batch, run_id, now)
            batch = []
        batch.append(delivery)
    if batch:
        yield from _load_batch(connection, source, batch, run_id, now)


def _load_batch(
    connection: duckdb.DuckDBPyConnection, source: Source, deliveries: Sequence[Delivery], run_id: str, now: datetime
) -> Iterator[DayReport]:
    judge = Judge(connection, source)
    delivered: dict[date, Delivered] = {}
    for delivery in deliveries:
        try:
            delivered[delivery.day] = judge.judge(delivery)
        except DeliveryRefusedError as error:
            tried = Tried(delivery.day, delivery.signature, delivery.fingerprint, is_published=False)
            yield _refuse(connection, source, tried, str(error), run_id, now)
        except OSError as error:
            yield _unreadable(source, delivery.day, error)
    readable = [delivery for delivery in deliveries if delivery.day in delivered]
    audited = _audit(connection, source, readable, delivered)
    fingerprints = {day.delivery.day: day.delivery.fingerprint for day in audited}
    audits = {day.delivery.day: day.checks for day in audited}
    with transaction(connection):
        publish(connection, source, audited, run_id, now)
        record_audits(connection, source.name, audits, fingerprints, run_id, now)
        record_attempts(connection, source, list(map(_tried, audited)), run_id, now)
    yield from map(_report, audited)


def _tried(audited: AuditedDay) -> Tried:
    delivery = audited.delivery
    return Tried(delivery.day, delivery.signature, delivery.fingerprint, audited.is_good)


def _report(audited: AuditedDay) -> DayReport:
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
    )


def _audit(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    deliveries: Sequence[Delivery],
    delivered: Mapping[date, Delivered],
) -> list[AuditedDay]:
    """Audit days that are judged together; a day that is held back leaves its keys to the other days.

    Whether a day is held back can hang on the keys of earlier days, so of the days for which it does only the first is
    decided at a time. Once decided it stays so.
    """
    reject_within_day(connection, source)
    published = _records_by_day(connection, source)
    brought = {day: what.records - what.ignored for day, what in delivered.items()}
    held_back: dict[date, AuditedDay] = {}
    while True:
        reject_across_days(connection, source, list(delivered), list(held_back))
        figures = read_figures(connection, source, dict(delivered))
        history = published | {day: records for day, records in brought.items() if day not in held_back}
        audited = {
            delivery.day: AuditedDay(delivery, figures[delivery.day], audit_day(source, figures[delivery.day], history))
            for delivery in deliveries
        } | held_back
        blocked = [day for day in audited.values() if not day.is_good and day.delivery.day not in held_back]
        if not blocked:
            return list(audited.values())
        held_back |= {
            day.delivery.day: day for day in blocked if day is blocked[0] or not day.figures.hangs_on_other_days
        }


def _records_by_day(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[date, int]:
    rows = connection.execute(
        "select delivery_day, records - ignored from quality.deliveries where source = ?", [source.name]
    ).fetchall()
    return dict(rows)


def _refuse(
    connection: duckdb.DuckDBPyConnection, source: Source, tried: Tried, message: str, run_id: str, now: datetime
) -> DayReport:
    checks = audit_refused(message)
    with transaction(connection):
        record_audits(connection, source.name, {tried.day: checks}, {}, run_id, now)
        record_attempts(connection, source, [tried], run_id, now)
    return DayReport(tried.day, "held_back", message, checks)


def _unreadable(source: Source, day: date, error: OSError) -> DayReport:
    """The machine's fault, not the delivery's: it is not recorded as tried, so that automation tries it again."""
    message = (
        f"{source.name} {day} cannot be read: {error.strerror} ({error.filename}). Mend that, then run the day again."
    )
    return DayReport(day, "held_back", message, audit_refused(message))


def _size(deliveries: Sequence[Delivery]) -> int:
    return sum(file.path.stat().st_size for delivery in deliveries for file in delivery.files)
