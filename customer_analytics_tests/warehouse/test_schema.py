"""Migrations: each once, all or none, never backwards."""

from pathlib import Path

import duckdb
import pytest

from customer_analytics.warehouse import schema
from customer_analytics.warehouse.connection import peek_warehouse
from customer_analytics.warehouse.errors import WarehouseVersionError
from customer_analytics.warehouse.schema import OLDEST, current_version, migrate, migrations
from customer_analytics_tests.scenario import CLEAN_ORDER_ROWS, CLEAN_ORDERS, ORDERS, Scene, open_at

NEWEST = max(migrations())


def migrations_through(newest: int) -> dict[int, str]:
    return {version: sql for version, sql in migrations().items() if version <= newest}


def shape(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    return connection.execute(
        """select schema_name, table_name, column_name, data_type, is_nullable::varchar from duckdb_columns()
           where database_name = current_database() and not internal order by all"""
    ).fetchall()


def test_versions_are_numbered_without_gaps() -> None:
    assert list(migrations()) == list(range(1, NEWEST + 1))


def test_a_new_warehouse_gets_every_version() -> None:
    with duckdb.connect() as connection:
        assert current_version(connection) == 0
        migrate(connection)
        assert current_version(connection) == NEWEST
        assert connection.execute("select version from warehouse_version order by 1").fetchall() == [
            (version,) for version in migrations()
        ]


def test_migrating_again_changes_nothing() -> None:
    with duckdb.connect() as connection:
        migrate(connection)
        before = connection.execute("select * from warehouse_version").fetchall()
        migrate(connection)
        assert connection.execute("select * from warehouse_version").fetchall() == before


def test_an_old_warehouse_comes_out_like_a_new_one_and_keeps_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "migrations", lambda: migrations_through(OLDEST))
    with open_at(tmp_path / "old.duckdb") as connection:
        assert current_version(connection) == OLDEST
        connection.execute(
            """create table sources.orders (delivery_day date not null, order_id varchar not null,
                 customer_id varchar not null, order_date timestamp not null, total_amount decimal(18,2) not null,
                 status varchar not null)"""
        )
        connection.executemany("insert into sources.orders values (?, ?, ?, ?, ?, ?)", CLEAN_ORDER_ROWS)
        connection.execute(
            """insert into quality.quarantine values ('orders', '2026-03-10', 'a.csv', 2, 9, 'O-9,,', [
                 {'rule': 'columns', 'column': null, 'message': 'too few'}], '1.0.0', 'run-0', '2026-03-11', null, null)
            """
        )
    monkeypatch.undo()
    with open_at(tmp_path / "old.duckdb") as old, open_at(tmp_path / "new.duckdb") as new:
        assert Scene(tmp_path, old).orders() == CLEAN_ORDER_ROWS
        assert old.execute("select raw, cells from quality.quarantine").fetchall() == [(b"O-9,,", None)]
        for connection in (old, new):
            Scene(tmp_path, connection).deliver(ORDERS, CLEAN_ORDERS)
        assert shape(old) == shape(new)


def test_change_rows_of_an_old_warehouse_say_to_the_microsecond_what_they_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = ["2023-12-31 23:59:59.999999", "2024-01-02 10:11:12.000003"]
    customers: dict[str, list[str] | list[None]] = {"ann": ordered, "bob": [None, None]}
    with duckdb.connect() as connection:
        monkeypatch.setattr(schema, "migrations", lambda: migrations_through(11))
        migrate(connection)
        for customer, times in customers.items():
            connection.execute(
                "insert into marts.customer_value_closed values (?, '2024-01-02', '2024-01-04', 1, 1.23, 0, ?, ?)",
                [customer, *times],
            )
            connection.execute(
                "insert into marts.customer_value_open values (?, '2024-01-04', 2, 2.46, 0.5, ?, ?)", [customer, *times]
            )
        before = connection.execute("from marts.customer_value_history order by all").fetchall()
        monkeypatch.undo()
        migrate(connection)
        assert connection.execute("from marts.customer_value_history order by all").fetchall() == before
        assert len(before) == 4


def test_a_migration_that_fails_leaves_the_warehouse_at_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {
        NEWEST + 1: "create table half (i integer)",
        NEWEST + 2: "create table other (i integer); select no_such_column",
    }
    with duckdb.connect() as connection:
        migrate(connection)
        before = shape(connection)
        monkeypatch.setattr(schema, "migrations", lambda: migrations() | steps)
        with pytest.raises(duckdb.Error, match="no_such_column"):
            migrate(connection)
        assert current_version(connection) == NEWEST
        assert shape(connection) == before


def test_a_newer_warehouse_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_at(path) as connection:
        connection.execute("insert into warehouse_version values (999, null)")
    message = f"schema version 999, this code knows versions up to {NEWEST}. Update customer-analytics"
    with pytest.raises(WarehouseVersionError, match=message), open_at(path):
        pass
    with pytest.raises(WarehouseVersionError, match=message), peek_warehouse(path):
        pass


def test_a_warehouse_that_is_too_old_is_refused_and_says_how_to_go_on(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_at(path) as connection:
        connection.execute("delete from warehouse_version where version >= ?", [OLDEST])
    message = f"schema version {OLDEST - 1}, this code upgrades from version {OLDEST} on. Move warehouse.duckdb away"
    with pytest.raises(WarehouseVersionError, match=message), open_at(path):
        pass
    with pytest.raises(WarehouseVersionError, match=message), peek_warehouse(path):
        pass


def test_a_look_at_an_older_warehouse_is_refused_until_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_at(path) as connection:
        connection.execute("delete from warehouse_version where version = ?", [NEWEST])
    with (
        pytest.raises(WarehouseVersionError, match="`customer-analytics upgrade` migrates it to"),
        peek_warehouse(path),
    ):
        pass
