"""What Dagster is told of a day: check evaluations and metadata, each under the day's own partition."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import dagster as dg

from customer_analytics.quality.outcome import CheckOutcome


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
    asset: dg.AssetKey, audits: Mapping[date, Sequence[CheckOutcome]], specs: Iterable[dg.AssetCheckSpec]
) -> Iterator[dg.AssetCheckEvaluation]:
    """One evaluation per day and check: what was expected, what was found, and a bounded sample."""
    blocking = {spec.name: spec.blocking for spec in specs}
    for day, checks in audits.items():
        for check in checks:
            metadata: dict[str, str | dg.MetadataValue] = {"expected": check.expected, "found": check.found}
            if check.sample:
                metadata["sample"] = dg.MetadataValue.json(list(check.sample))
            yield dg.AssetCheckEvaluation(
                asset_key=asset,
                check_name=check.check,
                passed=check.outcome == "passed",
                severity=dg.AssetCheckSeverity.ERROR if check.blocks else dg.AssetCheckSeverity.WARN,
                description=check.found,
                metadata=metadata,
                partition=day.isoformat(),
                blocking=blocking[check.check],
            )


def check_outputs(asset: dg.AssetKey, specs: Iterable[dg.AssetCheckSpec]) -> Iterator[dg.Output[None]]:
    """The outputs that Dagster wants from a step for its checks; the evaluations themselves were yielded before."""
    for spec in specs:
        yield dg.Output(None, output_name=spec.get_python_identifier())


def columns_metadata(columns: Iterable[tuple[str, str, str]]) -> dg.TableSchema:
    """Dagster's column schema from name, type and description."""
    return dg.TableSchema(
        columns=[dg.TableColumn(name=name, type=kind, description=words) for name, kind, words in columns]
    )
