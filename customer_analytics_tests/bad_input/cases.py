"""What a case of the matrix is: a delivery, and what must become of it."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import pyarrow as pa

from customer_analytics.contracts.policy import Format
from customer_analytics.contracts.source import Source
from customer_analytics_tests.bad_input.records import Row
from customer_analytics_tests.scenario import DAY, ORDERS

Outcome = Literal["refused", "normalised", "quarantined", "accepted"]
Reason = tuple[str, str | None]
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": partial(gzip.compress, mtime=0),
    ".zst": partial(pa.compress, codec="zstd", asbytes=True),
}


@dataclass(frozen=True)
class Case:
    """One delivery. ``kind`` is a phrase of the specification, ``variant`` which form of it this is."""

    kind: str
    variant: str
    form: Format
    files: Mapping[str, bytes]
    source: Source = ORDERS
    day: date = DAY
    outcome: ClassVar[Outcome]

    def __str__(self) -> str:
        return f"{self.form}: {self.kind}: {self.variant}"


@dataclass(frozen=True)
class Refused(Case):
    """Nothing of it is published. ``words`` stand in the message: the file, the place in it, what is wrong.

    ``links`` are symbolic links in the day's folder, to files below the scene's folder; ``meanwhile`` is what happens
    to the day's folder between opening it and the end of reading.
    """

    words: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Callable[[Path], object] | None = None
    outcome: ClassVar[Outcome] = "refused"


@dataclass(frozen=True)
class Normalised(Case):
    """All of it is published, as ``rows`` (by key); ``ignored`` blank lines are counted.

    ``unknown`` columns are reported; those in ``evolved`` are published after the promised ones, as text.
    ``deliveries`` is how often the same content is delivered.
    """

    rows: tuple[Row, ...] = ()
    ignored: int = 0
    unknown: tuple[str, ...] = ()
    evolved: tuple[str, ...] = ()
    deliveries: int = 1
    outcome: ClassVar[Outcome] = "normalised"


@dataclass(frozen=True)
class Accepted(Normalised):
    """Data that looks dangerous, or early, and is published as it is."""

    outcome: ClassVar[Outcome] = "accepted"


@dataclass(frozen=True)
class BadRecord:
    """Where a record stands, its raw bytes, and every reason against it.

    A Parquet row has its number for a line, no offset, and its ``values`` as JSON for raw bytes.
    """

    file: str
    line: int
    offset: int | None
    reasons: frozenset[Reason]
    raw: bytes | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Quarantined(Case):
    """Some of its records are set aside; the others are published as ``rows`` (by key)."""

    rows: tuple[Row, ...] = ()
    bad: tuple[BadRecord, ...] = ()
    ignored: int = 0
    outcome: ClassVar[Outcome] = "quarantined"
