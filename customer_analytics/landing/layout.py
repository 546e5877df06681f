"""How the columns of a delivered file map to the promised ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile


@dataclass(frozen=True)
class Layout:
    """Where the promised columns stand in a file: ``positions`` by promised name (None: absent), from 0.

    ``delivered`` has the names as they are written in the file, ``unknown`` those that are not promised.
    """

    delivered: tuple[str, ...]
    positions: dict[str, int | None]
    unknown: tuple[str, ...]


def match_columns(
    file: DeliveredFile, delivered: Sequence[str], promised: Sequence[str], required: Sequence[str]
) -> Layout:
    """Match delivered column names to promised ones, whatever their order, case and surrounding spaces.

    Raises:
        DeliveryRefusedError: a name stands twice, or a required column is missing.
    """
    names = tuple(name.strip().casefold() for name in delivered)
    missing = [column for column in required if column not in names]
    if missing:
        # Where the header is missing, the names are a record's values: only promised ones may be repeated.
        known = ", ".join(column for column in promised if column in names) or "none of the promised columns"
        message = (
            f"{file.path}: the header lacks {', '.join(missing)}; it has {len(names)} columns, with {known}. "
            "Expected is a first line with the columns' names, separated by commas."
        )
        raise DeliveryRefusedError(message)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{file.path}: the header has {', '.join(map(repr, twice))} more than once. Keep one of each."
        raise DeliveryRefusedError(message)
    positions = {column: names.index(column) if column in names else None for column in promised}
    return Layout(tuple(delivered), positions, tuple(sorted(set(names) - set(promised))))
