"""How the columns of a delivered file map to the promised ones."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile

_PRESENTABLE = re.compile(r"[a-z_][a-z0-9_ ]{0,40}")

# How it is said that a column is missing, and what to do then.
_EXPECTED = {
    "csv": ("the header lacks", "Expected is a first line with the columns' names, separated by commas."),
    "parquet": ("the schema lacks", "Deliver every promised column, with its promised name."),
    "jsonl": ("no record has", "Expected is one JSON object a line, with the promised names."),
}


@dataclass(frozen=True)
class Layout:
    """Where the promised columns stand in a file: ``positions`` by promised name (None: absent), from 0.

    ``delivered`` has the names as they are written in the file, ``unknown`` where those stand that are not promised.
    """

    delivered: tuple[str, ...]
    positions: dict[str, int | None]
    unknown: Mapping[str, int]


def match_columns(
    file: DeliveredFile, delivered: Sequence[str], promised: Sequence[str], required: Sequence[str]
) -> Layout:
    """Match delivered column names to promised ones, whatever their order, and case and spaces around them.

    The keys of JSON objects count as they are written.

    Raises:
        DeliveryRefusedError: a name stands twice, or a required column is missing.
    """
    names = tuple(delivered) if file.format == "jsonl" else tuple(name.strip().casefold() for name in delivered)
    missing = [column for column in required if column not in names]
    if missing:
        # Where the header is missing, the names are a record's values: only promised ones may be repeated.
        known = ", ".join(column for column in promised if column in names) or "none of the promised columns"
        lacks, expected = _EXPECTED[file.format]
        message = f"{file.path}: {lacks} {', '.join(missing)}; it has {len(names)} columns, with {known}. {expected}"
        raise DeliveryRefusedError(message)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        # Others than the promised ones could be values of a record that got into the header.
        named = ", ".join(column for column in twice if column in promised) or "names that are not promised"
        message = f"{file.path}: the header has {named} more than once. Keep one of each."
        raise DeliveryRefusedError(message)
    positions = {column: names.index(column) if column in names else None for column in promised}
    unknown = {name: position for position, name in enumerate(names) if name not in promised}
    return Layout(tuple(delivered), positions, unknown)


def presentable(columns: Iterable[str], most: int = 10) -> str:
    """Delivered column names for people: only what looks like a name is shown, the rest could be values."""
    names = sorted(columns)
    shown = [name for name in names if _PRESENTABLE.fullmatch(name)][:most]
    others = [f"{len(names) - len(shown)} others"] if len(names) > len(shown) else []
    return ", ".join(shown + others)
