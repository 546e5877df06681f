"""What keeps derived assets up to date: a sensor that follows their inputs, and a time by which they must be ready."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from customer_analytics.components.breaker import read_breaker
from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.partitions import range_request
from customer_analytics.components.resources import Warehouse
from customer_analytics.components.runs import days_under_way
from customer_analytics.components.source_automation import yesterday
from customer_analytics.contracts.schedule import OutputSchedule
from customer_analytics.metrics.as_of import stale_days
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError, WarehouseVersionError
from customer_analytics.warehouse.ledger import latest_published

REFRESH_SENSOR = "refresh_customers"


def build_refresh_sensor(
    assets: Mapping[str, dg.AssetsDefinition],
    partitions: dg.DailyPartitionsDefinition,
    breakers: Mapping[str, BreakerPolicy],
) -> dg.SensorDefinition:
    """Requests, for each derived asset, one run over the days whose inputs changed, late and corrected days included.

    It asks the ledger and keeps no cursor: a restart forgets nothing. The run key holds the inputs' revision and how
    many refreshes failed in a row: one that failed is tried again until its breaker opens, then after each pause.
    """

    @dg.sensor(
        name=REFRESH_SENSOR,
        target=list(assets.values()),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Computes customer value and customers at risk again when what they are made from has changed.",
    )
    def refresh(context: dg.SensorEvaluationContext, warehouse: Warehouse) -> dg.SensorResult | dg.SkipReason:
        requests = []
        try:
            with warehouse.peek() as connection:
                for name in assets:
                    through, revision = latest_published(connection, DERIVED_ASSETS[name].source)
                    stale = stale_days(connection, name, through) if connection and through else []
                    days = [day for day in stale if partitions.has_partition_key(day.isoformat())]
                    breaker = read_breaker(context.instance, name, breakers[name], datetime.now(UTC))
                    if days and breaker.state != "open" and not days_under_way(context.instance, name):
                        key = f"{name}:{days[0]}:{days[-1]}:{revision}:{breaker.failures}"
                        requests.append(range_request(days[0], days[-1], key, dg.AssetKey(name)))
        except (WarehouseBusyError, WarehouseVersionError) as error:
            return dg.SkipReason(str(error))
        if not requests:
            return dg.SkipReason("Everything that is derived is up to date, being computed, or paused.")
        return dg.SensorResult(run_requests=requests)

    return refresh


def build_ready_schedule(
    name: str, asset: dg.AssetsDefinition, partitions: dg.DailyPartitionsDefinition, times: OutputSchedule
) -> dg.ScheduleDefinition:
    """So early that yesterday's figures are there in time, whatever has landed; a check says what was missing."""
    start = (datetime.combine(date.min, times.ready_by) + timedelta(days=1, minutes=-times.takes_minutes)).time()

    @dg.schedule(
        name=f"{name}_ready",
        target=asset,
        cron_schedule=f"{start.minute} {start.hour} * * *",
        execution_timezone=times.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Computes what is missing or stale of {name} through yesterday, from whatever is published.",
    )
    def ready(context: dg.ScheduleEvaluationContext, warehouse: Warehouse) -> dg.RunRequest | dg.SkipReason:
        ready_by = context.scheduled_execution_time + timedelta(minutes=times.takes_minutes)
        through = yesterday(ready_by, times.timezone)
        under_way = days_under_way(context.instance, name)
        days = [
            day
            for day in _stale_or_yesterday(warehouse, name, through)
            if day not in under_way and partitions.has_partition_key(day.isoformat())
        ]
        if not days:
            return dg.SkipReason(f"{name} is there through {through}, or being computed.")
        return range_request(days[0], days[-1], f"{name}:{through}:ready", dg.AssetKey(name))

    return ready


def _stale_or_yesterday(warehouse: Warehouse, asset: str, through: date) -> list[date]:
    """What is to be computed; where the ledger cannot be asked now, the last day in any case."""
    try:
        with warehouse.peek() as connection:
            return stale_days(connection, asset, through) if connection else []
    except WarehouseError:
        return [through]
