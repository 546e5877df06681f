"""``customer-analytics schedule``, ``incidents`` and ``watch``: days against their times, what is wrong, telling it."""

import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from customer_analytics.cli.common import Json, console, ended, print_json, read_settings

if TYPE_CHECKING:
    from customer_analytics.components.watched import Watched
    from customer_analytics.reporting.schedule import TimelyDay
    from customer_analytics.settings import Settings


def schedule(
    days: Annotated[int, typer.Option(min=1, help="How many of the latest days.")] = 14, as_json: Json = False
) -> None:
    """Every day against its times: landed, started, published, ready, and the share of days that were in time."""
    from customer_analytics.components.alerts import declared_conflicts
    from customer_analytics.reporting.printing import print_schedule
    from customer_analytics.reporting.schedule import shares_in_time

    settings, now = read_settings(), datetime.now(UTC)
    watched = _watched()
    timely = _timely_days(watched, settings, now)
    shares = shares_in_time(timely)
    conflicts = declared_conflicts(watched.timetable, now)
    latest = sorted({day.day for day in timely})[-days:]
    shown = [day for day in timely if day.day in latest]
    if as_json:
        print_json({"days": [asdict(day) for day in shown], "share_in_time": shares, "conflicts": conflicts})
    else:
        print_schedule(console, shown, shares, conflicts)


def incidents(
    days: Annotated[int, typer.Option(min=1, help="Also those that ended within so many days.")] = 7,
    as_json: Json = False,
) -> None:
    """What is wrong now, what was lately, and messages that could not be sent yet."""
    from customer_analytics.alerting.incidents import history
    from customer_analytics.alerting.outbox import waiting
    from customer_analytics.alerting.printing import print_incidents
    from customer_analytics.alerting.store import open_store

    settings = read_settings()
    with open_store(settings.alerts_path) as store:
        found = history(store, datetime.now(UTC) - timedelta(days=days))
        unsent = waiting(store)
    if as_json:
        print_json({"incidents": [asdict(each) for each in found], "unsent": [asdict(each) for each in unsent]})
    else:
        print_incidents(console, found, unsent)


def watch(as_json: Json = False) -> None:
    """Look once for what is wrong and tell people, like the sensor of that name: it notices when that has stopped.

    To be run every few minutes by something other than Dagster. Exit code 1 where a look could not see everything.
    """
    import dagster as dg

    from customer_analytics.components.alerts import in_words
    from customer_analytics.components.watch import look

    if not os.environ.get("DAGSTER_HOME"):
        message = "DAGSTER_HOME is not set: without it Dagster's runs, sensors and daemons cannot be looked at."
        raise ended(message)
    with dg.DagsterInstance.get() as instance:
        found = look(_watched(), read_settings(), instance, datetime.now(UTC))
    if as_json:
        print_json(asdict(found) | {"observed": sorted(found.observed)} if found else None)
    else:
        console.print(in_words(found), highlight=False, markup=False, soft_wrap=True)
    if found and found.notes:
        raise typer.Exit(1)


def _watched() -> "Watched":
    from customer_analytics.components.catalog import declared_watch

    return declared_watch()


def _timely_days(watched: "Watched", settings: "Settings", now: datetime) -> "list[TimelyDay]":
    from customer_analytics.alerting.store import open_store, watched_since
    from customer_analytics.landing.calendar import all_days
    from customer_analytics.landing.errors import LandingUnreadableError
    from customer_analytics.landing.folder import LandingArea
    from customer_analytics.reporting.schedule import timely_days
    from customer_analytics.warehouse.connection import peek_warehouse
    from customer_analytics.warehouse.errors import WarehouseError

    with open_store(settings.alerts_path) as store:
        since = watched_since(store) or now
    try:
        with peek_warehouse(settings.serving_path) as serving:
            days = all_days(settings, now.date())
            area = LandingArea(settings.landing_dir)
            return timely_days(serving, area, watched.timetable, days, since=since, now=now)
    except (WarehouseError, LandingUnreadableError) as error:
        raise ended(str(error)) from error
