"""The circuit breaker of an asset: after some failed loads in a row it is paused, then one load tries whether it works.

Its state is computed from the latest runs, so a restart forgets nothing: closed until ``failures`` loads failed in a
row; then open for a pause, which doubles with each further failure; then half-open, which lets one day through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import dagster as dg

from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.runs import ended_loads

MOST_FAILURES_LOOKED_AT = 20


@dataclass(frozen=True)
class BreakerState:
    """``open``: nothing is asked for until ``until`` (UTC); ``half_open``: one day is, to see whether it works."""

    state: Literal["closed", "open", "half_open"]
    failures: int = 0
    until: datetime | None = None

    @property
    def words(self) -> str:
        """Why nothing is asked for, for people."""
        when = f" until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else ""
        return f"Paused{when}: {self.failures} loads failed in a row"


def breaker_state(policy: BreakerPolicy, latest_first: Sequence[tuple[bool, datetime]], now: datetime) -> BreakerState:
    """The state after these loads: whether each failed, and when it ended (UTC), the latest first."""
    failures = next((n for n, (failed, _) in enumerate(latest_first) if not failed), len(latest_first))
    if failures < policy.failures:
        return BreakerState("closed", failures)
    minutes = min(policy.pause_minutes * 2 ** (failures - policy.failures), policy.longest_pause_minutes)
    until = latest_first[0][1] + timedelta(minutes=minutes)
    return BreakerState("open" if now < until else "half_open", failures, until)


def read_breaker(instance: dg.DagsterInstance, asset: str, policy: BreakerPolicy, now: datetime) -> BreakerState:
    """The state of an asset's breaker, from Dagster's runs."""
    most = max(policy.failures, MOST_FAILURES_LOOKED_AT)
    loads = [
        (load.failed, datetime.fromtimestamp(load.ended_at, UTC))
        for load in ended_loads(instance, asset, limit=most)
        if load.outcome != "not_landed" and not load.was_skipped  # Neither says anything of the loading.
    ]
    return breaker_state(policy, loads, now)
