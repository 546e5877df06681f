"""The room's SQL."""

from functools import cache
from importlib import resources


@cache
def statement(name: str) -> str:
    """The SQL in ``sql/<name>.sql``."""
    return (resources.files("customer_analytics.reporting.health") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
