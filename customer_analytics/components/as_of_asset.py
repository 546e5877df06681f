"""A daily asset that is derived from published sources, as of the end of each day; audited before it is seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from customer_analytics.components.declarations import DeclaredOutput
from customer_analytics.components.names import CUSTOMER_ALIASES
from customer_analytics.components.recording import (
    Events,
    check_outputs,
    check_specs,
    columns_metadata,
    evaluations,
)
from customer_analytics.components.resources import Warehouse
from customer_analytics.components.runs import begin, followers, note_outcome
from customer_analytics.contracts.schedule import OutputSchedule
from customer_analytics.metrics.as_of import as_of_figures
from customer_analytics.metrics.audit import DerivedCheck, audit_derived
from customer_analytics.metrics.checks import DERIVED_CHECKS
from customer_analytics.metrics.columns.column import DerivedColumn
from customer_analytics.metrics.columns.registry import DERIVED_COLUMNS
from customer_analytics.metrics.derived import DERIVED_ASSETS, DerivedAsset, computed_before
from customer_analytics.metrics.statements import fingerprint
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.timeliness import READY_ON_TIME, audit_ready_time
from customer_analytics.reporting.exports import export_table_days
from customer_analytics.warehouse.publish import record_audits
from customer_analytics.warehouse.retention import keep_latest_days
from customer_analytics.warehouse.timeline import (
    Load,
    Moments,
    first_load,
    record_first_times,
    record_load,
    timeline,
)
from customer_analytics.warehouse.transaction import transaction

Audits = Mapping[date, Sequence[CheckOutcome]]
Compute = Callable[[duckdb.DuckDBPyConnection, Sequence[date], str, datetime], None]
Page = Callable[[duckdb.DuckDBPyConnection, date], str]


@dataclass(frozen=True)
class AsOfAsset:
    """What makes a derived asset: how its days are computed, and what is said of them.

    ``page`` says more of a day, in Markdown.
    """

    derived: DerivedAsset
    description: str
    compute: Compute
    grain: str = "as_of_date, customer_id"
    page: Page | None = None

    @property
    def name(self) -> str:
        """The asset's key, and its table in ``marts``."""
        return self.derived.name

    @property
    def columns(self) -> Sequence[DerivedColumn]:
        """Its columns and what they mean."""
        return DERIVED_COLUMNS[self.name]

    @property
    def checks(self) -> Sequence[DerivedCheck]:
        """What is made sure of before a day is seen."""
        return DERIVED_CHECKS[self.name]


class _BlockedError(Exception):
    """Ends a transaction whose result a check blocks."""

    def __init__(self, audits: Audits) -> None:
        self.audits = audits


@dataclass(frozen=True)
class Places:
    """Where readers find tables: the serving snapshot and the folder of exports; for how many days some are kept."""

    serving: Path
    exports: Path
    keep_days: int


def build_as_of_asset(
    asset: AsOfAsset, output: DeclaredOutput, partitions: dg.PartitionsDefinition, places: Places
) -> dg.AssetsDefinition:
    """The Dagster asset, with its checks; ``output`` is what the YAML says of it."""
    key = dg.AssetKey(asset.name)
    described = {check.name: check.description for check in asset.checks} | READY_ON_TIME
    only_warn = [check.name for check in asset.checks if check.only_warns]
    checks = check_specs(asset.name, described, partitions, warnings_only=[*only_warn, *READY_ON_TIME])

    @dg.asset(
        key=key,
        deps=[*asset.derived.sources, CUSTOMER_ALIASES, *asset.derived.after],
        description=asset.description,
        owners=output.owners,
        group_name="customers",
        kinds={"duckdb", "sql"},
        metadata=_definition_metadata(asset) | {"dagster/uri": places.serving.as_uri()},
        code_version=fingerprint()[:12],
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=checks,
        io_manager_key="published_days",
        retry_policy=output.retries.policy(),
        pool="duckdb",
    )
    def as_of_asset(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Events:
        days, purpose = begin(context, asset.name)
        later = followers(context, asset.name)
        with warehouse.get_connection(purpose, context.log.info, readers_wait=bool(later)) as connection:
            started_at = datetime.now(UTC)
            audits = _compute_and_audit(
                connection, asset, output.schedule, days, context.run_id, started_at, places.exports
            )
            figures = as_of_figures(connection, asset.name, days)
            blocked = _blocked(asset, audits)
            page: dict[str, dg.MetadataValue] = {}
            if not blocked:
                rows = sum(figures[day].row_count for day in days)
                load = Load(asset.name, context.run_id, len(days), rows, 0, started_at, datetime.now(UTC))
                record_load(connection, load)
                page = _page(asset, connection, days[-1])
                if later.isdisjoint(DERIVED_ASSETS):
                    _let_old_days_go(connection, asset, places.keep_days)
        note_outcome(context, asset.name, "held_back" if blocked else "published")
        if not blocked:
            for day in days:
                metadata: dict[str, Any] = {
                    "dagster/partition_row_count": figures[day].row_count,
                    **figures[day].plotted,
                }
                metadata |= page if day == days[-1] else {}
                context.add_asset_metadata(metadata, asset_key=key, partition_key=day.isoformat())
            yield dg.Output([day.isoformat() for day in days], output_name="result")
        yield from evaluations(context, key, audits, checks)
        yield from check_outputs(key, checks)
        if blocked:
            raise dg.Failure(description=blocked, allow_retries=False)

    return as_of_asset


def _compute_and_audit(
    connection: duckdb.DuckDBPyConnection,
    asset: AsOfAsset,
    times: OutputSchedule,
    days: Sequence[date],
    run_id: str,
    started_at: datetime,
    exports: Path,
) -> Audits:
    """Compute all days in one transaction, which ends without effect where a check of any day blocks.

    A day that is exported counts as computed only with its file.
    """
    now = started_at.replace(tzinfo=None)
    try:
        with transaction(connection):
            asset.compute(connection, days, run_id, now)
            audits = audit_derived(connection, asset.derived, asset.checks, days)
            ready_at = Moments(None, started_at, datetime.now(UTC))
            in_time = _ready_times(connection, asset, times, days, ready_at)
            audits = {day: [*checks, in_time[day]] for day, checks in audits.items()}
            if any(check.blocks for checks in audits.values() for check in checks):
                raise _BlockedError(audits)
            record_first_times(connection, asset.name, dict.fromkeys(days, ready_at))
            record_audits(connection, asset.name, audits, {}, run_id, now)
            if asset.derived.is_stored_by_day:
                export_table_days(connection, f"marts.{asset.name}", exports / asset.name, days)
    except _BlockedError as blocked:
        with transaction(connection):
            record_audits(connection, asset.name, blocked.audits, {}, run_id, now)
        return blocked.audits
    return audits


def _let_old_days_go(connection: duckdb.DuckDBPyConnection, asset: AsOfAsset, keep_days: int) -> None:
    """Of what the asset was made from, and of itself: nobody in the run reads them any more."""
    for name in computed_before(asset.name):
        if DERIVED_ASSETS[name].is_stored_by_day:
            keep_latest_days(connection, f"marts.{name}", keep_days)


def _page(asset: AsOfAsset, connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, dg.MetadataValue]:
    return {"page": dg.MetadataValue.md(asset.page(connection, day))} if asset.page else {}


def _ready_times(
    connection: duckdb.DuckDBPyConnection, asset: AsOfAsset, times: OutputSchedule, days: Sequence[date], now: Moments
) -> dict[date, CheckOutcome]:
    """Whether each day was first there in time."""
    since, first = first_load(connection) or now.started_at, timeline(connection, asset.name, days)
    return {day: audit_ready_time(times, day, first.get(day, now).published_at, since) for day in days}


def _blocked(asset: AsOfAsset, audits: Audits) -> str:
    """Why nothing was published; empty where nothing blocks."""
    named = [
        f"{day}: {check.check}: {check.found}, expected {check.expected}"
        for day, checks in audits.items()
        for check in checks
        if check.blocks
    ]
    return f"{asset.name} keeps what it had; nothing was published. {' | '.join(named[:10])}" if named else ""


def _definition_metadata(asset: AsOfAsset) -> dict[str, Any]:
    lineage = {
        column.name: [
            dg.TableColumnDep(asset_key=dg.AssetKey(source), column_name=source_column)
            for source, source_column in column.lineage
        ]
        for column in asset.columns
    }
    rows = "\n".join(
        f"| {column.name} | {', '.join(f'{source}.{name}' for source, name in column.lineage)} | {column.description} |"
        for column in asset.columns
    )
    return {
        "dagster/table_name": f"marts.{asset.name}",
        "dagster/column_schema": columns_metadata(
            [(column.name, column.sql_type, column.description) for column in asset.columns]
        ),
        "dagster/column_lineage": dg.TableColumnLineage(deps_by_column=lineage),
        "columns": dg.MetadataValue.md(f"| column | made from | meaning |\n|---|---|---|\n{rows}"),
        "grain": asset.grain,
    }
