"""What a problem's text needs beside the problem: whose a dataset is, what depends on it, where its page is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from customer_analytics.reporting.impact import reached_from
from customer_analytics.reporting.links import Links


@dataclass(frozen=True)
class Surroundings:
    """Owners by dataset, and where the Dagster UI is."""

    owners: Mapping[str, Sequence[str]]
    links: Links

    def owners_of(self, dataset: str) -> tuple[str, ...]:
        """Whose the dataset is."""
        return tuple(self.owners.get(dataset, ()))

    def affected_by(self, dataset: str, days: Sequence[date]) -> tuple[str, ...]:
        """The assets, days and people downstream of these days of a dataset."""
        if not days:
            return ()
        first = min(days)
        return tuple(
            f"{reach.asset} of {first} and every day after it{_owned_by(self.owners_of(reach.asset))}"
            for reach in reached_from(dataset)
        )


def _owned_by(owners: Sequence[str]) -> str:
    return f" ({', '.join(owners)})" if owners else ""


def counted(days: Sequence[date]) -> str:
    """How many days, with the verb that follows: ``1 day has``, ``2 days have``."""
    return "1 day has" if len(days) == 1 else f"{len(days):,} days have"
