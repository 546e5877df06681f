"""Running the demo: land its days, then have Dagster materialize whatever is missing."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from customer_analytics.demo.land import land_demo
from customer_analytics.demo.records import SOURCES
from customer_analytics.landing.folder import LandingArea
from customer_analytics.settings import PROJECT_ROOT, Settings

# Tells the demo's landing area from one with real deliveries.
MARKER = ".demo"


class DemoError(Exception):
    """The demo could not be run to its end; the message says where to look."""


def progress_bar(console: Console) -> Progress:
    """A bar with a count and the time it took."""
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def land(settings: Settings, days: int, today: date, progress: Progress) -> list[date]:
    """Land the demo days through yesterday; those that lie there stay as they are. Returns all of them.

    A demo that was begun on an earlier day goes on where it ended, so that it always reaches yesterday.

    Raises:
        DemoError: the landing area holds other deliveries.
    """
    area = LandingArea(settings.landing_dir)
    marker = settings.landing_dir / MARKER
    if area.sources() and not marker.exists():
        message = (
            f"{settings.landing_dir} holds deliveries that are not the demo's, and made-up ones must not get among "
            "them. Point CUSTOMER_ANALYTICS_DATA_DIR at another folder for the demo."
        )
        raise DemoError(message)
    settings.landing_dir.mkdir(parents=True, exist_ok=True)
    marker.touch()
    begun = [landed[0] for source in SOURCES if (landed := area.landed_days(source))]
    first = min([*begun, today - timedelta(days=days)])
    count = (today - first).days
    task = progress.add_task("Landing deliveries", total=count * len(SOURCES))
    for _ in land_demo(settings.landing_dir, first, count):
        progress.advance(task)
    return [first + timedelta(days=offset) for offset in range(count)]


def materialize(first: date, last: date, assets: int, log: Path, progress: Progress) -> None:
    """Materialize every asset from ``first`` through ``last`` in one Dagster run; its own words go to ``log``.

    Raises:
        DemoError: the run did not succeed.
    """
    task = progress.add_task("Materializing assets", total=((last - first).days + 1) * assets)
    command = [
        *(str(Path(sys.executable).with_name("dg")), "launch", "--assets", "*"),
        *("--partition-range", f"{first}...{last}"),
    ]
    environment = {"DAGSTER_HOME": str(PROJECT_ROOT)} | os.environ
    with log.open("w", encoding="utf-8") as words:
        run = subprocess.Popen(  # noqa: S603
            command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in run.stdout or ():
            words.write(line)
            if "ASSET_MATERIALIZATION - " in line:
                progress.advance(task)
    if run.wait() != 0:
        message = f"Dagster's run did not succeed; {log} says why."
        raise DemoError(message)
