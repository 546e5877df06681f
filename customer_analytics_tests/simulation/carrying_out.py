"""Carrying out a run: the assets' own functions, on the real warehouse, without the rest of Dagster's execution."""

import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from unittest.mock import patch

import dagster as dg

from customer_analytics.components import as_of_asset, source_asset
from customer_analytics.components.processes import PROCESS_TAG
from customer_analytics.components.resources import Landing, Warehouse
from customer_analytics.components.runs import days_of

# died: killed before it tried anything. killed: after it had published, before it recorded that. cancelled: by a
# person, while it waited.
Fate = Literal["well", "died", "killed", "cancelled"]


class KilledError(BaseException):
    """The process is gone; whatever has no transaction around it stays half done."""


@dataclass
class RunContext:
    """What the assets ask of Dagster's context."""

    instance: dg.DagsterInstance
    run: dg.DagsterRun
    job_def: dg.JobDefinition
    retry_number: int = 0
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("simulation"))

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @cached_property
    def partition_keys(self) -> list[str]:
        return [day.isoformat() for day in days_of(self.run)]

    def add_asset_metadata(self, *_: Any, **__: Any) -> None:
        """Nobody reads it here."""


def carry_out(asset: dg.AssetsDefinition, context: RunContext, warehouse: Warehouse, landing: Landing) -> bool:
    """Do what the run is for, of one asset; gives whether it went well.

    Raises:
        KilledError: the test has it killed on the way.
    """
    function: Any = asset.op.compute_fn.decorated_fn  # type: ignore[union-attr]
    known = {"warehouse": warehouse, "landing": landing}
    resources = {name: resource for name, resource in known.items() if name in asset.required_resource_keys}
    try:
        for _ in function(context, **resources):
            pass
    except dg.Failure:
        return False
    return True


@contextmanager
def killed_after_publishing(run: dg.DagsterRun, instance: dg.DagsterInstance) -> Iterator[None]:
    """Whoever loads meanwhile is killed when the days are published and nothing else is written down."""

    def kill(*_: Any) -> None:
        raise KilledError

    try:
        with patch.object(source_asset, "record_load", kill), patch.object(as_of_asset, "record_load", kill):
            yield
    except KilledError:
        noted = instance.get_run_by_id(run.run_id).tags[PROCESS_TAG]  # type: ignore[union-attr]
        gone = noted.replace(f":{os.getpid()}", f":{a_process_that_is_gone()}")
        instance.add_run_tags(run.run_id, {PROCESS_TAG: gone})


def a_process_that_is_gone() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert process.pid != os.getpid()
    return process.pid
