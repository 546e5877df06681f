"""``customer-analytics replay`` and ``diff``: judging days again, and what that changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from customer_analytics.cli.common import (
    DAY_FORMATS,
    Day,
    Json,
    SourceName,
    console,
    declared_source,
    ended,
    looked_after,
    print_json,
    read_settings,
    say,
    warehouse_or_end,
)
from customer_analytics.cli.days import statuses_of
from customer_analytics.settings import Settings

if TYPE_CHECKING:
    from customer_analytics.contracts.source import Source
    from customer_analytics.reporting.replay import Replayed

Values = Annotated[bool, typer.Option("--values", help="Show values; without it only their shape is shown.")]


def replay(
    source: SourceName,
    day: Annotated[datetime | None, typer.Argument(formats=DAY_FORMATS, help="A delivery day.")] = None,
    last: Annotated[
        datetime | None, typer.Argument(formats=DAY_FORMATS, help="All days from DAY through this.")
    ] = None,
    outdated: Annotated[
        bool, typer.Option("--outdated", help="All days judged under other rules than today's.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge days again, under today's rules and with their corrections, and refresh what depends on them."""
    from customer_analytics.landing.calendar import days_through

    settings, of = read_settings(), declared_source(source)
    if outdated == (day is not None):
        message = "Say which days: one, or the first and the last one, or --outdated."
        raise ended(message)
    if day and last and last < day:
        message = f"{last:%Y-%m-%d} is before {day:%Y-%m-%d}: the first day comes first."
        raise ended(message)
    days = days_through(day.date(), (last or day).date()) if day else _outdated_days(settings, of)
    print_replayed(replay_days(settings, of, days) if days else [], as_json=as_json)


def diff(source: SourceName, day: Day, values: Values = False, as_json: Json = False) -> None:
    """What the latest republication of a day changed: records added, removed, changed."""
    from customer_analytics.reporting.diff import latest_changes
    from customer_analytics.reporting.masking import mask_all
    from customer_analytics.reporting.printing import print_diff

    declared = declared_source(source)
    with warehouse_or_end(read_settings()) as connection:
        changes = latest_changes(connection, declared.name, day.date())
    if not values:
        changes = [mask_all(change, "before", "after") for change in changes]
    if as_json:
        print_json({"counts": Counter(each.change for each in changes), "records": [asdict(each) for each in changes]})
    else:
        print_diff(console, declared.name, day.date(), changes)


def replay_days(settings: Settings, source: "Source", days: Sequence[date]) -> "list[Replayed]":
    """Have Dagster run days of a source again, then whatever is stale after that; ends the command where that fails."""
    from customer_analytics.cli.launch import LaunchError, launch
    from customer_analytics.landing.calendar import contiguous
    from customer_analytics.metrics.as_of import stale_days
    from customer_analytics.metrics.derived import DERIVED_ASSETS
    from customer_analytics.reporting.replay import read_replayed
    from customer_analytics.warehouse.ledger import latest_published_day

    log = settings.data_dir / "replay.log"
    known = set(looked_after(settings, *days))
    try:
        for first, last in contiguous(days):
            say(f"Judging {source.name} again, {first} to {last} ...")
            launch(source.name, first, last, log, lambda: None)
        with warehouse_or_end(settings) as connection:
            through = latest_published_day(connection, [source.name]) or days[-1]
            stale = {
                asset: known.intersection(stale_days(connection, asset, through))
                for asset, derived in DERIVED_ASSETS.items()
                if source.name in derived.sources
            }
        to_do = sorted({day for asset_days in stale.values() for day in asset_days})
        if to_do:
            say(f"Refreshing what depends on that, {to_do[0]} to {to_do[-1]} ...")
            assets = " or ".join(f'key:"{asset}"' for asset, asset_days in stale.items() if asset_days)
            launch(assets, to_do[0], to_do[-1], log, lambda: None)
    except LaunchError as error:
        message = f"{error} Where a check holds a day back, `customer-analytics status` names it."
        raise ended(message) from error
    with warehouse_or_end(settings) as connection:
        return read_replayed(connection, source.name, days)


def _outdated_days(settings: Settings, source: "Source") -> list[date]:
    """The days that were judged under other rules than today's and can be again; says of which the delivery is gone."""
    from customer_analytics.landing.folder import LandingArea

    outdated = {each.day for each in statuses_of(settings) if each.dataset == source.name and each.is_outdated}
    landed = outdated.intersection(LandingArea(settings.landing_dir).landed_days(source.name))
    if not outdated:
        say(f"Every published day of {source.name} was judged under today's rules.")
    elif gone := sorted(outdated - landed):
        say(f"{len(gone)} days stay as they are, since their deliveries are gone: {gone[0]} to {gone[-1]}.")
    return sorted(landed)


def print_replayed(replayed: "Sequence[Replayed]", *, as_json: bool) -> None:
    """Say what a replay left of each day."""
    if as_json:
        print_json([asdict(each) for each in replayed])
        return
    for each in replayed:
        console.print(
            escape(
                f"{each.source} {each.day}: {each.accepted:,} of {each.records:,} records published, "
                f"{each.released:,} of them corrected; {each.quarantined:,} set aside."
            ),
            highlight=False,
        )
