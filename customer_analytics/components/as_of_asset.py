"""A daily asset that is derived from published sources, as of the end of each day; audited before it is seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from customer_analytics.components.declarations import DeclaredOutput
from customer_analytics.components.recording import (
    Events,
    check_outputs,
    check_specs,
    columns_metadata,
    evaluations,
)
from customer_analytics.components.resources import Warehouse
from customer_analytics.components.runs import begin, note_outcome
from customer_analytics.contracts.schedule import OutputSchedule
from customer_analytics.metrics.as_of import AsOfFigures, as_of_figures
from customer_analytics.metrics.audit import DerivedCheck
from customer_analytics.metrics.columns import DerivedColumn
from customer_analytics.metrics.derived import DerivedAsset
from customer_analytics.metrics.statements import fingerprint
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.timeliness import READY_ON_TIME, audit_ready_time
from customer_analytics.warehouse.publish import record_audits
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
Audit = Callable[[duckdb.DuckDBPyConnection, Sequence[date]], Audits]


@dataclass(frozen=True)
class AsOfAsset:
    """What makes a derived asset: how its days are computed and audited, and what its columns mean.

    ``plotted`` names the figures that are shown as numbers over the days.
    """

    derived: DerivedAsset
    description: str
    columns: Sequence[DerivedColumn]
    compute: Compute
    checks: Sequence[DerivedCheck]
    audit: Audit
    plotted: Callable[[AsOfFigures], Mapping[str, int | float]]

    @property
    def name(self) -> str:
        """The asset's key, and its table in ``marts``."""
        return self.derived.name


class _BlockedError(Exception):
    """Ends a transaction whose result a check blocks."""

    def __init__(self, audits: Audits) -> None:
        self.audits = audits


def build_as_of_asset(
    asset: AsOfAsset, output: DeclaredOutput, partitions: dg.PartitionsDefinition, serving_path: Path
) -> dg.AssetsDefinition:
    """The Dagster asset, with its checks; ``output`` is what the YAML says of it."""
    key = dg.AssetKey(asset.name)
    described = {check.name: check.description for check in asset.checks} | READY_ON_TIME
    checks = check_specs(asset.name, described, partitions, warnings_only=("inputs_fresh", "on_time"))

    @dg.asset(
        key=key,
        deps=[asset.derived.source],
        description=asset.description,
        owners=output.owners,
        group_name="customers",
        kinds={"duckdb", "sql"},
        metadata=_definition_metadata(asset) | {"dagster/uri": serving_path.as_uri()},
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
        with warehouse.get_connection(purpose, context.log.info) as connection:
            started_at = datetime.now(UTC)
            audits = _compute_and_audit(connection, asset, output.schedule, days, context.run_id, started_at)
            figures = as_of_figures(connection, asset.name, days)
            blocked = _blocked(asset, audits)
            if not blocked:
                rows = sum(figures[day].row_count for day in days)
                load = Load(asset.name, context.run_id, len(days), rows, 0, started_at, datetime.now(UTC))
                record_load(connection, load)
        note_outcome(context, asset.name, "held_back" if blocked else "published")
        if not blocked:
            for day in days:
                metadata = {"dagster/partition_row_count": figures[day].row_count, **asset.plotted(figures[day])}
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
) -> Audits:
    """Compute all days in one transaction, which ends without effect where a check of any day blocks."""
    now = started_at.replace(tzinfo=None)
    try:
        with transaction(connection):
            asset.compute(connection, days, run_id, now)
            audits = asset.audit(connection, days)
            ready_at = Moments(None, started_at, datetime.now(UTC))
            in_time = _ready_times(connection, asset, times, days, ready_at)
            audits = {day: [*checks, in_time[day]] for day, checks in audits.items()}
            if any(check.blocks for checks in audits.values() for check in checks):
                raise _BlockedError(audits)
            record_first_times(connection, asset.name, dict.fromkeys(days, ready_at))
            record_audits(connection, asset.name, audits, {}, run_id, now)
    except _BlockedError as blocked:
        with transaction(connection):
            record_audits(connection, asset.name, blocked.audits, {}, run_id, now)
        return blocked.audits
    return audits


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
        "grain": "as_of_date, customer_id",
    }
