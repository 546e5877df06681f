"""``customer-analytics report``: the page of a day and its list, from the serving snapshot."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from customer_analytics.cli.common import Json, console, ended, print_json, read_settings
from customer_analytics.settings import Settings

if TYPE_CHECKING:
    import duckdb


def report(
    day: Annotated[
        datetime | None, typer.Argument(formats=["%Y-%m-%d"], help="A day; by default the latest that is whole.")
    ] = None,
    ui_url: Annotated[
        str, typer.Option(help="Where the Dagster UI is, for the page's links.")
    ] = "http://127.0.0.1:3000",
    as_json: Json = False,
) -> None:
    """Write the page that says how customers are, and the list of whom to call, and say where they are."""
    from customer_analytics.reporting.call_list import write_call_list
    from customer_analytics.reporting.health.page import write_health_report
    from customer_analytics.reporting.links import Links

    settings = read_settings()
    try:
        links = Links(ui_url)
        with snapshot_or_end(settings) as connection:
            of = day.date() if day else _latest_day(connection)
            page = write_health_report(connection, of, settings.reports_dir, links)
            calls = write_call_list(connection, of, settings.exports_dir)
    except OSError as error:
        message = f"{error.filename} cannot be written: {error.strerror}."
        raise ended(message) from error
    except ValueError as error:
        raise ended(str(error)) from error
    cautions = [f"{each.dataset}: {each.words}" for each in page.figures.cautions]
    if as_json:
        print_json({"day": of, "report": page.path, "call_list": calls, "cautions": cautions})
        return
    for line in (str(page.path), str(calls), *cautions):
        console.print(line, soft_wrap=True, highlight=False, markup=False)


@contextmanager
def snapshot_or_end(settings: Settings) -> "Iterator[duckdb.DuckDBPyConnection]":
    """The serving snapshot; ends the command where there is none yet, or it cannot be read."""
    from customer_analytics.warehouse.connection import peek_warehouse
    from customer_analytics.warehouse.errors import WarehouseError

    try:
        with peek_warehouse(settings.serving_path) as connection:
            if connection is None:
                message = (
                    f"There is no snapshot at {settings.serving_path}; load a day first. Where some are loaded, "
                    "`customer-analytics upgrade` makes it anew."
                )
                raise ended(message)
            yield connection
    except WarehouseError as error:
        raise ended(str(error)) from error


def _latest_day(connection: "duckdb.DuckDBPyConnection") -> date:
    from customer_analytics.metrics.as_of import latest_whole_day

    latest = latest_whole_day(connection)
    if latest is None:
        message = "There is no day yet of which everything is computed; name one to see what there is of it."
        raise ended(message)
    return latest.day
