"""The one partitions definition that all daily assets share."""

from datetime import UTC, date, datetime

import dagster as dg

from customer_analytics.components.runs import requested
from customer_analytics.landing.calendar import first_day
from customer_analytics.settings import Settings


def daily_partitions(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Days (UTC) as ``landing.calendar`` has them; without a set end, yesterday is the last one."""
    start = first_day(settings, datetime.now(UTC).date())
    return dg.DailyPartitionsDefinition(
        start_date=start.isoformat(),
        end_date=settings.end_date.isoformat() if settings.end_date else None,
        timezone="UTC",
    )


def range_request(first: date, last: date, run_key: str, *assets: str) -> dg.RunRequest:
    """One run of the assets for all days from ``first`` through ``last``."""
    tags = {tag: outcome for asset in assets for tag, outcome in requested(asset).items()}
    keys = [dg.AssetKey(asset) for asset in assets]
    if first == last:
        return dg.RunRequest(run_key=run_key, partition_key=first.isoformat(), tags=tags, asset_selection=keys)
    days = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    return dg.RunRequest(run_key=run_key, tags=tags | days, asset_selection=keys)
