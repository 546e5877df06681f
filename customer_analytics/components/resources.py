"""What runs and sensors need from outside: the warehouse, the landing area, and how days are recorded."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import PrivateAttr

from customer_analytics.landing.folder import LandingArea
from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.settings import Settings
from customer_analytics.warehouse.connection import Log, note_holder, open_warehouse, peek_warehouse, private_files
from customer_analytics.warehouse.errors import WarehouseError, WarehouseFaultError


class Warehouse(DuckDBResource):
    """The DuckDB file: one writer at a time, always closed; dagster-duckdb alone leaves it open after an error.

    Readers get a new snapshot of what a run has written: with its last asset, or when it ends before. Until then the
    file stays open between the assets of a run: closing it takes as long as many a step.
    """

    serving: str
    lock_timeout_seconds: float
    memory_limit: str
    _has_news: bool = PrivateAttr(default=False)
    _connection: duckdb.DuckDBPyConnection | None = PrivateAttr(default=None)
    _kept_open: ExitStack = PrivateAttr(default_factory=ExitStack)

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(self.database)

    @contextmanager
    def get_connection(
        self, purpose: str = "a Dagster run", log: Log = print, *, readers_wait: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse, open for writing; waits for other writers and says for whom.

        Readers then get a new snapshot; with ``readers_wait`` they get it from an asset that follows in the run, which
        finds the warehouse open.

        Raises:
            Failure: it cannot be used: held for too long, or of another version; then trying again at once would not
                help. Or the machine is at fault, and it might.
        """
        try:
            # Between assets others make files, too: those are not private.
            with private_files(), self._kept_open.pop_all() as opened:
                with closing(self._opened(opened, purpose, log).cursor()) as connection:
                    self._has_news = True
                    yield connection
                    if not readers_wait:
                        self._refresh(connection)
                if readers_wait:
                    self._kept_open = opened.pop_all()
        except WarehouseError as error:
            may_pass = isinstance(error, WarehouseFaultError)
            raise dg.Failure(description=str(error), allow_retries=may_pass) from error
        except (OSError, dg.Failure):
            raise  # The machine's fault may pass; a failure says itself whether it may.
        except Exception as error:
            words = f"{type(error).__name__}: a fault of the code or of the data, which trying again would not mend."
            raise dg.Failure(description=words, allow_retries=False) from error

    def _opened(self, opened: ExitStack, purpose: str, log: Log) -> duckdb.DuckDBPyConnection:
        """The warehouse as it is open, or else is from now on until ``opened`` is closed."""
        if self._connection:
            note_holder(self.path, purpose)
            return self._connection
        self._connection = opened.enter_context(
            open_warehouse(
                self.path,
                purpose,
                timeout_seconds=self.lock_timeout_seconds,
                memory_limit=self.memory_limit,
                log=log,
            )
        )
        opened.callback(self._forget)
        return self._connection

    def _forget(self) -> None:
        self._connection = None

    def give_readers_the_news(self, log: Log = print) -> None:
        """A new snapshot for readers who wait for one.

        Raises:
            Failure: as ``get_connection``.
        """
        if self._has_news:
            with self.get_connection("the snapshot for readers", log):
                pass  # It is replaced when the connection is given back.

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Readers get what a run has published before it failed; where that fails too, from who writes next."""
        log = context.log or dg.get_dagster_logger()
        try:
            self.give_readers_the_news(log.info)
        except (dg.Failure, OSError) as error:
            log.warning(f"Readers keep the snapshot that they had until the next run: {error}")

    def _refresh(self, connection: duckdb.DuckDBPyConnection) -> None:
        refresh_serving(connection, Path(self.serving))
        self._has_news = False

    def peek(self) -> AbstractContextManager[duckdb.DuckDBPyConnection | None]:
        """The warehouse for a quick look; None where there is none yet.

        Raises:
            WarehouseBusyError: someone is writing.
            WarehouseVersionError: it has another version than this code's.
        """
        return peek_warehouse(self.path)


class Landing(dg.ConfigurableResource[None]):
    """The landing area."""

    root: str

    @property
    def area(self) -> LandingArea:
        """The landing area at ``root``."""
        return LandingArea(Path(self.root))


class PublishedDays(dg.IOManager):
    """Records only those days of a range as materialized that were published.

    An asset gives the days that it published; Dagster itself would record every day that was asked for.
    """

    def handle_output(self, context: dg.OutputContext, obj: list[str]) -> None:
        """Narrow the days that Dagster records for this output to those in ``obj``."""
        # Dagster has no public way to say this; test_dagster_behaviour.py holds the attribute.
        context._asset_partitions_subset = context.asset_partitions_def.empty_subset().with_partition_keys(obj)

    def load_input(self, context: dg.InputContext) -> None:
        """Nothing is handed on: assets read the warehouse."""


def build_resources(settings: Settings) -> dict[str, object]:
    """All resources, as the settings say."""
    return {
        "warehouse": Warehouse(
            database=str(settings.warehouse_path),
            serving=str(settings.serving_path),
            lock_timeout_seconds=settings.lock_timeout_seconds,
            memory_limit=settings.memory_limit,
        ),
        "landing": Landing(root=str(settings.landing_dir)),
        "published_days": PublishedDays(),
    }
