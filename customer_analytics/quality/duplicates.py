"""Finding records whose key stands elsewhere: on the same day, or already published under another day.

The rule: of one day's good records with the same key the first (by file name, then line) is kept; between days that are
judged together, the earlier day keeps it; and a key that is published under a day that is not judged stays there.
"""

from collections.abc import Collection
from datetime import date

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.sql import literal, name

WITHIN_DAY = "unique"
ACROSS_DAYS = "unique_across_days"

PLACE = "struct_pack(file := _file, line := _line)"


def reject_within_day(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Give each later record of ``judged`` with the same key on the same day its reason.

    Keys with the same hash are looked for first: that is soon done, and mostly there are none.
    """
    key = name(source.contract.key)
    message = f"{literal(source.contract.key + ' stands already at ')} || first.kept.file || ':' || first.kept.line"
    connection.execute(
        f"""with alike as (
              select _day, hash({key}) as hash from judged where {key} is not null group by all having count(*) > 1
            ), first as (
              select _day, {key} as key, min({PLACE}) filter (where len(_reasons) = 0) as kept
              from judged semi join alike on judged._day = alike._day and hash(judged.{key}) = alike.hash
              where {key} is not null group by all having count(*) > 1
            )
            update judged set _reasons = list_append(_reasons, {_reason(source, WITHIN_DAY, message)})
            from first where judged._day = first._day and judged.{key} = first.key and {PLACE} > first.kept"""
    )


def reject_across_days(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Collection[date], held_back: Collection[date]
) -> None:
    """Give each record of ``judged`` whose key belongs to another day its reason; those of before are taken back.

    ``days`` are judged together; of these, ``held_back`` will not be published: they keep what they have published
    before, and none of the keys that they bring now.
    """
    if not may_share_keys(connection, source):
        return
    key = name(source.contract.key)
    message = pointer(source, "owner.day")
    connection.execute(
        f"""update judged set _reasons = list_filter(_reasons, lambda _reason: _reason.rule <> {literal(ACROSS_DAYS)})
            where list_contains(list_transform(_reasons, lambda _reason: _reason.rule), {literal(ACROSS_DAYS)})"""
    )
    connection.execute(
        f"""with published as (
              select {key} as key, min(delivery_day) as day, true as elsewhere from {source.table}
              where not list_contains($replaced, delivery_day) and delivery_day in ({days_to_search(source)})
                and {key} in (select {key} from judged)
              group by 1
            ), together as (
              select {key} as key, min(_day) as day, false as elsewhere from judged
              where len(_reasons) = 0 and not list_contains($held_back, _day) group by 1 having min(_day) < max(_day)
            ), owner as (
              select key, coalesce(min(day) filter (where elsewhere), min(day)) as day, bool_or(elsewhere) as elsewhere
              from (from published union all from together) group by 1
            )
            update judged set _reasons = list_append(_reasons, {_reason(source, ACROSS_DAYS, message)})
            from owner
            where judged.{key} = owner.key and owner.day <> judged._day
              and (owner.elsewhere or owner.day < judged._day)""",
        {
            "source": source.name,
            "replaced": [day for day in days if day not in held_back],
            "held_back": list(held_back),
        },
    )


def may_share_keys(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Whether a day of ``judged`` could have a key of another one, judged or published: by their lowest and highest.

    With keys that grow over time they hardly ever could, and nothing else needs to be looked at.
    """
    key, column = name(source.contract.key), source.contract.column(source.contract.key)
    row = connection.execute(
        f"""with brought as (
              select _day as day, min({key}) as lowest, max({key}) as highest from judged
              where {key} is not null group by _day
            ), others as (
              from brought
              union all
              select delivery_day, cast("min" as {column.sql_type}), cast("max" as {column.sql_type})
              from quality.profiles where source = $source and "column" = {literal(column.name)}
            )
            select count(*) from brought inner join others
              on others.lowest <= brought.highest and others.highest >= brought.lowest
            where others.day <> brought.day""",
        {"source": source.name},
    ).fetchone()
    return bool(row and row[0])


def days_to_search(source: Source) -> str:
    """SQL: the published days between whose lowest and highest key there is a key of ``judged``; parameter: $source.

    With keys that grow over time these are next to none, so that the search costs the same after ten years. Each day
    finds the judged key at or below its highest one; it is searched where that is not below its lowest.
    """
    key, column = name(source.contract.key), source.contract.column(source.contract.key)
    return f"""
      select delivery_day
      from (
        select delivery_day, cast("min" as {column.sql_type}) as lowest, cast("max" as {column.sql_type}) as highest
        from quality.profiles where source = $source and "column" = {literal(column.name)}
      ) asof join (select distinct {key} as key from judged) on highest >= key
      where key >= lowest
    """


def pointer(source: Source, day: str) -> str:
    """SQL: what is said of a key that belongs to ``day``."""
    return f"{literal(source.contract.key + ' belongs already to delivery day ')} || {day}"


def _reason(source: Source, rule: str, message: str) -> str:
    return f"{{'rule': {literal(rule)}, 'column': {literal(source.contract.key)}, 'message': {message}}}"
