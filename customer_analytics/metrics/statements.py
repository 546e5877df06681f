"""The room's SQL, read from ``sql/``; each file's header says its grain, its inputs and its output."""

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path


@cache
def statement(name: str) -> str:
    """The SQL in ``sql/<name>.sql``; ``name`` may contain folders."""
    return (resources.files("customer_analytics.metrics") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def fingerprint() -> str:
    """SHA-256 over all of the room's SQL; neither the warehouse's views nor the at-risk rule's numbers are in it."""
    files = sorted(Path(str(resources.files("customer_analytics.metrics") / "sql")).rglob("*.sql"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
