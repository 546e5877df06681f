"""The room's SQL, read from ``sql/``; each file's header says its grain, its inputs and its output."""

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

from customer_analytics.warehouse.schema import migrations


@cache
def statement(name: str) -> str:
    """The SQL in ``sql/<name>.sql``; ``name`` may contain folders."""
    return (resources.files("customer_analytics.metrics") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def fingerprint() -> str:
    """SHA-256 over what makes the figures: all of this room, and the warehouse's views."""
    room = Path(str(resources.files("customer_analytics.metrics")))
    files = sorted(file for file in room.rglob("*") if file.suffix in (".py", ".sql"))
    views = "".join(migrations().values())
    return hashlib.sha256(b"\0".join([*(file.read_bytes() for file in files), views.encode()])).hexdigest()
