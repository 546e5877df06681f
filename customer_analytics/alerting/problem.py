"""A problem: something that is wrong now, as it is told to people."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Severity = Literal["critical", "warning"]

# not_landed: a delivery is not there by its deadline. not_published: it landed, and is not published in time.
# not_ready: an output is not there by its time. held_back: a check blocks a day. check_warned: a check of a published
# day did not pass. run_failed: a run ended badly. paused: a source fails again and again. stopped: a daemon or a sensor
# does not do its work. slow: a run took much longer than usual. webhook_failed: a system downstream cannot be told.
Kind = Literal[
    "not_landed",
    "not_published",
    "not_ready",
    "held_back",
    "check_warned",
    "run_failed",
    "paused",
    "stopped",
    "slow",
    "webhook_failed",
]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong now. As long as it is seen, it is one incident, however many days it spans.

    ``details`` says what happened, a line each; ``affected`` names assets, days and people downstream. None of its
    texts has values of customers, but ids at most, or secrets.
    """

    kind: Kind
    subject: str
    severity: Severity
    title: str
    details: tuple[str, ...]
    to_do: str
    owners: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    affected: tuple[str, ...] = ()
    link: str = ""

    @property
    def key(self) -> str:
        """What makes two sightings the same incident."""
        return f"{self.kind}:{self.subject}"
