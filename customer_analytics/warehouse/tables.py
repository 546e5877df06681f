"""The published tables: made from their contracts, and changed with them so that no published value is lost."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from customer_analytics.contracts.changes import widens
from customer_analytics.contracts.contract import Column
from customer_analytics.contracts.source import Source
from customer_analytics.quality.sql import name
from customer_analytics.warehouse.errors import WarehouseError

_DAY = "delivery_day"


@dataclass(frozen=True)
class TableColumn:
    """A column as the table has it."""

    sql_type: str
    nullable: bool


def table_columns(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[str, TableColumn]:
    """The columns of a source's table by name; none while there is no table."""
    rows = connection.execute(
        """select column_name, lower(data_type), is_nullable from duckdb_columns()
           where database_name = current_database() and schema_name = 'sources' and table_name = ?""",
        [source.name],
    ).fetchall()
    return {column: TableColumn(sql_type, nullable) for column, sql_type, nullable in rows}


def fit_table(connection: duckdb.DuckDBPyConnection, source: Source, run_id: str, now: datetime) -> None:
    """Create the source's table, or make it fit the contract; runs inside the caller's transaction.

    Columns are added and their types changed where no published value changes by it; a column that is promised no more
    stays for the days that have it.

    Raises:
        WarehouseError: a published value would be changed.
    """
    found = table_columns(connection, source)
    if not found:
        columns = "".join(
            f", {name(column.name)} {column.sql_type}{'' if column.nullable else ' not null'}"
            for column in source.contract.columns
        )
        connection.execute("create schema if not exists sources")
        connection.execute(f"create table {source.table} ({_DAY} date not null{columns})")
        return
    promised = {column.name: column for column in source.contract.columns}
    version = f"{source.contract.name} {source.contract.version}"
    for column in promised.values():
        old = found.get(column.name)
        if old is None:
            _change(connection, source, f"add column {_typed(column)}", f"new in {version}", run_id, now)
        elif old.sql_type != column.sql_type:
            _assert_convertible(connection, source, column, old.sql_type)
            change = f"alter column {name(column.name)} set data type {column.sql_type}"
            _change(connection, source, change, f"{old.sql_type} before {version}", run_id, now)
            if column.name == source.contract.key:
                _find_bounds_anew(connection, source)
    for column_name, old in found.items():
        required = column_name in promised and not promised[column_name].nullable
        if column_name != _DAY and not old.nullable and not required:
            change = f"alter column {name(column_name)} drop not null"
            _change(connection, source, change, f"may be null in {version}", run_id, now)


def kept_columns(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Collection[date], run_id: str, now: datetime
) -> list[str]:
    """The columns beside the promised ones that ``judged`` has texts for and the table takes; new ones are added.

    Runs inside the caller's transaction.
    """
    if source.policy.evolution.new_columns != "evolve":
        return []
    rows = connection.execute(
        """select distinct unnest(map_keys(_beside)) as key from judged
           where len(_reasons) = 0 and list_contains(?, _day) order by key""",
        [list(days)],
    ).fetchall()
    delivered = [column for (column,) in rows if column not in source.policy.constants]
    found = table_columns(connection, source)
    for column in delivered:
        if column not in found:
            _change(connection, source, f"add column {name(column)} varchar", "delivered, not promised", run_id, now)
    return [column for column in delivered if column not in found or found[column].sql_type == "varchar"]


def _typed(column: Column) -> str:
    return f"{name(column.name)} {column.sql_type}"


def _assert_convertible(connection: duckdb.DuckDBPyConnection, source: Source, column: Column, old_type: str) -> None:
    if widens(old_type, column.sql_type):
        return
    value, converted = name(column.name), f"try_cast({name(column.name)} as {column.sql_type})"
    row = connection.execute(
        f"""select count(*) from {source.table}
            where {value} is not null and try_cast({converted} as {old_type}) is distinct from {value}"""
    ).fetchone()
    if row and row[0]:
        message = (
            f"sources.{source.name}: {column.name} is {old_type} and {source.contract.name} {source.contract.version} "
            f"wants {column.sql_type}, which would change {row[0]:,} published values. Give the changed column another "
            "name, or keep its type."
        )
        raise WarehouseError(message)


def _find_bounds_anew(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """The lowest and highest key of each day in the order of its new type: 9 is below 10, and '9' above '10'."""
    key = name(source.contract.key)
    connection.execute(
        f"""update quality.profiles set "min" = bounds.lowest, "max" = bounds.highest
            from (
              select delivery_day, min({key})::varchar as lowest, max({key})::varchar as highest
              from {source.table} group by delivery_day
            ) as bounds
            where profiles.delivery_day = bounds.delivery_day and profiles.source = ? and profiles."column" = ?""",
        [source.name, source.contract.key],
    )


def _change(
    connection: duckdb.DuckDBPyConnection, source: Source, change: str, why: str, run_id: str, now: datetime
) -> None:
    statement = f"alter table {source.table} {change}"
    connection.execute(statement)
    connection.execute(
        """insert into quality.table_changes by name
           select $source as source, $statement as statement, $why as why, $version as contract_version,
             $run_id as run_id, $now as changed_at""",
        {
            "source": source.name,
            "statement": statement,
            "why": why,
            "version": source.contract.version,
            "run_id": run_id,
            "now": now,
        },
    )
