"""One look at everything: what is wrong, who has to be told, what is ready; all of it from the state of things.

A look that was missed, cut short or done twice changes nothing. The sensor ``watch`` takes one every half minute; the
command ``customer-analytics watch`` takes one from outside, and so notices when that sensor has stopped.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import dagster as dg
import duckdb
from filelock import FileLock, Timeout

from customer_analytics.alerting.announcements import announce
from customer_analytics.alerting.calls import deliver_due, overdue
from customer_analytics.alerting.channels import read_channels
from customer_analytics.alerting.findings import (
    blocking_findings,
    held_back_problems,
    slow_problems,
    warning_findings,
    warning_problems,
)
from customer_analytics.alerting.heartbeat import ping
from customer_analytics.alerting.incidents import open_incidents, over_since
from customer_analytics.alerting.lateness import late_problems
from customer_analytics.alerting.metrics import write_figures
from customer_analytics.alerting.outbox import dispatch
from customer_analytics.alerting.problem import Kind, Problem
from customer_analytics.alerting.reconcile import reconcile
from customer_analytics.alerting.store import begin_look, open_store
from customer_analytics.alerting.unreachable import read_webhooks, webhook_problems
from customer_analytics.alerting.webhook import Sending
from customer_analytics.components.automation_health import DAEMON, Silence, blind_problem, stopped_problems
from customer_analytics.components.names import CUSTOMER_ALIASES
from customer_analytics.components.run_problems import failed_run_problems, paused_problems
from customer_analytics.components.watched import Watched
from customer_analytics.landing.calendar import all_days
from customer_analytics.landing.folder import LandingArea
from customer_analytics.reporting.durations import slow_loads
from customer_analytics.reporting.schedule import TimelyDay, timely_days
from customer_analytics.settings import Settings
from customer_analytics.warehouse.connection import peek_warehouse
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError
from customer_analytics.warehouse.ledger import latest_published_day

SENDING_SECONDS = 15.0
# A deadline is on the day after, in any time zone.
LONGEST_LAG_DAYS = 3


@dataclass
class Look:
    """What a look found and did; ``notes`` say what could not be done."""

    problems: list[Problem] = field(default_factory=list)
    timely: list[TimelyDay] = field(default_factory=list)
    observed: set[Kind] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    sent: int = 0
    announced: list[date] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, problems: Sequence[Problem], *kinds: Kind) -> None:
        """Note problems of kinds that could be looked for."""
        self.problems += problems
        self.observed.update(kinds)


def look(watched: Watched, settings: Settings, instance: dg.DagsterInstance, now: datetime) -> Look | None:
    """Take one look and tell; None where another process is at it right now. ``now`` is aware."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(settings.alerts_path.with_suffix(".lock"), timeout=0):
            return _look(watched, settings, instance, now)
    except Timeout:
        return None


def _look(watched: Watched, settings: Settings, instance: dg.DagsterInstance, now: datetime) -> Look:
    found, random = Look(), Random(now.timestamp())  # noqa: S311 - it only spreads attempts over time
    channels = read_channels(watched.routing.channels, os.environ)
    webhooks = read_webhooks(watched.webhooks, os.environ)
    names = [webhook.name for webhook in webhooks]
    with open_store(settings.alerts_path) as store:
        watch = begin_look(store, now)
        with _guarded(found, "the data"), peek_warehouse(settings.serving_path) as serving:
            if serving or not _awaits_snapshot(settings, watched):
                _look_at_data(found, watched, settings, serving, watch.since, now)
            found.announced = announce(store, serving, names, now) if serving else []
        with _guarded(found, "Dagster"):
            back = over_since(store, "stopped", DAEMON, now) or watch.unbroken_since
            silence = Silence(watch.unbroken_since, max(watch.unbroken_since, back))
            _look_at_dagster(found, watched, instance, silence, now)
        allow_private = settings.webhook_allow_private
        unreachable = webhook_problems(webhooks, overdue(store, names, now), allow_private=allow_private)
        found.add(unreachable, "webhook_failed")
        reconciled = reconcile(store, found.problems, found.observed, watched.routing, channels, now)
        dispatched = dispatch(store, channels, now, random, SENDING_SECONDS)
        deliver_due(store, webhooks, now, random, Sending(allow_private=allow_private), SENDING_SECONDS)
        found.opened, found.resolved, found.sent = reconciled.opened, reconciled.resolved, dispatched.sent
        found.notes += [*channels.faults, *(f"{address}: {why}" for address, why in dispatched.failures.items())]
        with _noted(found, "write the metrics"), peek_warehouse(settings.serving_path) as serving:
            write_figures(settings.metrics_path, serving, watched.timetable, found.timely, open_incidents(store), now)
    if settings.heartbeat_url and not found.notes:  # Whoever waits for it is told when people here cannot be.
        found.notes += ping(settings.heartbeat_url.get_secret_value())
    return found


@contextmanager
def _guarded(found: Look, what: str) -> Iterator[None]:
    """What cannot be looked at is told like any problem, and keeps nobody from being told of the rest."""
    before = len(found.notes)
    with _noted(found, f"look at {what}"):
        yield
    if len(found.notes) > before:
        found.problems.append(blind_problem(what))


@contextmanager
def _noted(found: Look, what: str) -> Iterator[None]:
    """Whatever goes wrong is a note: one part that does not work must not silence the others."""
    try:
        yield
    except Exception as error:
        found.notes.append(f"Cannot {what}: {type(error).__name__}: {error}")


def _awaits_snapshot(settings: Settings, watched: Watched) -> bool:
    """Whether a run is at work that makes the first snapshot: that nothing is seen yet says nothing.

    Raises:
        WarehouseError: nobody is at work, and something is published that cannot be seen.
    """
    try:
        with peek_warehouse(settings.warehouse_path) as warehouse:
            if warehouse and latest_published_day(warehouse, list(watched.timetable.deliveries)):
                message = (
                    f"There is no snapshot at {settings.serving_path}: `customer-analytics upgrade` makes it anew."
                )
                raise WarehouseError(message)
    except WarehouseBusyError:
        return True
    return False


def _look_at_data(
    found: Look,
    watched: Watched,
    settings: Settings,
    serving: duckdb.DuckDBPyConnection | None,
    since: datetime,
    now: datetime,
) -> None:
    # In the far east a deadline is on the delivery day itself, as UTC has it.
    tomorrow = now.date() + timedelta(days=1)
    days = [day for day in all_days(settings, tomorrow) if day >= since.date() - timedelta(days=LONGEST_LAG_DAYS)]
    found.timely = timely_days(
        serving, LandingArea(settings.landing_dir), watched.timetable, days, since=since, now=now
    )
    known = {*watched.timetable.deliveries, *watched.timetable.outputs}  # The history has sources that were removed.
    blocking = [each for each in blocking_findings(serving) if each.dataset in known] if serving else []
    held_back = {(finding.dataset, finding.day) for finding in blocking}
    found.add(late_problems(found.timely, held_back, watched.surroundings), "not_landed", "not_published", "not_ready")
    found.add(held_back_problems(blocking, watched.surroundings), "held_back")
    warnings = [each for each in warning_findings(serving, now) if each.dataset in known] if serving else []
    found.add(warning_problems(warnings, watched.surroundings), "check_warned")
    slow = slow_loads(serving) if serving else []
    found.add(slow_problems(slow, watched.surroundings), "slow")


def _look_at_dagster(
    found: Look, watched: Watched, instance: dg.DagsterInstance, silence: Silence, now: datetime
) -> None:
    found.add(failed_run_problems(instance, [*watched.breakers, CUSTOMER_ALIASES], watched.surroundings), "run_failed")
    found.add(paused_problems(instance, watched.breakers, watched.surroundings, now), "paused")
    found.add(stopped_problems(instance, watched.automation, watched.surroundings, silence, now), "stopped")
