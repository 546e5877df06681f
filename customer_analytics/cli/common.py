"""What all commands share: where they speak, their settings, how they end."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from customer_analytics.settings import Settings, setting_errors

if TYPE_CHECKING:
    import duckdb

    from customer_analytics.contracts.source import Source

# What is not read on a screen, a pipe say, need not fit on one.
console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 200)
complaints = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
DAY_FORMATS = ["%Y-%m-%d"]
Day = Annotated[datetime, typer.Argument(formats=DAY_FORMATS, help="A delivery day, e.g. 2026-11-01.")]
SourceName = Annotated[str, typer.Argument(help="A source, e.g. orders.")]


def read_settings() -> Settings:
    """The settings; ends the command where one is wrong."""
    from pydantic import ValidationError

    try:
        return Settings()
    except ValidationError as error:
        raise ended(setting_errors(error)) from error


def declared() -> "list[Source]":
    """Every source that the project declares."""
    from customer_analytics.components.catalog import declared_sources

    return declared_sources()


def declared_source(name: str) -> "Source":
    """The source of that name; ends the command where there is none."""
    sources = {source.name: source for source in declared()}
    if name not in sources:
        message = f"There is no source {name!r}. There are: {', '.join(sources)}."
        raise ended(message)
    return sources[name]


@contextmanager
def warehouse_or_end(settings: Settings) -> "Iterator[duckdb.DuckDBPyConnection]":
    """The warehouse for a quick look, as soon as nobody writes it; ends the command where there is none."""
    from customer_analytics.warehouse.connection import peek_patiently
    from customer_analytics.warehouse.errors import WarehouseError

    try:
        with peek_patiently(settings.warehouse_path, settings.lock_timeout_seconds, say) as connection:
            if connection is None:
                message = f"There is no warehouse at {settings.warehouse_path} yet; load a day first."
                raise ended(message)
            yield connection
    except WarehouseError as error:
        raise ended(str(error)) from error


def looked_after(settings: Settings, *asked: date) -> list[date]:
    """Every day that is looked after; ends the command where they cannot be seen, or lack an ``asked`` one."""
    from customer_analytics.landing.calendar import all_days
    from customer_analytics.landing.errors import LandingUnreadableError

    try:
        days = all_days(settings, today())
    except LandingUnreadableError as error:
        raise ended(str(error)) from error
    for day in asked:
        if day not in days:
            there_are = f"They go from {days[0]} to {days[-1]}" if days else "There are none yet"
            message = f"{day} is none of the days that are looked after. {there_are}."
            raise ended(message)
    return days


def today() -> date:
    """The day (UTC) on which the command runs."""
    return datetime.now(UTC).date()


def say(words: str) -> None:
    """Say something beside what is printed."""
    complaints.print(words, highlight=False, markup=False, soft_wrap=True)


def ended(message: str) -> typer.Exit:
    """Say what is wrong; to be raised, ends the command with exit code 1."""
    complaints.print(message, style="bold red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(1)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, default=str))
