"""``customer-analytics quarantine``: what was set aside, and getting it back."""

import shlex
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from customer_analytics.cli.common import (
    Day,
    Json,
    SourceName,
    console,
    declared,
    declared_source,
    ended,
    print_json,
    read_settings,
    warehouse_or_end,
)
from customer_analytics.cli.replay import Values, print_replayed, replay_days
from customer_analytics.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from customer_analytics.contracts.source import Source
    from customer_analytics.reporting.quarantine import QuarantinedRecord

quarantine_app = typer.Typer(no_args_is_help=True, help="What was set aside: look at it, correct it, release it.")


@quarantine_app.command("list")
def list_(
    source: Annotated[str | None, typer.Argument(help="Only this source.")] = None, as_json: Json = False
) -> None:
    """How many records stand in quarantine: by source, day and reason."""
    from customer_analytics.reporting.printing import print_quarantine
    from customer_analytics.reporting.quarantine import count_quarantine

    with warehouse_or_end(read_settings()) as connection:
        counts = count_quarantine(connection, source and declared_source(source).name)
    if as_json:
        print_json([asdict(count) for count in counts])
    else:
        print_quarantine(console, counts)


@quarantine_app.command()
def show(
    source: SourceName,
    day: Day,
    values: Values = False,
    released: Annotated[bool, typer.Option("--released", help="Those that corrections have released.")] = False,
    as_json: Json = False,
) -> None:
    """The records of a day that were set aside: where they stand, why, and what they look like."""
    from customer_analytics.reporting.masking import mask
    from customer_analytics.reporting.printing import print_records

    settings = read_settings()
    with warehouse_or_end(settings) as connection:
        records = _read(connection, settings, declared_source(source), day.date())
    records = [record for record in records if (record.released_at is not None) == released]
    shown = [(record, None if record.raw is None else record.raw.decode(errors="replace")) for record in records]
    if not values:
        shown = [(replace(record, cells=None), raw and mask(raw)) for record, raw in shown]
    if as_json:
        print_json([asdict(record) | {"raw": raw} for record, raw in shown])
    else:
        print_records(console, shown)


@quarantine_app.command()
def export(
    source: SourceName,
    day: Day,
    out: Annotated[Path | None, typer.Option(help="Where to; by default below exports/ in the data folder.")] = None,
    as_json: Json = False,
) -> None:
    """Write a day's quarantine, values included, to a CSV file in which it can be corrected and then released."""
    from customer_analytics.reporting.corrections import export_quarantine

    settings, of = read_settings(), declared_source(source)
    path = out or settings.exports_dir / f"quarantine_{of.name}_{day.date()}.csv"
    with warehouse_or_end(settings) as connection:
        records = [each for each in _read(connection, settings, of, day.date()) if each.is_correctable]
    if not records:
        message = f"{of.name} {day.date()} has no record in quarantine that could be corrected: nothing to export."
        raise ended(message)
    try:
        export_quarantine(path, of, records)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise ended(message) from error
    if as_json:
        print_json({"file": path, "records": len(records)})
        return
    console.print(
        f"{len(records):,} records are in {path}. "
        f"Correct their cells, then: customer-analytics quarantine release {shlex.quote(str(path))}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@quarantine_app.command()
def release(
    file: Annotated[Path, typer.Argument(help="An exported file with corrected cells.")], as_json: Json = False
) -> None:
    """Lay corrections over the delivered records, judge their days again, and refresh what depends on them."""
    from customer_analytics.landing.errors import DeliveryRefusedError
    from customer_analytics.landing.folder import LandingArea
    from customer_analytics.reporting.corrections import CorrectionError, add_corrections, days_in, plan_corrections

    settings = read_settings()
    sources = {source.name: source for source in declared()}
    area = LandingArea(settings.landing_dir)
    try:
        with warehouse_or_end(settings) as connection:
            plan = {
                (source, day): plan_corrections(
                    file, sources[source], day, _read(connection, settings, sources[source], day)
                )
                for source, day in days_in(file, sources)
            }
        corrected = {place: corrections for place, corrections in plan.items() if corrections}
        for (source, day), corrections in corrected.items():
            add_corrections(area.corrections_file(source, day), sources[source], corrections)
    except (CorrectionError, DeliveryRefusedError) as error:
        raise ended(str(error)) from error
    except OSError as error:
        message = f"{error.filename} cannot be written: {error.strerror}. Mend that, then release again."
        raise ended(message) from error
    if not corrected:
        message = f"{file} has no line that was changed: nothing to release."
        raise ended(message)
    replayed = [
        each
        for name in dict.fromkeys(source for source, _ in corrected)
        for each in replay_days(settings, sources[name], sorted(day for source, day in corrected if source == name))
    ]
    print_replayed(replayed, as_json=as_json)


def _read(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, source: "Source", day: date
) -> "list[QuarantinedRecord]":
    from customer_analytics.landing.errors import DeliveryError
    from customer_analytics.landing.folder import LandingArea
    from customer_analytics.reporting.quarantine import read_quarantine

    try:
        return read_quarantine(connection, LandingArea(settings.landing_dir), source, day)
    except DeliveryError as error:
        raise ended(str(error)) from error
