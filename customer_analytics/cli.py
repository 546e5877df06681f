"""``customer-analytics``: what Dagster's own commands do not do. Every command also speaks JSON."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from customer_analytics.settings import Settings, setting_errors

if TYPE_CHECKING:
    from customer_analytics.contracts.source import Source
    from customer_analytics.reporting.doctor import Finding
    from customer_analytics.reporting.status import DayStatus

# Commands import what they need: `--help` should not wait for Dagster.
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="What Dagster's own commands do not do: the demo, where every day stands, what depends on what.",
)
console = Console()
complaints = Console(stderr=True)

TABLE_DAYS = 14

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@app.command()
def demo(
    days: Annotated[int, typer.Option(min=1, help="How many days to land the first time.")] = 90,
    as_json: Json = False,
) -> None:
    """Land demo days through yesterday, materialize what is missing, and say what came out."""
    from customer_analytics.demo.run import DemoError, land, materialize, progress_bar
    from customer_analytics.reporting.printing import print_summary
    from customer_analytics.reporting.summary import read_summary
    from customer_analytics.warehouse.errors import WarehouseError

    settings = _settings()
    try:
        with progress_bar(complaints) as progress:
            landed = land(settings, days, _today(), progress)
            statuses = [status for status in _statuses(settings) if status.day in landed]
            to_do = sorted({status.day for status in statuses if status.state in ("missing", "landed", "stale")})
            if to_do:
                assets = len({status.dataset for status in statuses})
                materialize(to_do[0], to_do[-1], assets, settings.data_dir / "demo.log", progress)
        summary = read_summary(settings.warehouse_path)
    except (DemoError, WarehouseError) as error:
        raise _ended(str(error)) from error
    if as_json:
        _print_json(asdict(summary))
    else:
        print_summary(console, summary, settings)


@app.command()
def status(
    days: Annotated[int | None, typer.Option(min=1, help="Only the latest days; tables show 14 of them.")] = None,
    as_json: Json = False,
) -> None:
    """Where every day of every dataset stands: missing, landed, held back, published or stale."""
    from customer_analytics.reporting.printing import print_status

    statuses = _statuses(_settings())
    if as_json:
        latest = sorted({status.day for status in statuses})[-days if days else None :]
        _print_json([asdict(status) for status in statuses if status.day in latest])
    else:
        print_status(console, statuses, days or TABLE_DAYS)


@app.command()
def impact(
    asset: Annotated[str, typer.Argument(help="The asset that changes, e.g. orders.")],
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day that changes.")],
    as_json: Json = False,
) -> None:
    """What would be affected downstream if a day of an asset changed: assets, days and columns."""
    from customer_analytics.landing.calendar import all_days
    from customer_analytics.reporting.impact import UnknownAssetError, impact_of
    from customer_analytics.reporting.printing import print_impact

    settings = _settings()
    known = [source.name for source in _sources()]
    try:
        effects = impact_of(asset, day.date(), all_days(settings, _today()), known)
    except UnknownAssetError as error:
        raise _ended(str(error)) from error
    if as_json:
        _print_json([asdict(effect) for effect in effects])
    else:
        print_impact(console, asset, day.date(), effects)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Is the environment sane: versions, settings, disk, lock, schema, definitions? Exit code 1 where it is not."""
    from pydantic import ValidationError

    from customer_analytics.reporting.doctor import Finding, examine
    from customer_analytics.reporting.printing import print_findings

    try:
        findings = [*examine(Settings()), _definitions()]
    except ValidationError as error:
        findings = [Finding("settings", "error", setting_errors(error))]
    if as_json:
        _print_json([asdict(finding) for finding in findings])
    else:
        print_findings(console, findings)
    if any(finding.verdict == "error" for finding in findings):
        raise typer.Exit(1)


def _definitions() -> "Finding":
    from customer_analytics.reporting.doctor import Finding

    try:
        names = ", ".join(source.name for source in _sources())
    except Exception as error:  # whatever keeps them from loading is the finding
        words = str(error).partition("\n")[0] or type(error).__name__
        return Finding("definitions", "error", f"{words} `dg check defs` says more.")
    return Finding("definitions", "ok", f"sources: {names}")


def _sources() -> "list[Source]":
    from customer_analytics.components.catalog import declared_sources

    return declared_sources()


def _statuses(settings: Settings) -> "list[DayStatus]":
    from customer_analytics.landing.calendar import all_days
    from customer_analytics.reporting.status import read_status
    from customer_analytics.warehouse.errors import WarehouseError

    names = [source.name for source in _sources()]
    try:
        return read_status(settings, names, all_days(settings, _today()))
    except WarehouseError as error:
        raise _ended(str(error)) from error


def _settings() -> Settings:
    from pydantic import ValidationError

    try:
        return Settings()
    except ValidationError as error:
        raise _ended(setting_errors(error)) from error


def _today() -> date:
    return datetime.now(UTC).date()


def _ended(message: str) -> typer.Exit:
    complaints.print(message, style="bold red", highlight=False)
    return typer.Exit(1)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, default=str))


if __name__ == "__main__":
    app()
