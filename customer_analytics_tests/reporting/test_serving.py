"""The snapshot for readers: whole or not there, without the quarantine, and nothing is left behind."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from customer_analytics.reporting.serving import refresh_serving
from customer_analytics.warehouse.schema import migrate


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """With one order published and one record set aside."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        migrate(connection)
        connection.execute("create table sources.orders as select 'alice' as customer_id")
        connection.execute(
            """insert into quality.quarantine by name
               select 'orders' as source, date '2026-11-01' as delivery_day, 'a.csv' as file, 2 as line,
                 'secret'::blob as raw, [] as reasons, '1' as contract_version, 'run' as run_id,
                 now()::timestamp as quarantined_at"""
        )
        yield connection


def refresh(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    serving = folder / "serving.duckdb"
    refresh_serving(warehouse, serving)
    return serving


def customers(database: Path) -> list[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return [name for (name,) in connection.execute("select customer_id from sources.orders order by 1").fetchall()]


def test_the_snapshot_has_what_the_warehouse_has_but_the_quarantine(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    listing = "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()"
    everything = {name for (name,) in warehouse.execute(listing).fetchall()}
    with duckdb.connect(str(refresh(warehouse, tmp_path)), read_only=True) as snapshot:
        copied = {name for (name,) in snapshot.execute(listing).fetchall()}
        assert snapshot.execute("select * from marts.customer_lifetime_value").fetchall() == []
    assert everything - copied == {"quality.quarantine", "quality.changes"}
    assert copied <= everything
    assert warehouse.execute("select count(*) from quality.quarantine").fetchall() == [(1,)]


def test_it_has_what_was_committed_a_moment_ago(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    refresh(warehouse, tmp_path)
    warehouse.execute("insert into sources.orders values ('bob')")
    assert customers(refresh(warehouse, tmp_path)) == ["alice", "bob"]


def test_where_it_cannot_be_made_the_old_one_stays_and_no_part_of_the_new(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    serving = refresh(warehouse, tmp_path)
    warehouse.execute("insert into sources.orders values ('bob')")
    warehouse.execute("alter table marts.folded_days add column unexpected integer")
    with pytest.raises(duckdb.BinderException):
        refresh(warehouse, tmp_path)
    assert customers(serving) == ["alice"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_a_killed_refresh_left_behind_is_cleared_away(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for left in (".serving.duckdb.4711", ".serving.duckdb.4711.wal"):
        (tmp_path / left).write_bytes(b"half")
    assert customers(refresh(warehouse, tmp_path)) == ["alice"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_no_raw_record_stands_anywhere_in_the_file(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("checkpoint")
    assert b"secret" in (tmp_path / "warehouse.duckdb").read_bytes()
    assert b"secret" not in refresh(warehouse, tmp_path).read_bytes()
