"""The daily asset of one source: it loads the days that are asked for and says of each what became of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from customer_analytics.components.recording import (
    Events,
    check_outputs,
    check_specs,
    columns_metadata,
    evaluations,
)
from customer_analytics.components.resources import Landing, Warehouse
from customer_analytics.components.runs import LoadOutcome, begin, followers, note_outcome
from customer_analytics.contracts.source import Source
from customer_analytics.quality.audit import CHECKS, WARNINGS_ONLY
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.timeliness import ON_TIME
from customer_analytics.warehouse.changes import Changes
from customer_analytics.warehouse.day_report import DayReport
from customer_analytics.warehouse.load import load_days
from customer_analytics.warehouse.timeline import Load, record_load

# Checks whose number is plotted beside the day's own figures, and what it is called there.
PLOTTED = {"quality_score": "quality_score", "on_time": "minutes_after_deadline"}


def build_source_asset(
    source: Source,
    spec: dg.AssetSpec,
    partitions: dg.PartitionsDefinition,
    retries: dg.RetryPolicy,
) -> dg.AssetsDefinition:
    """The asset of a source, with its checks. ``spec`` says how it is shown: description, owners, tags."""
    key = dg.AssetKey(source.name)
    checks = check_specs(source.name, CHECKS | ON_TIME, partitions, warnings_only=(*WARNINGS_ONLY, *ON_TIME))

    @dg.asset(
        key=key,
        description=spec.description,
        owners=spec.owners,
        group_name="sources",
        kinds={"duckdb", "pandera"},
        tags=spec.tags,
        metadata=_definition_metadata(source) | dict(spec.metadata),
        code_version=source.fingerprint[:12],
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=checks,
        io_manager_key="published_days",
        retry_policy=retries,
        pool="duckdb",
    )
    def source_asset(context: dg.AssetExecutionContext, warehouse: Warehouse, landing: Landing) -> Events:
        days, purpose = begin(context, source.name)
        readers_wait = bool(followers(context, source.name))
        with warehouse.get_connection(purpose, context.log.info, readers_wait=readers_wait) as connection:
            started_at = datetime.now(UTC)
            reports = list(
                load_days(
                    connection,
                    landing.area,
                    source,
                    days,
                    run_id=context.run_id,
                    now=started_at.replace(tzinfo=None),
                    clock=lambda: datetime.now(UTC),
                )
            )
            record_load(connection, _as_load(source.name, context.run_id, reports, started_at))
        note_outcome(context, source.name, _outcome(reports))
        _record_others(context, key, [report for report in reports if not report.was_asked_for])
        if any(report.may_pass for report in reports) and context.retry_number < retries.max_retries:
            raise dg.Failure(description=_held_back(reports))  # Before anything is yielded: the next try does it all.
        yield from _record(context, key, checks, reports)

    return source_asset


def _as_load(source: str, run_id: str, reports: Sequence[DayReport], started_at: datetime) -> Load:
    """What the run did, as it is remembered."""
    published = [report for report in reports if report.state == "published"]
    return Load(
        dataset=source,
        run_id=run_id,
        days=len(published),
        records=sum(report.figures.delivered.records for report in published if report.figures),
        bytes=sum(report.delivery.bytes for report in published if report.delivery),
        started_at=started_at,
        ended_at=datetime.now(UTC),
    )


def _outcome(reports: Sequence[DayReport]) -> LoadOutcome:
    """What became of the source in the run: where nothing came of it but a day that could not be read, it failed."""
    asked_for = [report for report in reports if report.was_asked_for]
    states = {report.state for report in asked_for}
    if "published" in states:
        return "partly" if "held_back" in states else "published"
    if "held_back" in states:
        return "started" if any(report.may_pass for report in asked_for) else "held_back"
    return "not_landed"


def _record(
    context: dg.AssetExecutionContext, key: dg.AssetKey, checks: Sequence[dg.AssetCheckSpec], reports: list[DayReport]
) -> Events:
    absent = [report.day.isoformat() for report in reports if report.state == "not_landed"]
    if absent:
        context.log.warning(f"Not landed, left missing: {', '.join(absent)}")
    asked_for = [report for report in reports if report.was_asked_for]
    for report in asked_for:
        if report.state == "published":
            context.add_asset_metadata(_day_metadata(report), asset_key=key, partition_key=report.day.isoformat())
    published = [report.day.isoformat() for report in asked_for if report.state == "published"]
    if published:
        yield dg.Output(published, output_name="result")
    yield from evaluations(context, key, {report.day: report.checks for report in asked_for}, checks)
    yield from check_outputs(key, checks)
    _fail_where_needed(asked_for)


def _record_others(context: dg.AssetExecutionContext, key: dg.AssetKey, reports: list[DayReport]) -> None:
    """Days that share keys with those of the run, and were published again with them: recorded outside the run."""
    if reports:
        context.log.info(f"Judged again for keys that they share: {', '.join(str(report.day) for report in reports)}")
    for report in reports:
        if report.state == "published":
            context.instance.report_runless_asset_event(
                dg.AssetMaterialization(key, partition=report.day.isoformat(), metadata=_day_metadata(report))
            )


def _fail_where_needed(reports: list[DayReport]) -> None:
    """A day that was held back fails the run; days that have not landed do so only where nothing else was asked for."""
    if any(report.state == "held_back" for report in reports):
        published = sum(report.state == "published" for report in reports)
        raise dg.Failure(description=_held_back(reports), metadata={"published": published}, allow_retries=False)
    if all(report.state == "not_landed" for report in reports):
        raise dg.Failure(description=_not_landed(reports), allow_retries=False)


def _held_back(reports: Sequence[DayReport]) -> str:
    held_back = [report for report in reports if report.state == "held_back"]
    days = ", ".join(report.day.isoformat() for report in held_back)
    return f"Held back: {days}. " + " | ".join(report.message for report in held_back[:10])


def _not_landed(reports: list[DayReport]) -> str:
    more = f" So with {len(reports) - 1} further days." if len(reports) > 1 else ""
    return reports[0].message + more


def _definition_metadata(source: Source) -> dict[str, Any]:
    contract = source.contract
    return {
        "dagster/table_name": f"sources.{source.name}",
        "dagster/column_schema": columns_metadata(
            [
                ("delivery_day", "date", "The day whose delivery the record came with"),
                *((column.name, column.sql_type, column.description) for column in contract.columns),
            ]
        ),
        "contract": f"{contract.name} {contract.version}",
        "grain": contract.key,
    }


def _day_metadata(report: DayReport) -> dict[str, dg.MetadataValue | int | float | str]:
    figures, delivery, changes = report.figures, report.delivery, report.changes or Changes()
    if figures is None or delivery is None:
        return {}
    numbers = {check.check: check.number for check in report.checks if check.check in PLOTTED}
    return {
        "dagster/partition_row_count": figures.accepted,
        **{PLOTTED[check]: number for check, number in numbers.items() if number is not None},
        "records": figures.delivered.records,
        "accepted": figures.accepted,
        "quarantined": figures.quarantined,
        "ignored": figures.delivered.ignored,
        "records_added": changes.added,
        "records_removed": changes.removed,
        "records_changed": changes.changed,
        "accepted_share": figures.share(figures.accepted),
        "quarantined_by_reason": dg.MetadataValue.md(_reasons_table(figures)),
        "files": dg.MetadataValue.json([file.name for file in delivery.files]),
        "delivery": dg.MetadataValue.path(str(delivery.folder)),
        "fingerprint": delivery.fingerprint,
    }


def _reasons_table(figures: DayFigures) -> str:
    if not figures.reasons:
        return "Nothing was set aside."
    rows = "\n".join(f"| {reason.column or ''} | {reason.rule} | {reason.records} |" for reason in figures.reasons)
    return f"| column | rule | records |\n|---|---|---|\n{rows}"
