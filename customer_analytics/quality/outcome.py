"""What an audit says of one day: the same shape for sources and for what is derived from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["passed", "warned", "failed"]

SAMPLE_SIZE = 10


@dataclass(frozen=True)
class CheckOutcome:
    """One check of one day.

    ``failed`` holds the day back, ``warned`` tells and lets it through. ``sample`` names at most ``SAMPLE_SIZE``
    records by id or by place (file:line), never by value. ``number`` is what was found as a number, for plotting over
    the days: a share, or a number of records. ``parts`` are what a score is made of, by name.
    """

    check: str
    outcome: Outcome
    expected: str
    found: str
    sample: tuple[str, ...] = ()
    number: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Whether the day must not be published."""
        return self.outcome == "failed"
