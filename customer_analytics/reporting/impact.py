"""What depends on a day of an asset: the question before a correction, and after a bad day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Effect:
    """A derived asset that would change, from its first to its last such day, in these columns."""

    asset: str
    first_day: date
    last_day: date
    columns: tuple[str, ...]
