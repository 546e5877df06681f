"""What keeps derived assets up to date: a sensor that follows their inputs, and a time by which they must be ready."""

from collections.abc import Mapping
from datetime import date

import dagster as dg

from customer_analytics.components.partitions import range_request
from customer_analytics.components.resources import Warehouse
from customer_analytics.components.runs import runs_under_way
from customer_analytics.components.source_automation import yesterday
from customer_analytics.metrics.as_of import stale_days
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.warehouse.errors import WarehouseError
from customer_analytics.warehouse.ledger import latest_published

REFRESH_SENSOR = "refresh_customers"


def build_refresh_sensor(
    assets: Mapping[str, dg.AssetsDefinition], partitions: dg.DailyPartitionsDefinition
) -> dg.SensorDefinition:
    """Requests, for each derived asset, one run over the days whose inputs changed, late and corrected days included.

    It asks the ledger and keeps no cursor: a restart forgets nothing. The run key holds the inputs' revision, so a
    refresh that failed is tried again when its inputs change, or by the schedule.
    """

    @dg.sensor(
        name=REFRESH_SENSOR,
        target=list(assets.values()),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Computes customer value and customers at risk again when what they are made from has changed.",
    )
    def refresh(context: dg.SensorEvaluationContext, warehouse: Warehouse) -> dg.SensorResult | dg.SkipReason:
        if runs_under_way(context.instance, REFRESH_SENSOR):
            return dg.SkipReason("A refresh is under way.")
        requests = []
        try:
            with warehouse.peek() as connection:
                for name in assets:
                    through, revision = latest_published(connection, DERIVED_ASSETS[name].source)
                    stale = stale_days(connection, name, through) if connection and through else []
                    days = [day for day in stale if partitions.has_partition_key(day.isoformat())]
                    if days:
                        key = f"{name}:{days[0]}:{days[-1]}:{revision}"
                        requests.append(range_request(days[0], days[-1], key, [dg.AssetKey(name)]))
        except WarehouseError as error:
            return dg.SkipReason(str(error))
        if not requests:
            return dg.SkipReason("Everything that is derived is up to date.")
        return dg.SensorResult(run_requests=requests)

    return refresh


def build_ready_schedule(
    assets: Mapping[str, dg.AssetsDefinition], partitions: dg.DailyPartitionsDefinition, cron: str, time_zone: str
) -> dg.ScheduleDefinition:
    """By this time yesterday's figures are there, whatever has landed; their freshness check says what was missing."""

    @dg.schedule(
        name="customers_ready",
        target=list(assets.values()),
        cron_schedule=cron,
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Computes what is missing or stale through yesterday, from whatever is published.",
    )
    def ready(context: dg.ScheduleEvaluationContext, warehouse: Warehouse) -> list[dg.RunRequest] | dg.SkipReason:
        through = yesterday(context.scheduled_execution_time, time_zone)
        stale = _stale_or_yesterday(warehouse, list(assets), through)
        requests = [
            range_request(days[0], days[-1], f"{name}:{through}:ready", [dg.AssetKey(name)])
            for name, all_days in stale.items()
            if (days := [day for day in all_days if partitions.has_partition_key(day.isoformat())])
        ]
        return requests or dg.SkipReason(f"Everything is there through {through}.")

    return ready


def _stale_or_yesterday(warehouse: Warehouse, assets: list[str], through: date) -> dict[str, list[date]]:
    """What is to be computed; where the ledger cannot be asked now, the last day in any case."""
    try:
        with warehouse.peek() as connection:
            return {name: stale_days(connection, name, through) if connection else [] for name in assets}
    except WarehouseError:
        return {name: [through] for name in assets}
