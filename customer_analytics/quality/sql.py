"""Writing names and constants of a contract into SQL safely. Values that come from data are always bound."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A constant of a contract as a SQL literal.

    Raises:
        TypeError: the value has no SQL form.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return repr(value) if not isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    message = f"{value!r} ({type(value).__name__}) cannot be written into SQL."
    raise TypeError(message)


def listing(values: Iterable[Any]) -> str:
    """Literals, separated by commas."""
    return ", ".join(literal(value) for value in values)


def is_one_of(expression: str, values: Iterable[Any]) -> str:
    """Whether an expression is one of a contract's constants, null where it is null.

    ``in`` would become a join from five constants on, which mixes up the order of rows.
    """
    return f"list_contains([{listing(values)}], {expression})"


def text_map(texts: Mapping[str, str]) -> str:
    """A map of texts: the SQL of each by its key.

    It is cast from a struct, which takes a fifth of what building a map does; that works on whole vectors, even where
    a case leaves it a few rows only.
    """
    entries = ", ".join(f"{literal(key)}: {text}" for key, text in texts.items())
    return f"{{{entries}}}::map(varchar, varchar)"
