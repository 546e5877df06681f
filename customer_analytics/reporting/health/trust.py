"""Whether the numbers of the day can be trusted: what was delivered, what was held back, what the checks say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import duckdb

from customer_analytics.metrics.derived import ALL_SOURCES, DERIVED_ASSETS
from customer_analytics.reporting.health.statements import statement
from customer_analytics.reporting.health.words import dataset, listed
from customer_analytics.warehouse.ledger import quarantined_share

STRIP_DAYS = 14

State = Literal["published", "warned", "held_back", "missing", "not_expected"]
# stop: the number must not be used. care: it may be used by who knows what is said.
Gravity = Literal["stop", "care"]


@dataclass(frozen=True)
class SourceDay:
    """A delivery day of a source; ``score`` is from 0 to 1. One that is held back may have been published before."""

    day: date
    is_expected: bool
    is_published: bool
    accepted: int | None
    quarantined: int | None
    score: float | None
    failed: tuple[str, ...]
    warned: tuple[str, ...]

    @property
    def state(self) -> State:
        """What became of the day."""
        if self.failed:
            return "held_back"
        if not self.is_published:
            return "missing" if self.is_expected else "not_expected"
        return "warned" if self.warned else "published"

    @property
    def quarantined_share(self) -> float | None:
        """Of the records that were judged."""
        return quarantined_share(self.accepted, self.quarantined)

    @property
    def checks(self) -> str:
        """The checks that did not pass, in words."""
        return listed([dataset(check) for check in (*self.failed, *self.warned)])


@dataclass(frozen=True)
class SourceStrip:
    """The latest days of a source; the last one is the day that the page is about.

    ``is_new`` says that nothing of it was published by then: a company need not have every source.
    """

    source: str
    days: tuple[SourceDay, ...]
    is_new: bool

    @property
    def today(self) -> SourceDay:
        """The day that the page is about."""
        return self.days[-1]


@dataclass(frozen=True)
class Caution:
    """Why a dataset's numbers of the day must not be used, or only with care; ``affects`` are derived datasets."""

    gravity: Gravity
    dataset: str
    words: str
    affects: tuple[str, ...]


def read_strips(connection: duckdb.DuckDBPyConnection, day: date) -> tuple[SourceStrip, ...]:
    """Every source that something is derived from, or of which something was published by ``day``."""
    rows = connection.execute(
        "select distinct source from quality.deliveries where delivery_day <= ? order by source", [day]
    ).fetchall()
    published = [source for (source,) in rows]
    sources = [*ALL_SOURCES, *(source for source in published if source not in ALL_SOURCES)]
    days = [day - timedelta(days=back) for back in reversed(range(STRIP_DAYS))]
    found = connection.execute(statement("source_days"), {"sources": sources, "days": days}).fetchall()
    return tuple(
        SourceStrip(
            source,
            tuple(
                SourceDay(of, expected, published, accepted, quarantined, score, tuple(failed), tuple(warned))
                for name, of, expected, published, accepted, quarantined, score, failed, warned in found
                if name == source
            ),
            is_new=source not in published,
        )
        for source in sources
    )


def read_cautions(
    connection: duckdb.DuckDBPyConnection, day: date, strips: Sequence[SourceStrip]
) -> tuple[Caution, ...]:
    """Everything that speaks against using the day's numbers, the gravest first; of sources that they are made from."""
    cautions = [caution for strip in strips if (caution := _of_source(strip)) and caution.affects]
    rows = connection.execute(statement("derived_day"), {"assets": list(DERIVED_ASSETS), "day": day}).fetchall()
    missing = tuple(asset for asset, is_computed, _ in rows if not is_computed)
    if missing:
        others = f"; nor {'is' if len(missing) == 2 else 'are'} {listed([*map(dataset, missing[1:])])}"
        words = f"not computed for this day{others if missing[1:] else ''}"
        cautions.append(Caution("stop", missing[0], words, missing))
    for asset, _, findings in rows:
        cautions += [
            Caution(
                "stop" if finding["outcome"] == "failed" else "care",
                asset,
                f"{dataset(finding['check_name'])} {finding['outcome']}: {finding['found']}",
                (asset,),
            )
            for finding in findings
        ]
    return tuple(sorted(cautions, key=lambda caution: caution.gravity == "care"))


def _of_source(strip: SourceStrip) -> Caution | None:
    affects = tuple(asset.name for asset in DERIVED_ASSETS.values() if strip.source in asset.sources)
    today = strip.today
    if today.failed:
        kept = "an older version counts" if today.is_published else "nothing of the day counts"
        return Caution("stop", strip.source, f"held back, {kept}: {today.checks}", affects)
    if strip.is_new:
        return Caution("care", strip.source, "nothing was ever published of it so far", affects)
    if today.state == "missing":
        return Caution("stop", strip.source, "this day was not delivered, or not published yet", affects)
    if today.warned:
        return Caution("care", strip.source, f"published with a warning: {today.checks}", affects)
    return None
