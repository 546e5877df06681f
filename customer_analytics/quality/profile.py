"""What the columns of a day look like: the figures that drift is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

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
           select _day, "column", count(*) as records
           from (
             select _day, unnest(list_distinct(list_transform(_reasons, lambda reason: reason."column"))) as "column"
             from judged where len(_reasons) > 0
           ) group by all"""
    )
    for column in source.contract.columns:
        value = name(column.name)
        is_numeric = column.sql_type.startswith(NUMERIC)
        # In order, so that the same values give the same digits.
        deviation = f"stddev_samp({value}::double order by {value})" if is_numeric else "null"
        mean = f"avg({value})" if is_numeric else "null"
        connection.execute(
            f"""insert into profiled by name
                select $source as source, _day as delivery_day, $column as "column", count(*) as rows,
                  count(*) - count({value}) as nulls, count(distinct {value}) as "distinct",
                  min({value})::varchar as "min", max({value})::varchar as "max",
                  {mean}::double as mean, {deviation}::double as deviation,
                  coalesce(any_value(records), 0) as quarantined
                from judged left join (from set_aside_for where "column" = $column) using (_day)
                where len(_reasons) = 0 group by _day order by _day""",
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
