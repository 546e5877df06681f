"""Days of derived tables as Parquet: readable by others, the same bytes again, replaced as a whole."""

import os
import resource
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from customer_analytics.reporting.exports import export_table_days

DAYS = [date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """Two days of 5,000 customers, the third without any."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.scores (as_of_date date, customer_id varchar, worth decimal(38, 2), at_risk double)"
    )
    connection.execute(
        """insert into marts.scores
           select as_of_date, 'C-' || number, number / 100, sqrt(number)
           from (values (date '2024-03-01'), (date '2024-03-02')) as days (as_of_date)
           cross join range(5000, 0, -1) as numbers (number)"""
    )
    return connection


def test_the_folder_reads_as_the_table(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    files = export_table_days(warehouse, "marts.scores", tmp_path / "exports", DAYS)
    assert files == [tmp_path / "exports" / f"as_of_date={day}" / "scores.parquet" for day in DAYS]
    read = f"from read_parquet('{tmp_path}/exports/*/scores.parquet', hive_partitioning = true)"
    columns = "as_of_date, customer_id, worth, at_risk"
    difference = f"(select {columns} {read}) except (from marts.scores)"
    assert warehouse.execute(f"select count(*) from ({difference})").fetchall() == [(0,)]
    assert warehouse.execute(f"select count(*) {read}").fetchall() == [(10_000,)]
    assert warehouse.execute(f"select typeof(as_of_date) {read} limit 1").fetchall() == [("DATE",)]


def test_a_day_without_rows_has_a_file_that_names_the_columns(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    *_, empty = export_table_days(warehouse, "marts.scores", tmp_path, DAYS)
    table = pq.ParquetFile(empty).read()
    assert (table.num_rows, table.column_names) == (0, ["customer_id", "worth", "at_risk"])


def test_rows_are_in_order_compressed_and_the_same_bytes_again(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = [file.read_bytes() for file in export_table_days(warehouse, "marts.scores", tmp_path, DAYS)]
    warehouse.execute("create or replace table marts.scores as from marts.scores order by random()")
    again = export_table_days(warehouse, "marts.scores", tmp_path, DAYS)
    assert [file.read_bytes() for file in again] == first
    written = pq.ParquetFile(again[0])
    ids = written.read().column("customer_id").to_pylist()
    assert ids == sorted(ids)
    assert written.metadata.row_group(0).column(0).compression == "ZSTD"


def test_only_the_days_that_are_asked_for_are_written(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    export_table_days(warehouse, "marts.scores", tmp_path, DAYS[:1])
    (before,) = tmp_path.rglob("*.parquet")
    version = before.stat().st_mtime_ns
    export_table_days(warehouse, "marts.scores", tmp_path, DAYS[1:])
    assert before.stat().st_mtime_ns == version
    assert len(list(tmp_path.rglob("*.parquet"))) == 3


def test_a_failed_export_leaves_the_old_file_and_nothing_beside_it(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (file,) = export_table_days(warehouse, "marts.scores", tmp_path, DAYS[:1])
    old = file.read_bytes()
    file.with_name(f".{file.name}.1").write_text("left by an export that was killed")
    warehouse.execute("drop table marts.scores")
    warehouse.execute(
        "create view marts.scores as select date '2024-03-01' as as_of_date, error('cannot be read') as customer_id"
    )
    with pytest.raises(duckdb.Error, match="cannot be read"):
        export_table_days(warehouse, "marts.scores", tmp_path, DAYS[:1])
    assert list(file.parent.iterdir()) == [file]
    assert file.read_bytes() == old


@pytest.mark.parametrize("what", [".", "as_of_date=2024-03-01/scores.parquet"], ids=["a file", "a folder"])
def test_what_is_in_the_way_is_named(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, what: str) -> None:
    folder = tmp_path / "exports"
    in_the_way = folder / what
    if in_the_way == folder:
        folder.touch()
    else:
        (in_the_way / "something").mkdir(parents=True)
    with pytest.raises(OSError, match="a directory") as refused:
        export_table_days(warehouse, "marts.scores", folder, DAYS[:1])
    assert str(in_the_way) in str(refused.value)


def test_where_there_is_no_room_the_file_is_named(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        with pytest.raises(OSError, match="Make room, or mend what is named") as refused:
            export_table_days(warehouse, "marts.scores", tmp_path, DAYS[:1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    day = tmp_path / f"as_of_date={DAYS[0]}"
    assert refused.value.filename == str(day / "scores.parquet")
    assert list(day.iterdir()) == []


def test_whoever_may_look_into_the_folder_around_may_read_the_files(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = os.umask(0o077)  # As while the warehouse is open for writing.
    try:
        for mode, expected in ((0o750, 0o640), (0o700, 0o600)):
            tmp_path.chmod(mode)
            (file,) = export_table_days(warehouse, "marts.scores", tmp_path / f"{mode:o}" / "scores", DAYS[:1])
            assert file.stat().st_mode & 0o777 == expected
            folders = list(file.parents)[:3]
            assert [folder.stat().st_mode & 0o777 for folder in folders] == [mode] * 3
    finally:
        os.umask(before)
