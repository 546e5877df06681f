"""The one partitions definition that all daily assets share."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import dagster as dg

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


def contiguous(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days as ranges, first and last day of each, ascending."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and ranges[-1][1] + timedelta(days=1) == day:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges


def range_request(first: date, last: date, run_key: str, assets: Sequence[dg.AssetKey] | None = None) -> dg.RunRequest:
    """One run for all days from ``first`` through ``last``."""
    if first == last:
        return dg.RunRequest(run_key=run_key, partition_key=first.isoformat(), asset_selection=assets)
    tags = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    return dg.RunRequest(run_key=run_key, tags=tags, asset_selection=assets)
