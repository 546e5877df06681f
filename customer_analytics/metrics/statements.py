"""The room's SQL, read from ``sql/``; each file's header says its grain, its inputs and its output."""

from functools import cache
from importlib import resources


@cache
def statement(name: str) -> str:
    """The SQL in ``sql/<name>.sql``; ``name`` may contain folders."""
    return (resources.files("customer_analytics.metrics") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
