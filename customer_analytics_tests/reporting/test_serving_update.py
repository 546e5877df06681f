"""A snapshot that is brought up to date is the one that copying everything makes; nothing withdrawn is left in it."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.metrics.as_of import compute_customer_lifetime_value
from customer_analytics.metrics.features import compute_customer_features
from customer_analytics.metrics.identity import store_aliases
from customer_analytics.reporting import serving as serving_module
from customer_analytics.reporting.serving import PRIVATE, previous_snapshot, refresh_serving
from customer_analytics.reporting.serving_update import Table
from customer_analytics.warehouse.retention import keep_latest_days
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.metrics.scenario import NOW, Order, at, day, publish_orders, refresh_values, withdraw

Content = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """With a day of orders, derived, and two snapshots of it."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        migrate(connection)
        publish_orders(connection, day(1), [Order("ann", at(1), Decimal(10)), Order("bob", at(1), Decimal(20))])
        refresh_values(connection, day(1))
        for _ in range(2):
            refresh_serving(connection, tmp_path / "serving.duckdb")
        yield connection


def content(connection: duckdb.DuckDBPyConnection, database: str) -> Content:
    """Every row of every table that readers get."""
    tables = connection.execute(
        """select schema_name || '.' || table_name from duckdb_tables()
           where database_name = ? and schema_name in ('sources', 'quality', 'marts') order by 1""",
        [database],
    ).fetchall()
    return {
        table: sorted(connection.execute(f"from {database}.{table}").fetchall(), key=repr)
        for (table,) in tables
        if table not in PRIVATE
    }


def assert_same(warehouse: duckdb.DuckDBPyConnection, serving: Path) -> None:
    with duckdb.connect(str(serving), read_only=True) as snapshot:
        assert content(snapshot, "serving") == content(warehouse, "warehouse")


@pytest.fixture
def refreshed(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], bool]:
    """Refreshes the snapshot; whether an earlier one was brought up to date for it, and not everything copied."""
    copied: list[bool] = []
    copy_tables = serving_module._copy_tables

    def spy(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
        copied.append(True)
        copy_tables(connection, tables)

    def refresh() -> bool:
        copied.clear()
        refresh_serving(warehouse, tmp_path / "serving.duckdb")
        assert_same(warehouse, tmp_path / "serving.duckdb")
        return not copied

    monkeypatch.setattr(serving_module, "_copy_tables", spy)
    return refresh


def test_what_came_since_is_added_to_an_earlier_snapshot(
    warehouse: duckdb.DuckDBPyConnection, refreshed: Callable[[], bool]
) -> None:
    publish_orders(warehouse, day(2), [Order("ann", at(2), Decimal(5)), Order("eve", at(2), Decimal(1))])
    assert refreshed()
    refresh_values(warehouse, day(2))
    compute_customer_features(warehouse, [day(1), day(2)], "run", NOW)
    assert refreshed()
    keep_latest_days(warehouse, "marts.customer_features", 1)
    assert refreshed()
    assert refreshed()


def test_of_what_is_no_history_rows_that_differ_are_replaced(
    warehouse: duckdb.DuckDBPyConnection, refreshed: Callable[[], bool]
) -> None:
    profile = "insert into quality.profiles values ('orders', ?, 'status', 7, 0, 2, 'done', 'open', null, null, null)"
    warehouse.execute(profile, [day(1)])
    assert refreshed()
    warehouse.execute(profile, [day(2)])
    assert refreshed()
    assert refreshed()
    warehouse.execute('update quality.profiles set "distinct" = 3 where delivery_day = ?', [day(1)])
    assert refreshed()
    assert refreshed()


def test_the_earlier_snapshot_is_for_its_owner_only(tmp_path: Path, refreshed: Callable[[], bool]) -> None:
    assert refreshed()
    assert stat.S_IMODE(previous_snapshot(tmp_path / "serving.duckdb").stat().st_mode) == 0o600


def correct(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10))])


def take_back(warehouse: duckdb.DuckDBPyConnection) -> None:
    withdraw(warehouse, "orders", day(1))


def merge(warehouse: duckdb.DuckDBPyConnection) -> None:
    store_aliases(warehouse, {"bob": "ann"})
    refresh_values(warehouse, day(1))


def derive_anew(warehouse: duckdb.DuckDBPyConnection) -> None:
    compute_customer_lifetime_value(warehouse, [day(1)], "another run", NOW)


def fold_an_earlier_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(0), [Order("bob", at(0), Decimal(7))])
    refresh_values(warehouse, day(0))


def add_a_column(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("alter table sources.orders add column channel varchar")


def change_unseen(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into sources.orders by name select date '2024-03-01' as delivery_day, 'x' as customer_id")


@pytest.mark.parametrize(
    "change", [correct, take_back, merge, derive_anew, fold_an_earlier_day, add_a_column, change_unseen]
)
def test_where_more_happened_than_additions_everything_is_copied(
    warehouse: duckdb.DuckDBPyConnection,
    refreshed: Callable[[], bool],
    change: Callable[[duckdb.DuckDBPyConnection], None],
) -> None:
    change(warehouse)
    assert not refreshed()


def test_where_a_late_day_is_folded_with_a_new_one_everything_is_copied(
    warehouse: duckdb.DuckDBPyConnection, refreshed: Callable[[], bool]
) -> None:
    publish_orders(warehouse, day(3), [Order("ann", at(3), Decimal(5))])
    refresh_values(warehouse, day(3))
    assert [refreshed(), refreshed()] == [True, True]
    publish_orders(warehouse, day(2), [Order("ann", at(2), Decimal(7))])
    publish_orders(warehouse, day(4), [])
    refresh_values(warehouse, day(4))
    assert not refreshed()


@pytest.mark.parametrize(("folded", "stored"), [({}, {"ann": "zoe"}), ({"ann": "zoe"}, {})])
def test_where_aliases_are_folded_that_a_snapshot_knew_before_everything_is_copied(
    warehouse: duckdb.DuckDBPyConnection,
    refreshed: Callable[[], bool],
    folded: dict[str, str],
    stored: dict[str, str],
) -> None:
    store_aliases(warehouse, folded)
    refresh_values(warehouse, day(1))
    store_aliases(warehouse, stored)
    assert [refreshed(), refreshed()] == [False, False]
    publish_orders(warehouse, day(2), [])
    refresh_values(warehouse, day(2))
    assert not refreshed()


def test_a_withdrawn_value_stands_nowhere_in_the_snapshot(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, refreshed: Callable[[], bool]
) -> None:
    serving = tmp_path / "serving.duckdb"
    publish_orders(warehouse, day(2), [Order("a customer to forget", at(2), Decimal(5))])
    refresh_values(warehouse, day(2))
    assert refreshed()
    assert refreshed()
    assert b"a customer to forget" in serving.read_bytes()
    withdraw(warehouse, "orders", day(2))
    refresh_values(warehouse, day(2))
    for _ in range(3):
        refresh_serving(warehouse, serving)
        assert b"a customer to forget" not in serving.read_bytes()
    assert b"a customer to forget" not in previous_snapshot(serving).read_bytes()


def test_who_has_a_snapshot_open_keeps_it_whatever_comes(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    serving = tmp_path / "serving.duckdb"
    with duckdb.connect(str(serving), read_only=True) as reader:
        before = content(reader, "serving")
        for number in (2, 3, 4):
            publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(5))])
            refresh_values(warehouse, day(number))
            refresh_serving(warehouse, serving)
            assert content(reader, "serving") == before
    assert_same(warehouse, serving)


def test_a_program_that_reads_the_file_byte_by_byte_reads_one_snapshot(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    serving = tmp_path / "serving.duckdb"
    before = serving.read_bytes()
    slowly = "import sys; f = open(sys.argv[1], 'rb'); print(flush=True); input(); sys.stdout.buffer.write(f.read())"
    command = [sys.executable, "-c", slowly, str(serving)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as copying:
        assert copying.stdin
        assert copying.stdout
        copying.stdout.readline()
        for number in (2, 3):
            publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(5))])
            refresh_serving(warehouse, serving)
        assert copying.communicate(b"\n")[0] == before


def test_a_snapshot_with_two_names_is_never_changed(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    serving = tmp_path / "serving.duckdb"
    os.link(serving, tmp_path / "backup.duckdb")
    before = serving.read_bytes()
    for number in (2, 3):
        publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(5))])
        refresh_serving(warehouse, serving)
        assert_same(warehouse, serving)
    assert (tmp_path / "backup.duckdb").read_bytes() == before


def test_an_earlier_snapshot_that_cannot_be_read_does_no_harm(tmp_path: Path, refreshed: Callable[[], bool]) -> None:
    previous_snapshot(tmp_path / "serving.duckdb").write_bytes(b"no database")
    assert not refreshed()
    assert refreshed()


amounts = st.lists(st.sampled_from(["ann", "bob", "eve"]), max_size=3)
steps = st.lists(
    st.tuples(st.integers(1, 4), amounts) | st.sampled_from(["fold", "features", "keep", "withdraw", "merge", "look"]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=8, deadline=None)
@given(steps=steps)
def test_whatever_happens_the_snapshot_says_what_the_warehouse_says(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[int, list[str]] | str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    serving = folder / "serving.duckdb"
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        migrate(connection)
        for number, step in enumerate(steps):
            match step:
                case "fold":
                    refresh_values(connection, day(3))
                case "features":
                    compute_customer_features(connection, [day(number)], "run", NOW)
                case "keep":
                    keep_latest_days(connection, "marts.customer_features", 2)
                case "withdraw":
                    withdraw(connection, "orders", day(2))
                case "merge":
                    store_aliases(connection, {"bob": "ann"} if number % 2 else {})
                case "look":
                    assert serving.exists() == (number > 0)
                case (which, customers):
                    orders = [Order(customer, at(which), Decimal(number)) for customer in customers]
                    publish_orders(connection, day(which), orders)
            refresh_serving(connection, serving)
            assert_same(connection, serving)
