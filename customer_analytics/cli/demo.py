"""``customer-analytics demo``."""

from dataclasses import asdict
from typing import Annotated

import typer

from customer_analytics.cli.common import Json, complaints, console, ended, print_json, read_settings, today
from customer_analytics.cli.days import statuses_of


def demo(
    days: Annotated[int, typer.Option(min=1, help="How many days to land the first time.")] = 90,
    as_json: Json = False,
) -> None:
    """Land demo days through yesterday, materialize what is missing, and say what came out."""
    from customer_analytics.cli.launch import LaunchError, launch
    from customer_analytics.demo.run import DemoError, land, progress_bar
    from customer_analytics.landing.errors import LandingUnreadableError
    from customer_analytics.reporting.printing import print_summary
    from customer_analytics.reporting.summary import read_summary
    from customer_analytics.warehouse.errors import WarehouseError

    settings = read_settings()
    try:
        with progress_bar(complaints) as progress:
            landed = land(settings, days, today(), progress)
            statuses = [status for status in statuses_of(settings) if status.day in landed]
            to_do = sorted({status.day for status in statuses if status.state in ("missing", "landed", "stale")})
            if to_do:
                assets = len({status.dataset for status in statuses})
                days_to_do = (to_do[-1] - to_do[0]).days + 1
                # The report has days as well; the aliases have none.
                task = progress.add_task("Materializing assets", total=days_to_do * (assets + 1) + 1)
                log = settings.data_dir / "demo.log"
                launch("*", to_do[0], to_do[-1], log, lambda: progress.advance(task))
        summary = read_summary(settings.warehouse_path)
    except (DemoError, LandingUnreadableError, LaunchError, WarehouseError) as error:
        raise ended(str(error)) from error
    if as_json:
        print_json(asdict(summary))
    else:
        print_summary(console, summary, settings)
