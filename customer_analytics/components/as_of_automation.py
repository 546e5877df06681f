"""What keeps derived assets up to date: a sensor that follows their inputs, and a time by which they must be ready."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import duckdb

from customer_analytics.components.breaker import read_breaker
from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.partitions import range_request
from customer_analytics.components.resources import Warehouse
from customer_analytics.components.runs import days_under_way
from customer_analytics.components.source_automation import yesterday
from customer_analytics.contracts.schedule import OutputSchedule
from customer_analytics.metrics.as_of import inputs_revision, stale_days
from customer_analytics.metrics.derived import DERIVED_ASSETS, computed_before
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError, WarehouseVersionError
from customer_analytics.warehouse.ledger import latest_published_day

REFRESH_SENSOR = "refresh_customers"


def build_refresh_sensor(
    assets: Mapping[str, dg.AssetsDefinition],
    partitions: dg.DailyPartitionsDefinition,
    breakers: Mapping[str, BreakerPolicy],
) -> dg.SensorDefinition:
    """Requests one run over the days whose inputs changed, late and corrected days included, of all that is stale.

    It asks the ledger and keeps no cursor: a restart forgets nothing. What failed last time is asked for in a run of
    its own, so that it keeps nothing else from being computed. The run key holds the inputs' revision, how many
    refreshes failed in a row, and the hour: one that failed is tried again until its breaker opens, then with one day
    after each pause; one that was cancelled, in the next hour.
    """

    @dg.sensor(
        name=REFRESH_SENSOR,
        target=list(assets.values()),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Computes what is derived of customers again when what it is made from has changed.",
    )
    def refresh(context: dg.SensorEvaluationContext, warehouse: Warehouse) -> dg.SensorResult | dg.SkipReason:
        try:
            with warehouse.peek() as connection:
                waiting = [name for name in assets if not days_under_way(context.instance, name)]
                found = [_stale(connection, name, partitions) for name in waiting] if connection else []
        except (WarehouseBusyError, WarehouseVersionError) as error:
            return dg.SkipReason(str(error))
        stale = []
        now = datetime.now(UTC)
        for each in found:
            breaker = read_breaker(context.instance, each.name, breakers[each.name], now)
            if each.days and not breaker.lets_nothing_through:
                days = each.days[:1] if breaker.state == "half_open" else each.days
                stale.append(replace(each, days=days, failures=breaker.failures))
        if not stale:
            return dg.SkipReason("Everything that is derived is up to date, being computed, or paused.")
        together = [each for each in stale if not each.failures]
        alone = [[each] for each in stale if each.failures]
        return dg.SensorResult(run_requests=[_refresh_request(group, now) for group in [together, *alone] if group])

    return refresh


@dataclass(frozen=True)
class _Stale:
    """A derived asset with days to compute, the revision of its inputs, and how often it failed in a row."""

    name: str
    days: Sequence[date]
    revision: int
    failures: int = 0


def _stale(connection: duckdb.DuckDBPyConnection, name: str, partitions: dg.DailyPartitionsDefinition) -> _Stale:
    """What is stale of an asset, through the latest published day of what it is made from."""
    through = latest_published_day(connection, DERIVED_ASSETS[name].sources)
    days = stale_days(connection, name, through) if through else []
    known = [day for day in days if partitions.has_partition_key(day.isoformat())]
    return _Stale(name, known, inputs_revision(connection, name))


def _refresh_request(group: Sequence[_Stale], now: datetime) -> dg.RunRequest:
    first, last = min(each.days[0] for each in group), max(each.days[-1] for each in group)
    names = [each.name for each in group]
    revision, failures = max(each.revision for each in group), max(each.failures for each in group)
    run_key = f"{'+'.join(names)}:{first}:{last}:{revision}:{failures}:{now:%Y-%m-%dT%H}"
    return range_request(first, last, run_key, *names)


def build_ready_schedule(
    name: str, asset: dg.AssetsDefinition, partitions: dg.DailyPartitionsDefinition, times: OutputSchedule
) -> dg.ScheduleDefinition:
    """So early that yesterday's figures are there in time, whatever has landed; a check says what was missing.

    What comes before the asset is computed with it where that is missing or stale as well.
    """
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
        missing = {
            each: [
                day
                for day in _stale_or_yesterday(warehouse, each, through)
                if partitions.has_partition_key(day.isoformat())
            ]
            for each in computed_before(name)
        }
        under_way = {each: days_under_way(context.instance, each) for each in missing}
        days = [day for day in missing[name] if day not in under_way[name]]
        if not days:
            return dg.SkipReason(f"{name} is there through {through} or being computed, or nothing is published yet.")
        run_key = f"{name}:{through}:ready"
        if any(under_way.values()):  # What comes before it is seen to.
            return range_request(days[0], days[-1], run_key, name)
        together = sorted({day for of_each in missing.values() for day in of_each})
        return range_request(together[0], together[-1], run_key, *(each for each in missing if missing[each]))

    return ready


def _stale_or_yesterday(warehouse: Warehouse, asset: str, through: date) -> list[date]:
    """What is to be computed; where the ledger cannot be asked now, the last day in any case."""
    try:
        with warehouse.peek() as connection:
            return stale_days(connection, asset, through) if connection else []
    except WarehouseError:
        return [through]
