"""``customer-analytics uplift``: what outreach to customers at risk is worth."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from customer_analytics.cli.common import Json, console, ended, print_json, read_settings, today
from customer_analytics.cli.report import snapshot_or_end

PERIOD_DAYS = 365
COLUMNS = ("group", "customers", "ordered", "share", "spend each")


def uplift(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Listed from this day on; by default a year before.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Listed up to this day; by default yesterday.")
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, help="Days after the listing within which orders count.")] = 90,
    as_json: Json = False,
) -> None:
    """Did more of those who were to be called order again than of those who were held out by lot?"""
    from customer_analytics.reporting.uplift import measure_uplift
    from customer_analytics.reporting.uplift_words import uplift_in_words

    last = until.date() if until else today() - timedelta(days=1)
    first = since.date() if since else _a_year_before(last)
    try:
        with snapshot_or_end(read_settings()) as connection:
            measured = measure_uplift(connection, first, last, horizon)
    except ValueError as error:
        raise ended(str(error)) from error
    if as_json:
        print_json(asdict(measured))
        return
    table = Table(*COLUMNS, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, group in (("to be called", measured.called), ("held out", measured.held_out)):
        share = "" if group.share_ordered is None else f"{group.share_ordered:.1%}"
        spend = "" if group.spend is None else f"{group.spend:,.2f}"
        table.add_row(name, f"{group.customers:,}", f"{group.ordered:,}", share, spend)
    console.print(f"Listed from {first} to {last}, orders within {horizon} days after that", highlight=False)
    console.print(table)
    for sentence in uplift_in_words(measured):
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)


def _a_year_before(day: date) -> date:
    return day - timedelta(days=PERIOD_DAYS)
