"""Whether the environment is sane: versions, settings, disk, lock, schema. Each finding says what to do."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from packaging.requirements import Requirement

from customer_analytics.landing.errors import LandingUnreadableError
from customer_analytics.landing.folder import LandingArea
from customer_analytics.settings import Settings
from customer_analytics.warehouse.connection import current_holder, lock_file, peek_warehouse
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError
from customer_analytics.warehouse.schema import current_version

PACKAGE = "customer-analytics"
Verdict = Literal["ok", "warning", "error"]

MINIMUM_FREE_BYTES = 5 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    verdict: Verdict
    words: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that does not need Dagster."""
    version = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    yield Finding("python", "ok" if supported else "error", version if supported else f"{version}; use 3.11 to 3.13")
    yield _packages()
    yield _data_folder(settings.data_dir)
    yield _landing(settings)
    yield _lock(settings.warehouse_path)
    yield _warehouse(settings.warehouse_path)
    yield _snapshot(settings)


def _packages() -> Finding:
    wrong = []
    for line in metadata.requires(PACKAGE) or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} {installed} is not {requirement.specifier}")
    words = "; ".join(wrong) + ". Run: make setup" if wrong else "as pyproject.toml wants them"
    return Finding("packages", "error" if wrong else "ok", words)


def _data_folder(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding("data folder", "error", f"{folder} cannot be written: {error.strerror}")
    free = shutil.disk_usage(folder).free
    words = f"{folder}, {free / 1024**3:.0f} GiB free"
    return Finding("data folder", "ok" if free >= MINIMUM_FREE_BYTES else "warning", words)


def _landing(settings: Settings) -> Finding:
    area = LandingArea(settings.landing_dir)
    try:
        landed = {source: len(area.landed_days(source)) for source in area.sources()}
    except LandingUnreadableError as error:
        return Finding("landing", "error", str(error))
    if not landed:
        words = f"nothing has landed in {settings.landing_dir}"
        is_own = "data_dir" in settings.model_fields_set
        return Finding("landing", "warning", words if is_own else f"{words}; `make demo` lands demo days")
    return Finding("landing", "ok", ", ".join(f"{source}: {days} days" for source, days in landed.items()))


def _lock(warehouse: Path) -> Finding:
    if not warehouse.parent.exists():
        return Finding("lock", "ok", "nobody writes")
    try:
        with FileLock(lock_file(warehouse), timeout=0):
            return Finding("lock", "ok", "nobody writes")
    except Timeout:
        return Finding("lock", "warning", f"held by {current_holder(warehouse) or 'another process'}")
    except OSError as error:
        return Finding("lock", "error", f"{lock_file(warehouse)} cannot be opened: {error.strerror}")


def _warehouse(path: Path) -> Finding:
    try:
        with peek_warehouse(path) as connection:
            if connection is None:
                return Finding("warehouse", "ok", "none yet; the first run makes it")
            return Finding("warehouse", "ok", f"{path}, schema {current_version(connection)}")
    except WarehouseBusyError as error:
        return Finding("warehouse", "warning", str(error))
    except WarehouseError as error:
        return Finding("warehouse", "error", str(error))


def _snapshot(settings: Settings) -> Finding:
    if settings.serving_path.exists() or not settings.warehouse_path.exists():
        return Finding("snapshot", "ok", str(settings.serving_path))
    words = f"there is none at {settings.serving_path}; `customer-analytics upgrade` makes it, and so does the next run"
    return Finding("snapshot", "warning", words)
