"""Opening the warehouse: one process at a time, waiting in the open, and always closing.

A file lock beside the warehouse orders this project's own processes. DuckDB locks the file itself too; when some other
program holds it (a database browser, say), the wait and the message are the same.
"""

import errno
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError, WarehouseFaultError
from customer_analytics.warehouse.schema import is_current, migrate
from customer_analytics.warehouse.scratch import remove_scratch

Log = Callable[[str], None]

POLL_SECONDS = 0.1
TELL_EVERY_SECONDS = 10.0


@dataclass(frozen=True)
class Holder:
    """Who has the warehouse open: what for, in which process, since when (UTC)."""

    purpose: str
    pid: int
    since: str

    def __str__(self) -> str:
        return f"{self.purpose} (process {self.pid}, since {self.since} UTC)"


@contextmanager
def open_warehouse(
    path: Path, purpose: str, *, timeout_seconds: float, memory_limit: str, log: Log
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, open for writing and migrated to this code's version; closed at the end whatever happens.

    ``purpose`` is what others read while they wait. Temporary data spills beside the file. It holds personal data: only
    its owner may read it, and what is made beside it meanwhile.

    Raises:
        WarehouseBusyError: another process held it for longer than ``timeout_seconds``.
        WarehouseVersionError: a newer version of this project wrote it.
        WarehouseFaultError: it could not be read or written, the disk is full for instance.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    patience = _Patience(timeout_seconds, log)
    lock = FileLock(lock_file(path))
    _acquire(lock, path, patience)
    try:
        with private_files():
            if path.exists() and path.stat().st_uid == os.geteuid():
                path.chmod(0o600)  # It may have been copied here.
            note_holder(path, purpose)
            remove_scratch(path)  # A process that was killed may have left it.
            connection = _connect(path, memory_limit, patience)
            try:
                migrate(connection)
                yield connection
            except (duckdb.IOException, duckdb.FatalException) as error:
                raise _fault(path, str(error).splitlines()[0]) from error
            finally:
                connection.close()
    finally:
        lock.release()


@contextmanager
def private_files() -> Iterator[None]:
    """Files that this process makes meanwhile are for its owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def peek_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The warehouse for a quick look, read-only, or None where there is none yet; a writer waits until it is closed.

    Raises:
        WarehouseBusyError: someone is writing; nothing is waited for.
        WarehouseVersionError: it has another version than this code's.
        WarehouseError: it cannot be opened at all.
    """
    if not path.exists():
        yield None
        return
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.ConnectionException as error:
        message = f"The warehouse is in use by this very process: {current_holder(path)}."
        raise WarehouseBusyError(message) from error
    except duckdb.IOException as error:
        if not _is_locked(error):
            raise _unusable(path, error) from error
        message = f"The warehouse is in use by {_conflicting(error, path)}."
        raise WarehouseBusyError(message) from error
    try:
        yield connection if is_current(connection) else None
    finally:
        connection.close()


@contextmanager
def peek_patiently(path: Path, timeout_seconds: float, log: Log) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """As ``peek_warehouse``, and where someone is writing, wait until that has ended; ``log`` is told for whom.

    Raises:
        WarehouseBusyError: it has not ended after ``timeout_seconds``.
        WarehouseError: as ``peek_warehouse`` says.
    """
    patience = _Patience(timeout_seconds, log)
    with ExitStack() as stack:
        while True:
            try:
                connection = stack.enter_context(peek_warehouse(path))
                break
            except WarehouseBusyError as busy:
                patience.wait_or_raise(f"{busy} Waiting", busy)
        yield connection


def current_holder(path: Path) -> Holder | None:
    """Who opened the warehouse for writing last, as far as it is known."""
    try:
        return Holder(**json.loads(_holder_file(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def note_holder(path: Path, purpose: str) -> None:
    """Say what the warehouse, which this process has open, is open for.

    Raises:
        WarehouseFaultError: it cannot be written down.
    """
    try:
        _holder_file(path).write_text(json.dumps(asdict(_this_process(purpose))), encoding="utf-8")
    except OSError as error:
        raise _fault(path, f"{error.strerror} ({error.filename}).") from error


def lock_file(path: Path) -> Path:
    """The file whose lock orders this project's writers."""
    return path.with_name(path.name + ".lock")


class _Patience:
    """Waits a little at a time, says for whom now and then, and ends with an error."""

    def __init__(self, timeout_seconds: float, log: Log) -> None:
        self._timeout_seconds = timeout_seconds
        self._log = log
        self._deadline = time.monotonic() + timeout_seconds
        self._next_word = time.monotonic()

    def wait(self, holder: str) -> None:
        message = (
            f"The warehouse was held for more than {self._timeout_seconds:g} s by {holder}. Let it finish or stop "
            "it, then run this again; CUSTOMER_ANALYTICS_LOCK_TIMEOUT_SECONDS sets how long to wait."
        )
        self.wait_or_raise(f"Waiting for the warehouse, held by {holder}", WarehouseBusyError(message))

    def wait_or_raise(self, words: str, error: WarehouseBusyError) -> None:
        now = time.monotonic()
        if now >= self._deadline:
            raise error
        if now >= self._next_word:
            self._log(f"{words}; giving up in {self._deadline - now:.0f} s.")
            self._next_word = now + TELL_EVERY_SECONDS
        time.sleep(min(POLL_SECONDS, self._deadline - now))


def _acquire(lock: FileLock, path: Path, patience: _Patience) -> None:
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            patience.wait(str(current_holder(path) or "another process"))
        else:
            return


def _connect(path: Path, memory_limit: str, patience: _Patience) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(path.with_name(path.name + ".spill")),
        "autoinstall_known_extensions": False,
    }
    is_new = not path.exists()
    while True:
        try:
            connection = duckdb.connect(str(path), config=config)
        except duckdb.Error as error:
            if not _is_locked(error):
                if is_new:
                    path.unlink(missing_ok=True)  # The stub of a first file; nobody could open it.
                raise _unusable(path, error) from error
            patience.wait(_conflicting(error, path))
        else:
            connection.execute("set global TimeZone = 'UTC'")
            return connection


def _fault(path: Path, cause: str) -> WarehouseFaultError:
    return WarehouseFaultError(
        f"{path} could not be read or written: {cause} What was published before is as it was. Make room, or mend what "
        "is named, then run this again."
    )


def _unusable(path: Path, error: duckdb.Error) -> WarehouseError:
    cause = str(error).splitlines()[0]
    if os.strerror(errno.EACCES) in cause:
        return WarehouseError(f"{path} cannot be opened: {cause} Give it to the user who runs this (chown).")
    return WarehouseError(
        f"{path} cannot be opened: {cause} Put back a copy of it, or move it away and load the landed days again; or "
        "mend the setting that is named."
    )


def _is_locked(error: duckdb.Error) -> bool:
    return "Could not set lock" in str(error)


def _conflicting(error: duckdb.Error, path: Path) -> str:
    """Who holds DuckDB's own lock, from DuckDB's message: one of this project's processes, or another program."""
    found = re.search(r"held in (.+? \(PID (\d+)\))", str(error))
    if not found:
        return "another program"
    holder = current_holder(path)
    return str(holder) if holder and holder.pid == int(found[2]) else f"another program: {found[1]}"


def _holder_file(path: Path) -> Path:
    return path.with_name(path.name + ".holder.json")


def _this_process(purpose: str) -> Holder:
    return Holder(purpose, os.getpid(), datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"))
