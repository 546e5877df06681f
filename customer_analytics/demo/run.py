"""Landing the demo's days."""

from datetime import date, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from customer_analytics.demo.land import land_demo
from customer_analytics.demo.records import SOURCES
from customer_analytics.landing.folder import LandingArea
from customer_analytics.settings import Settings

# Tells the demo's landing area from one with real deliveries.
MARKER = ".demo"


class DemoError(Exception):
    """The demo's days could not be landed; the message says why and what to do."""


def progress_bar(console: Console) -> Progress:
    """A bar with a count and the time it took."""
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def land(settings: Settings, days: int, today: date, progress: Progress) -> list[date]:
    """Land the demo days through yesterday; those that lie there stay as they are. Returns all of them.

    ``days`` is how many there are the first time: a demo that was begun goes on where it ended, with its customers.

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
    first = min(begun, default=today - timedelta(days=days))
    count = (today - first).days
    task = progress.add_task("Landing deliveries", total=count * len(SOURCES))
    for _ in land_demo(settings.landing_dir, first, count):
        progress.advance(task)
    return [first + timedelta(days=offset) for offset in range(count)]
