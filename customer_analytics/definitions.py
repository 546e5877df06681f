"""The code location."""

from functools import lru_cache
from pathlib import Path

import dagster as dg

from customer_analytics.settings import Settings


@dg.definitions
def defs() -> dg.Definitions:
    """Everything in ``defs/``."""
    return _load(Settings().model_dump_json())


@lru_cache(maxsize=1)
def _load(settings: str) -> dg.Definitions:
    """What follows from ``settings``: Dagster asks up to three times a process, and loading takes most of a second."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
