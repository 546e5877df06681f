"""What starts a source's runs: its flag, and its deadline."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from customer_analytics.components.breaker import BreakerState, read_breaker
from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.partitions import range_request
from customer_analytics.components.resources import Landing, Warehouse
from customer_analytics.components.runs import days_under_way
from customer_analytics.contracts.source import Source
from customer_analytics.landing.calendar import contiguous
from customer_analytics.landing.folder import LandingArea
from customer_analytics.landing.unchanged import is_unchanged
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError, WarehouseVersionError
from customer_analytics.warehouse.ledger import Attempt, is_published, last_attempts

# So many runs are asked for in one look; the rest in the next ones, when these are under way or done.
MOST_REQUESTS = 25


def build_flag_sensor(
    source: Source, asset: dg.AssetsDefinition, partitions: dg.DailyPartitionsDefinition, breaker: BreakerPolicy
) -> dg.SensorDefinition:
    """Requests a run for every day whose flag is new or whose content changed; neighbouring days share one run.

    What was tried last stands in the warehouse, so the sensor keeps no cursor and a restart forgets nothing. A day that
    was held back waits for new content, or for other rules. While the source is paused nothing is asked for, and then
    the latest day, to see whether it works: an old one that never does keeps no new one waiting for ever.
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
    ) -> list[dg.RunRequest] | dg.SkipReason:
        area = landing.area
        landed = [day for day in area.landed_days(source.name) if partitions.has_partition_key(day.isoformat())]
        try:
            with warehouse.peek() as connection:
                attempts = last_attempts(connection, source.name) if connection else {}
        except (WarehouseBusyError, WarehouseVersionError) as error:
            return dg.SkipReason(str(error))
        under_way = days_under_way(context.instance, source.name)
        to_load = {
            day: f"{area.signature(source.name, day)}:{attempts[day].number if day in attempts else 0}"
            for day in landed
            if day not in under_way and not (day in attempts and _is_seen_to(area, source, day, attempts[day]))
        }
        if not to_load:
            held_back = [str(day) for day in landed if day in attempts and not attempts[day].is_published]
            waiting = f"; held back until their files change: {', '.join(held_back[:10])}" if held_back else ""
            return dg.SkipReason(f"{len(landed)} landed days, {len(under_way)} of them being loaded{waiting}.")
        paused = read_breaker(context.instance, source.name, breaker, datetime.now(UTC))
        if paused.lets_nothing_through or (paused.state == "half_open" and under_way):
            return dg.SkipReason(f"{paused.words}; {len(to_load)} days wait.")
        ranges = contiguous(to_load) if paused.state == "closed" else [(max(to_load), max(to_load))]
        return [
            range_request(first, last, _run_key(source, to_load, first, last, paused), source.name)
            for first, last in ranges[:MOST_REQUESTS]
        ]

    return flag_sensor


def build_deadline_schedule(
    source: Source, asset: dg.AssetsDefinition, partitions: dg.DailyPartitionsDefinition, breaker: BreakerPolicy
) -> dg.ScheduleDefinition:
    """At the deadline asks for yesterday unless it is published, so that a day that never landed is seen to fail."""
    times = source.schedule

    @dg.schedule(
        name=f"{source.name}_deadline",
        target=asset,
        cron_schedule=f"{times.deadline.minute} {times.deadline.hour} * * *",
        execution_timezone=times.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"By then yesterday's {source.name} must have landed; if not, a run loads it or says why not.",
    )
    def deadline(context: dg.ScheduleEvaluationContext, warehouse: Warehouse) -> dg.RunRequest | dg.SkipReason:
        day = yesterday(context.scheduled_execution_time, times.timezone)
        reason = _why_not(context.instance, day)
        if reason:
            return dg.SkipReason(reason)
        try:
            with warehouse.peek() as connection:
                if connection and is_published(connection, source.name, day):
                    return dg.SkipReason(f"{source.name} {day} is published.")
        except WarehouseError:
            context.log.info(f"The warehouse cannot be asked now; {source.name} {day} is asked for in any case.")
        return range_request(day, day, f"{source.name}:{day}:deadline", source.name)

    def _why_not(instance: dg.DagsterInstance, day: date) -> str:
        if not partitions.has_partition_key(day.isoformat()):
            return f"{day} is not one of the daily partitions."
        if not times.is_expected(day):
            return f"No delivery of {source.name} is expected for {day}."
        if day in days_under_way(instance, source.name):
            return f"{source.name} {day} is being loaded."
        paused = read_breaker(instance, source.name, breaker, datetime.now(UTC))
        return paused.words if paused.lets_nothing_through else ""

    return deadline


def yesterday(scheduled: datetime, time_zone: str) -> date:
    """The last whole day before a tick, in the schedule's time zone."""
    return scheduled.astimezone(ZoneInfo(time_zone)).date() - timedelta(days=1)


def _is_seen_to(area: LandingArea, source: Source, day: date, attempt: Attempt) -> bool:
    """Whether the files lie there as they were tried last, and trying them again would change nothing."""
    if not attempt.is_published and attempt.rules_fingerprint != source.fingerprint:
        return False
    return is_unchanged(area, source.name, day, attempt.signature, attempt.fingerprint)


def _run_key(source: Source, to_load: Mapping[date, str], first: date, last: date, breaker: BreakerState) -> str:
    content = ";".join(to_load[day] for day in sorted(to_load) if first <= day <= last)
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    # A run that died before it tried anything is asked for again: at once, because it counts as failed; by the hour,
    # where it was cancelled.
    return f"{source.name}:{first}:{last}:{digest}:{breaker.failures}:{datetime.now(UTC):%Y-%m-%dT%H}"
