"""``customer-analytics status`` and ``impact``: where days stand, and what depends on them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from customer_analytics.cli.common import (
    Day,
    Json,
    console,
    declared,
    ended,
    looked_after,
    print_json,
    read_settings,
    say,
)
from customer_analytics.settings import Settings

if TYPE_CHECKING:
    from customer_analytics.reporting.status import DayStatus

TABLE_DAYS = 14


def status(
    days: Annotated[int | None, typer.Option(min=1, help="Only the latest days; tables show 14 of them.")] = None,
    as_json: Json = False,
) -> None:
    """Where every day of every dataset stands: missing, landed, held back, published or stale; and what is wrong."""
    from customer_analytics.alerting.incidents import open_incidents
    from customer_analytics.alerting.printing import print_open
    from customer_analytics.alerting.store import open_store
    from customer_analytics.reporting.printing import print_status

    settings = read_settings()
    statuses = statuses_of(settings)
    if as_json:
        latest = sorted({status.day for status in statuses})[-days if days else None :]
        print_json([asdict(status) for status in statuses if status.day in latest])
    else:
        print_status(console, statuses, days or TABLE_DAYS)
        with open_store(settings.alerts_path) as store:
            print_open(console, open_incidents(store))


def impact(
    asset: Annotated[str, typer.Argument(help="The asset that changes, e.g. orders.")],
    day: Day,
    as_json: Json = False,
) -> None:
    """What would be affected downstream if a day of an asset changed: assets, days and columns."""
    from customer_analytics.reporting.impact import UnknownAssetError, impact_of
    from customer_analytics.reporting.printing import print_impact

    settings = read_settings()
    known = [source.name for source in declared()]
    try:
        effects = impact_of(asset, day.date(), looked_after(settings, day.date()), known)
    except UnknownAssetError as error:
        raise ended(str(error)) from error
    if as_json:
        print_json([asdict(effect) for effect in effects])
    else:
        print_impact(console, asset, day.date(), effects)


def statuses_of(settings: Settings) -> "list[DayStatus]":
    """Where every day that is looked after stands; ends the command where that cannot be seen.

    While somebody writes the warehouse, the snapshot for readers says it.
    """
    from customer_analytics.landing.errors import LandingUnreadableError
    from customer_analytics.reporting.status import read_status
    from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError

    sources, days = declared(), looked_after(settings)
    try:
        try:
            return read_status(settings.warehouse_path, settings.landing_dir, sources, days)
        except WarehouseBusyError as busy:
            say(f"{busy} This is what was published before.")
            return read_status(settings.serving_path, settings.landing_dir, sources, days)
    except (WarehouseError, LandingUnreadableError) as error:
        raise ended(str(error)) from error
