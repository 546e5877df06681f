"""What the columns of a day look like: the figures that drift is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.contracts.contract import Column
from customer_analytics.contracts.source import Source
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.sql import name

NUMERIC = ("decimal", "bigint")


@dataclass(frozen=True)
class ColumnProfile:
    """A column in the ``rows`` accepted records of a day, of ``judged``, some of which were set aside for this column.

    ``mean`` and ``deviation`` (standard deviation, of a sample) exist where the column is numeric and has values;
    ``quarantined`` is None for days on which it was not yet counted.
    """

    rows: int
    nulls: int
    distinct: int
    mean: float | None
    deviation: float | None
    quarantined: int | None
    judged: int


# By column.
DayProfile = Mapping[str, ColumnProfile]


def profile_days(
    connection: duckdb.DuckDBPyConnection, source: Source, figures: Mapping[date, DayFigures]
) -> dict[date, DayProfile]:
    """The profiles of the days in ``judged``; also as temporary table ``profiled``, shaped like ``quality.profiles``.

    Days without accepted records have none. Columns are profiled one after the other, so that the distinct values of
    only one are in memory.
    """
    connection.execute("create or replace temp table profiled as from quality.profiles limit 0")
    connection.execute(
        """create or replace temp table set_aside_for as
           select _day, "column", count(*) as quarantined
           from (
             select _day, unnest(list_distinct(list_transform(_reasons, lambda _reason: _reason."column"))) as "column"
             from judged where len(_reasons) > 0
           ) group by all"""
    )
    for column in source.contract.columns:
        is_key = column.name == source.contract.key
        connection.execute(
            f"insert into profiled by name {_profile(column, is_key=is_key)}",
            {"source": source.name, "column": column.name},
        )
    rows = connection.execute(
        """select delivery_day, "column", rows, nulls, "distinct", mean, deviation, quarantined from profiled"""
    ).fetchall()
    profiles: dict[date, dict[str, ColumnProfile]] = {}
    for day, column_name, *counted in rows:
        judged = figures[day].accepted + figures[day].quarantined
        profiles.setdefault(day, {})[column_name] = ColumnProfile(*(*counted, judged))
    return dict(profiles)


def _profile(column: Column, *, is_key: bool) -> str:
    """The query for a column's profile; parameters: $source, $column.

    Values are counted first, so that what follows looks at each only once; of a key every accepted record has its own.
    """
    value = name(column.name)
    counted = f"{value} as value, 1 as records" if is_key else f"{value} as value, count(*) as records"
    mean = deviation = "null"
    if column.sql_type.startswith(NUMERIC):
        mean = f"avg({value})"
        # In order, so that the same values give the same digits.
        squares = "sum(records * pow(value::double - mean, 2) order by value)"
        deviation = f"sqrt({squares} / nullif(sum(records) filter (where value is not null) - 1, 0))"
    return f"""
      with counted as (
        select _day, {counted} from judged where len(_reasons) = 0 {"" if is_key else "group by all"}
      ), averages as (
        select _day, {mean}::double as mean from judged where len(_reasons) = 0 group by _day
      )
      select $source as source, _day as delivery_day, $column as "column", sum(records) as rows,
        coalesce(sum(records) filter (where value is null), 0) as nulls, count(value) as "distinct",
        min(value)::varchar as "min", max(value)::varchar as "max", any_value(mean) as mean,
        {deviation}::double as deviation, coalesce(any_value(quarantined), 0) as quarantined
      from counted inner join averages using (_day)
      left join (from set_aside_for where "column" = $column) using (_day)
      group by _day order by _day
    """
