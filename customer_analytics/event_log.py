"""Dagster's SQLite storage, storing what a run reports of many days in one transaction; named by dagster.yaml.

Dagster itself opens a connection for each event and each of its databases: three for every check of every day. Nothing
of the project is imported here, so that the webserver and the daemon start without it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import Any, Self

from dagster._core.events import DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection

# Who reports these is not done: a run that is planned is then queued or started, a step ends with another event.
_MAY_WAIT = (
    DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
    DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_CHECK_EVALUATION,
)
_MOST_WAITING = 1000


class BatchingEventLogStorage(SqliteEventLogStorage):
    """An event log that keeps what a run plans, materializes and checks until anything else is stored or read.

    What waits when the process is killed is lost, as if it had been killed before it was reported.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._waiting: list[EventLogEntry] = []
        self._known_tables: set[str] = set()
        self._shared: dict[str, Connection] | None = None
        self._closing = ExitStack()
        super().__init__(base_dir, inst_data)
        self._db_lock = RLock()  # type: ignore[assignment]  # Two databases are open while a batch is stored.

    def store_event(self, event: EventLogEntry) -> None:
        """Store the event, or let it wait for those that follow."""
        with self._db_lock:
            self._waiting.append(event)
            may_wait = event.run_id and event.dagster_event and event.dagster_event_type in _MAY_WAIT
            if not may_wait or len(self._waiting) >= _MOST_WAITING:
                self._store_waiting()

    def has_table(self, table_name: str) -> bool:
        """Whether there is such a table. Dagster asks for every check, and opens a connection; a table stays."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def dispose(self) -> None:
        """Store what waits."""
        with self._db_lock:
            self._store_waiting()
        super().dispose()

    def _store_waiting(self) -> None:
        if not self._waiting or self._shared is not None:
            return
        self._shared = {}
        try:
            with ExitStack() as self._closing:
                for event in self._waiting:
                    super().store_event(event)
        finally:
            self._shared = None
        self._waiting = []

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            self._store_waiting()
            if self._shared is None:
                with super()._connect(shard) as connection:
                    yield connection
                return
            if shard not in self._shared:
                self._shared[shard] = self._closing.enter_context(super()._connect(shard))
            yield self._shared[shard]


class BatchingSqliteStorage(DagsterSqliteStorage):
    """Dagster's SQLite storage with that event log; files and folders are the same."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = BatchingEventLogStorage(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """The storage that dagster.yaml asks for."""
        return cls.from_local(inst_data=inst_data, **config_value)
