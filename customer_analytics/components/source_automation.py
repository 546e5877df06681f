"""What starts a source's runs: its flag, and its deadline."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from customer_analytics.components.partitions import contiguous, range_request
from customer_analytics.components.resources import Landing, Warehouse
from customer_analytics.contracts.source import Source
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import LandingArea
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseVersionError
from customer_analytics.warehouse.ledger import published_fingerprints


def build_flag_sensor(
    source: Source, asset: dg.AssetsDefinition, partitions: dg.DailyPartitionsDefinition
) -> dg.SensorDefinition:
    """Requests a run for every day whose flag is new or whose content changed; neighbouring days share one run.

    The cursor holds the signature of each day that was seen to. A day that is published with the same content and
    rules needs no run, so a lost cursor costs only a look.
    """

    @dg.sensor(
        name=f"{source.name}_flag",
        target=asset,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Loads a day of {source.name} when its flag is set, or when its files changed.",
    )
    def flag_sensor(
        context: dg.SensorEvaluationContext, warehouse: Warehouse, landing: Landing
    ) -> dg.SensorResult | dg.SkipReason:
        area = landing.area
        known = set(partitions.get_partition_keys())
        signatures = {
            day.isoformat(): area.signature(source.name, day)
            for day in area.landed_days(source.name)
            if day.isoformat() in known
        }
        seen: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
        changed = [date.fromisoformat(day) for day, signature in signatures.items() if seen.get(day) != signature]
        if not changed:
            return dg.SkipReason(f"{len(signatures)} landed days, none of them new or changed.")
        try:
            published = _published(warehouse, source)
        except WarehouseBusyError as error:
            return dg.SkipReason(f"{error} {len(changed)} new or changed days wait for the next look.")
        to_load = _to_load(area, source, changed, published)
        requests = [
            range_request(first, last, _run_key(source, to_load, first, last))
            for first, last in contiguous(list(to_load))
        ]
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(signatures))

    return flag_sensor


def build_deadline_schedule(
    source: Source, asset: dg.AssetsDefinition, cron: str, time_zone: str
) -> dg.ScheduleDefinition:
    """At the deadline asks for yesterday unless it is published, so that a day that never landed is seen to fail."""

    @dg.schedule(
        name=f"{source.name}_deadline",
        target=asset,
        cron_schedule=cron,
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"By then yesterday's {source.name} must be published; if not, a run loads it or says why not.",
    )
    def deadline(context: dg.ScheduleEvaluationContext, warehouse: Warehouse) -> dg.RunRequest | dg.SkipReason:
        day = yesterday(context.scheduled_execution_time, time_zone)
        try:
            if day in _published(warehouse, source):
                return dg.SkipReason(f"{source.name} {day} is published.")
        except WarehouseBusyError:
            context.log.info(f"The warehouse is in use; {source.name} {day} is asked for in any case.")
        return dg.RunRequest(run_key=f"{source.name}:{day}:deadline", partition_key=day.isoformat())

    return deadline


def yesterday(scheduled: datetime, time_zone: str) -> date:
    """The last whole day before a tick, in the schedule's time zone."""
    return scheduled.astimezone(ZoneInfo(time_zone)).date() - timedelta(days=1)


def _published(warehouse: Warehouse, source: Source) -> Mapping[date, tuple[str, str]]:
    """What the ledger says; nothing where there is none that this code can read: then a run is asked for, and tells."""
    try:
        with warehouse.peek() as connection:
            return published_fingerprints(connection, source) if connection else {}
    except WarehouseVersionError:
        return {}


def _to_load(
    area: LandingArea, source: Source, days: list[date], published: Mapping[date, tuple[str, str]]
) -> dict[date, str]:
    """The fingerprint of each day that is not published as it lies there now."""
    fingerprints: dict[date, str] = {}
    for day in days:
        try:
            fingerprint = area.open(source.name, day).fingerprint
        except DeliveryRefusedError:
            fingerprint = area.signature(source.name, day)  # The run says what is wrong with it.
        if published.get(day) != (fingerprint, source.fingerprint):
            fingerprints[day] = fingerprint
    return fingerprints


def _run_key(source: Source, fingerprints: Mapping[date, str], first: date, last: date) -> str:
    content = "".join(fingerprints[day] for day in sorted(fingerprints) if first <= day <= last)
    digest = hashlib.sha256((content + source.fingerprint).encode()).hexdigest()[:16]
    return f"{source.name}:{first}:{last}:{digest}"
