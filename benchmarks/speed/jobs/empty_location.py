"""A code location with the assets and checks of ours and nothing in them: what Dagster itself takes.

``BENCHMARK_ASSETS`` names a JSON file: by asset, the assets it depends on and the names of its checks. The days are
those of ours.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg


class Nowhere(dg.IOManager):
    """Stores nothing."""

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Leave it."""

    def load_input(self, context: dg.InputContext) -> None:
        """There is nothing."""


def _empty_asset(name: str, parents: Sequence[str], checks: Sequence[str]) -> dg.AssetsDefinition:
    start, end = (os.environ[f"CUSTOMER_ANALYTICS_{each}_DATE"] for each in ("START", "END"))
    partitions = dg.DailyPartitionsDefinition(start, end)
    specs = [dg.AssetCheckSpec(check, asset=name, partitions_def=partitions) for check in checks]

    @dg.asset(
        name=name,
        deps=parents,
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=specs,
        io_manager_key="nowhere",
    )
    def empty(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None] | dg.AssetCheckEvaluation]:
        yield dg.Output(None, output_name="result")
        for day in context.partition_keys:
            for spec in specs:
                yield dg.AssetCheckEvaluation(
                    asset_key=context.asset_key, check_name=spec.name, passed=True, partition=day
                )
        for spec in specs:
            yield dg.Output(None, output_name=spec.get_python_identifier())

    return empty


@dg.definitions
def defs() -> dg.Definitions:
    """The assets that the file describes."""
    described = json.loads(Path(os.environ["BENCHMARK_ASSETS"]).read_text(encoding="utf-8"))
    return dg.Definitions(
        assets=[_empty_asset(name, each["parents"], each["checks"]) for name, each in described.items()],
        resources={"nowhere": Nowhere()},
        executor=dg.in_process_executor,
    )
