"""A clock that a test moves, in the place of the real one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import ModuleType
from typing import Any
from unittest.mock import patch

from customer_analytics.components import (
    alerts,
    as_of_asset,
    as_of_automation,
    partitions,
    runs,
    source_asset,
    source_automation,
    vanished_runs,
)

# Every module of the code under test that asks what time it is.
ASKING: tuple[ModuleType, ...] = (
    alerts,
    as_of_asset,
    as_of_automation,
    partitions,
    runs,
    source_asset,
    source_automation,
    vanished_runs,
)
TICK = timedelta(seconds=30)


class Clock:
    """What time it is: ``now``, aware, UTC."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def timestamp(self) -> float:
        """The same in seconds since 1970."""
        return self.now.timestamp()

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Meanwhile the code under test and Dagster go by this clock."""
        with ExitStack() as stack:
            for module in ASKING:
                stack.enter_context(patch.object(module, "datetime", _Datetime(self)))
            stack.enter_context(patch("dagster._time._mockable_get_current_datetime", lambda: self.now))
            stack.enter_context(patch("dagster._time._mockable_get_current_timestamp", self.timestamp))
            yield


class _Datetime:
    """``datetime`` as ever, but for ``now``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self, zone: tzinfo = UTC) -> datetime:
        return self._clock.now.astimezone(zone)

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)
