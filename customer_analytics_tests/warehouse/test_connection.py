"""One writer at a time: others wait, say for whom, and give up; whoever dies lets go."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb
import pytest

from customer_analytics.warehouse.connection import current_holder, lock_file, open_warehouse, peek_warehouse
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseError
from customer_analytics_tests.scenario import open_at

HOLDER = """
    import sys
    from pathlib import Path
    from customer_analytics.warehouse.connection import open_warehouse
    path = Path(sys.argv[1])
    with open_warehouse(path, "backfill of orders", timeout_seconds=5, memory_limit="100MB", log=print) as c:
        c.execute("create table written (i integer)")
        print("held", flush=True)
        sys.stdin.readline()
"""
OTHER_PROGRAM = """
    import duckdb, sys
    connection = duckdb.connect(sys.argv[1])
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holding(path: Path, script: str = HOLDER) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the warehouse open until a line is written to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert pipe(process.stdout).readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        pipe(process.stdin).close()
        pipe(process.stdout).close()


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def let_go(process: subprocess.Popen[str]) -> None:
    pipe(process.stdin).write("\n")
    pipe(process.stdin).flush()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "warehouse.duckdb"


@pytest.mark.parametrize("script", [HOLDER, OTHER_PROGRAM], ids=["own process", "other program"])
def test_a_second_process_waits_says_for_whom_and_then_proceeds(path: Path, script: str) -> None:
    path.parent.mkdir()
    said: list[str] = []
    with holding(path, script) as holder:

        def log(message: str) -> None:
            said.append(message)
            let_go(holder)

        with open_warehouse(path, "a test", timeout_seconds=30, memory_limit="100MB", log=log) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    who = f"backfill of orders (process {holder.pid}, since " if script == HOLDER else f"(PID {holder.pid})"
    assert len(said) == 1
    assert said[0].startswith("Waiting for the warehouse, held by ")
    assert who in said[0]
    assert ("another program: " in said[0]) == (script == OTHER_PROGRAM)


@pytest.mark.parametrize("script", [HOLDER, OTHER_PROGRAM], ids=["own process", "other program"])
def test_waiting_ends_with_an_error_that_says_who_and_how_to_wait_longer(path: Path, script: str) -> None:
    path.parent.mkdir()
    with holding(path, script) as holder:
        with pytest.raises(WarehouseBusyError) as busy, open_at(path, timeout_seconds=0.3):
            pass
        assert "held for more than 0.3 s by " in str(busy.value)
        assert str(holder.pid) in str(busy.value)
        assert "CUSTOMER_ANALYTICS_LOCK_TIMEOUT_SECONDS" in str(busy.value)


@pytest.mark.parametrize("script", [HOLDER, OTHER_PROGRAM], ids=["own process", "other program"])
def test_a_killed_holder_frees_the_warehouse(path: Path, script: str) -> None:
    path.parent.mkdir()
    with holding(path, script) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with open_at(path, timeout_seconds=5) as connection:
            assert connection.execute("select count(*) from quality.deliveries").fetchone() == (0,)


def test_a_holder_that_is_long_gone_is_not_named_for_another_program(path: Path) -> None:
    with open_at(path):
        pass
    with holding(path, OTHER_PROGRAM) as other:
        with pytest.raises(WarehouseBusyError) as busy, open_at(path, timeout_seconds=0.2):
            pass
        assert f"another program: {os.path.realpath(sys.executable)} (PID {other.pid})" in str(busy.value)
        with pytest.raises(WarehouseBusyError, match=f"another program: .*PID {other.pid}"), peek_warehouse(path):
            pass


def fail_while_writing(path: Path, opened: list[duckdb.DuckDBPyConnection]) -> None:
    with open_at(path) as connection:
        opened.append(connection)
        connection.execute("begin")
        connection.execute("create table half_done (i integer)")
        raise ZeroDivisionError


def test_an_error_inside_closes_the_warehouse(path: Path) -> None:
    opened: list[duckdb.DuckDBPyConnection] = []
    with pytest.raises(ZeroDivisionError):
        fail_while_writing(path, opened)
    with pytest.raises(duckdb.ConnectionException):
        opened[0].execute("select 1")
    with open_at(path, timeout_seconds=1) as connection:
        assert connection.execute("select * from duckdb_tables() where table_name = 'half_done'").fetchall() == []


def test_a_file_that_is_no_warehouse_is_an_error_at_once_and_frees_the_lock(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"block, clock and lock" * 1000)
    for _ in range(2):
        with pytest.raises(WarehouseError, match="not a valid DuckDB database file"), open_at(path):
            pass
    with pytest.raises(WarehouseError, match="not a valid DuckDB database file"), peek_warehouse(path):
        pass


def test_the_holder_is_written_beside_the_warehouse(path: Path) -> None:
    assert current_holder(path) is None
    with open_at(path):
        holder = current_holder(path)
    assert holder is not None
    assert (holder.purpose, holder.pid) == ("a test", os.getpid())
    assert lock_file(path).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"purpose": "x"})])
def test_an_unreadable_holder_is_nobody(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.with_name(path.name + ".holder.json").write_text(content)
    assert current_holder(path) is None


def test_there_is_nothing_to_look_at_before_the_first_run(path: Path) -> None:
    with peek_warehouse(path) as connection:
        assert connection is None
    assert not path.parent.exists()


def test_looking_does_not_change_the_warehouse(path: Path) -> None:
    with open_at(path):
        pass
    with peek_warehouse(path) as connection:
        assert connection is not None
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("delete from quality.deliveries")


@pytest.mark.parametrize("script", [HOLDER, OTHER_PROGRAM], ids=["own process", "other program"])
def test_looking_is_refused_while_someone_writes(path: Path, script: str) -> None:
    with open_at(path):
        pass
    with (
        holding(path, script) as writer,
        pytest.raises(WarehouseBusyError, match=str(writer.pid)),
        peek_warehouse(path),
    ):
        pass


def test_looking_is_refused_while_this_process_writes(path: Path) -> None:
    with open_at(path), pytest.raises(WarehouseBusyError, match="by this very process: a test"), peek_warehouse(path):
        pass


def test_several_may_look_at_once_and_a_writer_waits_for_them(path: Path) -> None:
    with open_at(path):
        pass
    with peek_warehouse(path) as one, peek_warehouse(path) as two:
        assert one is not None
        assert two is not None
        assert one.execute("select 1").fetchone() == two.execute("select 1").fetchone()


def test_what_a_killed_writer_committed_can_be_looked_at(path: Path) -> None:
    with open_at(path):
        pass
    with holding(path) as writer:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert path.with_name(path.name + ".wal").stat().st_size > 0
    with peek_warehouse(path) as connection:
        assert connection is not None
        assert connection.execute("select count(*) from written").fetchone() == (0,)
    with open_at(path) as connection:
        assert connection.execute("select count(*) from written").fetchone() == (0,)
