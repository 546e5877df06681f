"""The circuit breaker of an asset: after some failed loads in a row it is paused, then one load tries whether it works.

Its state is computed from the latest runs, so a restart forgets nothing: closed until ``failures`` loads failed in a
row; then open for a pause, which doubles with each further failure; then half-open, which lets one day through.

A run that never began, as the machine stood still or the code was being loaded, says nothing of loading. It only has
the next one wait, for a minute at first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Literal

import dagster as dg

from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.runs import ended_loads

MOST_FAILURES_LOOKED_AT = 20
FIRST_WAIT_MINUTES = 1


@dataclass(frozen=True)
class BreakerState:
    """``open`` and ``waiting``: nothing is asked for until ``until`` (UTC); ``half_open``: one day is, to try it.

    ``failures`` are all runs in a row that failed, also those that never began.
    """

    state: Literal["closed", "waiting", "open", "half_open"]
    failures: int = 0
    until: datetime | None = None

    @property
    def lets_nothing_through(self) -> bool:
        """Whether nothing is asked for now."""
        return self.state in ("waiting", "open")

    @property
    def words(self) -> str:
        """Why nothing is asked for, for people."""
        when = f" until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else ""
        if self.state == "waiting":
            return f"Waits{when}: the latest run could not be started"
        return f"Paused{when}: {self.failures} loads failed in a row"


@dataclass(frozen=True)
class EndedRun:
    """A run of the asset that has ended at ``ended_at``, aware; whether it failed, and whether it had begun."""

    ended_at: datetime
    failed: bool
    began: bool = True


def breaker_state(policy: BreakerPolicy, latest_first: Sequence[EndedRun], now: datetime) -> BreakerState:
    """The state after these attempts, the latest first."""
    failed = list(takewhile(lambda attempt: attempt.failed, latest_first))
    loads = sum(attempt.began for attempt in failed)
    not_begun = len(list(takewhile(lambda attempt: not attempt.began, failed)))

    def until(first_minutes: float, doublings: int) -> datetime:
        return failed[0].ended_at + timedelta(minutes=min(first_minutes * 2**doublings, policy.longest_pause_minutes))

    if loads >= policy.failures:
        end = until(policy.pause_minutes, loads - policy.failures)
        return BreakerState("open" if now < end else "half_open", len(failed), end)
    if not_begun and now < (end := until(FIRST_WAIT_MINUTES, not_begun - 1)):
        return BreakerState("waiting", len(failed), end)
    return BreakerState("closed", len(failed))


def read_breaker(instance: dg.DagsterInstance, asset: str, policy: BreakerPolicy, now: datetime) -> BreakerState:
    """The state of an asset's breaker, from Dagster's runs."""
    most = max(policy.failures, MOST_FAILURES_LOOKED_AT)
    attempts = [
        EndedRun(datetime.fromtimestamp(load.ended_at, UTC), load.failed, load.began)
        for load in ended_loads(instance, asset, limit=most)
        # Neither says anything of the loading; and for a run that could not be started the one stands that followed.
        if load.outcome != "not_landed" and not load.was_skipped and (load.began or not load.was_retried)
    ]
    return breaker_state(policy, attempts, now)
