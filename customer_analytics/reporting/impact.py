"""What depends on a day of an asset: the question before a correction, and after a bad day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from customer_analytics.metrics.columns.registry import DERIVED_COLUMNS
from customer_analytics.metrics.derived import DERIVED_ASSETS


class UnknownAssetError(Exception):
    """There is no such asset; the message names those that there are."""


@dataclass(frozen=True)
class Effect:
    """A derived asset that would change, from its first to its last such day, in these columns."""

    asset: str
    first_day: date
    last_day: date
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Reach:
    """A derived asset, and those of its columns that are made from what was asked about."""

    asset: str
    columns: tuple[str, ...]


def reached_from(source: str, columns: Collection[str] | None = None) -> list[Reach]:
    """Which derived assets and columns are made from these columns of a source; None stands for all of them."""
    reached = []
    for asset in DERIVED_ASSETS:
        names = tuple(
            derived.name
            for derived in DERIVED_COLUMNS[asset]
            if any(origin == source and (columns is None or column in columns) for origin, column in derived.lineage)
        )
        if names:
            reached.append(Reach(asset, names))
    return reached


def impact_of(asset: str, day: date, days: Sequence[date], sources: Collection[str]) -> list[Effect]:
    """What would change if ``day`` of ``asset`` did, within ``days``, all those that are looked after.

    Raises:
        UnknownAssetError: ``asset`` is neither one of ``sources`` nor derived.
    """
    known = [*sources, *DERIVED_ASSETS]
    if asset not in known:
        message = f"There is no asset {asset!r}. There are: {', '.join(known)}."
        raise UnknownAssetError(message)
    reached = [each for each in days if day <= each]
    if not reached:
        return []
    return [Effect(reach.asset, reached[0], reached[-1], reach.columns) for reach in reached_from(asset)]
