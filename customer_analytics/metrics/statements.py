"""The room's SQL, read from ``sql/``; each file's header says its grain, its inputs and its output."""

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

from customer_analytics.metrics.derived import AT_RISK_RULE
from customer_analytics.warehouse.schema import migrations


@cache
def statement(name: str) -> str:
    """The SQL in ``sql/<name>.sql``; ``name`` may contain folders."""
    return (resources.files("customer_analytics.metrics") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def fingerprint() -> str:
    """SHA-256 over what makes the figures: the room's SQL, the warehouse's views, the at-risk rule."""
    files = sorted(Path(str(resources.files("customer_analytics.metrics") / "sql")).rglob("*.sql"))
    views = "".join(migrations().values())
    content = [*(file.read_bytes() for file in files), views.encode(), repr(AT_RISK_RULE).encode()]
    return hashlib.sha256(b"\0".join(content)).hexdigest()
