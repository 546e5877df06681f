"""Parameters of checks as plain YAML, and back, with their exact types: what YAML lacks stands under its name.

``{"decimal": "0.10"}`` is a Decimal, ``{"timestamp": "2026-01-01T00:00:00+00:00"}`` a pandas Timestamp,
``{"tuple": [1, 2]}`` a tuple.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from customer_analytics.contracts.contract import ContractError

_SCALARS: Mapping[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "decimal": (Decimal, str, Decimal),
    "timestamp": (pd.Timestamp, pd.Timestamp.isoformat, pd.Timestamp),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
}
_COLLECTIONS: Mapping[str, type] = {"tuple": tuple, "set": set, "frozenset": frozenset}


def to_plain(value: Any, where: str) -> Any:
    """A parameter as YAML can say it; ``where`` names its check for the person who reads the error.

    Raises:
        ContractError: the value has no exact form.
    """
    kind = type(value)
    if kind in (str, int, bool, float):
        return value
    if kind is list:
        return [to_plain(each, where) for each in value]
    for name, collection in _COLLECTIONS.items():
        if kind is collection:
            plain = [to_plain(each, where) for each in value]
            return {name: plain if collection is tuple else sorted(plain, key=repr)}
    for name, (scalar, write, read) in _SCALARS.items():
        # A time zone by name would come back as an offset.
        if kind is scalar and repr(read(write(value))) == repr(value):
            return {name: write(value)}
    message = f"{where}: {value!r} ({kind.__name__}) has no exact form in YAML. Write a plain value, a list, or UTC."
    raise ContractError(message)


def from_plain(plain: Any, where: str) -> Any:
    """The parameter that ``to_plain`` wrote.

    Raises:
        ContractError: nothing like it was written.
    """
    if type(plain) in (str, int, bool, float):
        return plain
    if isinstance(plain, list):
        return [from_plain(each, where) for each in plain]
    if isinstance(plain, dict) and len(plain) == 1:
        [(name, content)] = plain.items()
        try:
            if name in _COLLECTIONS and isinstance(content, list):
                return _COLLECTIONS[name](from_plain(each, where) for each in content)
            if name in _SCALARS and isinstance(content, str):
                return _SCALARS[name][2](content)
        except (ValueError, TypeError, ArithmeticError) as error:
            message = f"{where}: {plain!r} cannot be read: {error}."
            raise ContractError(message) from error
    kinds = ", ".join([*_SCALARS, *_COLLECTIONS])
    message = f"{where}: {plain!r} is no value of a check. Write a text, a number, a list, or one of {{{kinds}}}."
    raise ContractError(message)
