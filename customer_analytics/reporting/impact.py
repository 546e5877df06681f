"""What depends on a day of an asset: the question before a correction, and after a bad day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from customer_analytics.metrics.columns import DERIVED_COLUMNS
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


def impact_of(asset: str, day: date, days: Sequence[date], sources: Collection[str]) -> list[Effect]:
    """What would change if ``day`` of ``asset`` did, within ``days``, all those that are looked after.

    Raises:
        UnknownAssetError: ``asset`` is neither one of ``sources`` nor derived.
    """
    known = [*sources, *DERIVED_ASSETS]
    if asset not in known:
        message = f"There is no asset {asset!r}. There are: {', '.join(known)}."
        raise UnknownAssetError(message)
    effects = []
    for derived in DERIVED_ASSETS.values():
        columns = tuple(
            column.name
            for column in DERIVED_COLUMNS[derived.name]
            if any(source == asset for source, _ in column.lineage)
        )
        window = derived.window_days
        reached = [each for each in days if day <= each and (window is None or each < day + timedelta(days=window))]
        if columns and reached:
            effects.append(Effect(derived.name, reached[0], reached[-1], columns))
    return effects
