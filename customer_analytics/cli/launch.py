"""Having Dagster materialize days, in a run of its own that its history knows."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from customer_analytics.settings import PROJECT_ROOT


class LaunchError(Exception):
    """The run did not succeed; the message says where to look."""


def launch(assets: str, first: date, last: date, log: Path, on_materialization: Callable[[], object]) -> None:
    """Materialize ``assets`` (a selection) from ``first`` through ``last`` in one run; its own words go to ``log``.

    Raises:
        LaunchError: the run did not succeed.
    """
    command = [
        *(str(Path(sys.executable).with_name("dg")), "launch", "--assets", assets),
        *("--partition-range", f"{first}...{last}"),
    ]
    environment = {"DAGSTER_HOME": str(PROJECT_ROOT)} | os.environ
    with log.open("w", encoding="utf-8") as words:
        run = subprocess.Popen(  # noqa: S603
            command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in run.stdout or ():
            words.write(line)
            if "ASSET_MATERIALIZATION - " in line:
                on_materialization()
    if run.wait() != 0:
        message = f"Dagster's run did not succeed; {log} says why."
        raise LaunchError(message)
