"""For tests: asserting the asset checks of a run, which Dagster itself leaves green when a check fails or is silent."""

from collections.abc import Iterable

import dagster as dg


def assert_asset_checks(definitions: dg.Definitions, result: dg.ExecuteInProcessResult) -> None:
    """Assert that every check of every materialized asset and partition reported, and that none failed as an ERROR.

    Failed checks of severity WARN pass. ``result`` comes from ``materialize`` or ``execute_in_process``.

    Raises:
        AssertionError: names each check that failed, with what was found, and each that did not report.
    """
    evaluations = result.get_asset_check_evaluations()
    reported = {(evaluation.asset_check_key, evaluation.partition) for evaluation in evaluations}
    silent = [
        f"{key.to_user_string()} [{partition or 'whole'}] did not report"
        for key, partition in _expected(definitions, result)
        if (key, partition) not in reported
    ]
    failed = [
        f"{evaluation.asset_check_key.to_user_string()} [{evaluation.partition or 'whole'}] failed: "
        f"{evaluation.description or evaluation.metadata}"
        for evaluation in evaluations
        if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.ERROR
    ]
    assert not silent + failed, "\n".join(silent + failed)  # noqa: S101 - this is what it is for


def _expected(
    definitions: dg.Definitions, result: dg.ExecuteInProcessResult
) -> Iterable[tuple[dg.AssetCheckKey, str | None]]:
    checks = [
        spec.key
        for asset in definitions.assets or ()
        if isinstance(asset, dg.AssetsDefinition)
        for spec in asset.check_specs
    ]
    for event in result.get_asset_materialization_events():
        for key in checks:
            if key.asset_key == event.asset_key:
                yield key, event.partition
