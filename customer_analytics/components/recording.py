"""What Dagster is told of a day: check evaluations and metadata, each under the day's own partition."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,  # not exported; test_dagster_behaviour.py holds it
)

from customer_analytics.quality.outcome import CheckOutcome

# What a step yields: the days that it published, and what its checks found.
Events = Iterator[dg.AssetCheckEvaluation | dg.Output[list[str]] | dg.Output[None]]


def check_specs(
    asset: str, checks: Mapping[str, str], partitions: dg.PartitionsDefinition, warnings_only: Iterable[str] = ()
) -> list[dg.AssetCheckSpec]:
    """A check per name and description; all block, but those that only ever warn."""
    return [
        dg.AssetCheckSpec(
            name=name,
            asset=asset,
            description=description,
            blocking=name not in warnings_only,
            partitions_def=partitions,
        )
        for name, description in checks.items()
    ]


def evaluations(
    context: dg.AssetExecutionContext,
    asset: dg.AssetKey,
    audits: Mapping[date, Sequence[CheckOutcome]],
    specs: Iterable[dg.AssetCheckSpec],
) -> Iterator[dg.AssetCheckEvaluation]:
    """One evaluation per day and check: what was expected, what was found, and a bounded sample.

    To be yielded after the output: each points to the day's latest materialization, without which Dagster would not
    count it as the day's state.
    """
    blocking = {spec.name: spec.blocking for spec in specs}
    targets = _latest_materializations(context.instance, asset, audits)
    for day, checks in audits.items():
        for check in checks:
            yield dg.AssetCheckEvaluation(
                asset_key=asset,
                check_name=check.check,
                passed=check.outcome == "passed",
                severity=dg.AssetCheckSeverity.ERROR if check.blocks else dg.AssetCheckSeverity.WARN,
                description=check.found,
                metadata=_metadata(check),
                partition=day.isoformat(),
                blocking=blocking[check.check],
                target_materialization_data=targets.get(day.isoformat()),
            )


def _metadata(check: CheckOutcome) -> dict[str, str | float | dg.MetadataValue]:
    metadata: dict[str, str | float | dg.MetadataValue] = {"expected": check.expected, "found": check.found}
    if check.number is not None:
        metadata["number"] = float(check.number)
    if check.sample:
        metadata["sample"] = dg.MetadataValue.json(list(check.sample))
    return metadata


def _latest_materializations(
    instance: dg.DagsterInstance, asset: dg.AssetKey, days: Iterable[date]
) -> dict[str, AssetCheckEvaluationTargetMaterializationData]:
    partitions = {day.isoformat() for day in days}
    ids = instance.get_latest_storage_id_by_partition(asset, dg.DagsterEventType.ASSET_MATERIALIZATION, partitions)
    if not ids:
        return {}
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=asset, storage_ids=list(ids.values())), limit=len(ids)
    ).records
    return {
        str(record.partition_key): AssetCheckEvaluationTargetMaterializationData(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
        for record in records
    }


def check_outputs(asset: dg.AssetKey, specs: Iterable[dg.AssetCheckSpec]) -> Iterator[dg.Output[None]]:
    """The outputs that Dagster wants from a step for its checks; the evaluations themselves were yielded before."""
    for spec in specs:
        yield dg.Output(None, output_name=spec.get_python_identifier())


def columns_metadata(columns: Iterable[tuple[str, str, str]]) -> dg.TableSchema:
    """Dagster's column schema from name, type and description."""
    return dg.TableSchema(
        columns=[dg.TableColumn(name=name, type=kind, description=words) for name, kind, words in columns]
    )
