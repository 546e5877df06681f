"""What the republication of a day changed: which records were added, removed or changed, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.sql import literal, name
from customer_analytics.warehouse.tables import table_columns


@dataclass(frozen=True)
class Changes:
    """How many records the republication of a day added, removed and changed."""

    added: int = 0
    removed: int = 0
    changed: int = 0


def record_changes(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    days: Sequence[date],
    kept: Sequence[str],
    run_id: str,
    now: datetime,
) -> dict[date, Changes]:
    """Record how ``judged`` differs from what is published of ``days``, before it replaces that.

    ``kept`` are the columns that the table takes beside the promised ones. Runs inside the caller's transaction.
    """
    if not days:
        return {}
    key = name(source.contract.key)
    promised = source.contract.column_names
    columns = [column for column in table_columns(connection, source) if column != "delivery_day"]
    new = {column: name(column) for column in promised} | {column: f"_beside[{literal(column)}]" for column in kept}
    judged = ", ".join(f"{new.get(column, 'null')}::varchar as {name(column)}" for column in columns)
    published = ", ".join(f"{name(column)}::varchar as {name(column)}" for column in columns)
    connection.execute(
        f"""insert into quality.changes by name
            with old as (
              select delivery_day, {key} as _key, {published} from {source.table}
              where delivery_day in (select unnest($days::date[]))
            ), new as (
              select _day as delivery_day, {key} as _key, {judged} from judged
              where len(_reasons) = 0 and list_contains($days, _day)
            ), compared as (
              select delivery_day, _key::varchar as key,
                old._key is null as is_added, new._key is null as is_removed, {_entries("old", columns)} as before,
                {_entries("new", columns)} as after
              from old full outer join new using (delivery_day, _key)
            )
            select $source as source, delivery_day, key,
              case when is_added then 'added' when is_removed then 'removed' else 'changed' end as change,
              map_from_entries(before) as before, map_from_entries(after) as after, $run_id as run_id,
              $now as changed_at
            from compared where is_added or is_removed or len(after) > 0 order by delivery_day, key""",
        {"days": list(days), "source": source.name, "run_id": run_id, "now": now},
    )
    rows = connection.execute(
        """select delivery_day, count(*) filter (change = 'added'), count(*) filter (change = 'removed'),
             count(*) filter (change = 'changed')
           from quality.changes where source = ? and run_id = ? and changed_at = ? group by 1""",
        [source.name, run_id, now],
    ).fetchall()
    counted = {day: Changes(*counts) for day, *counts in rows}
    return {day: counted.get(day, Changes()) for day in days}


def _entries(side: str, columns: Sequence[str]) -> str:
    """SQL: the values of one side that differ from the other's, as entries of a map."""
    entries = ", ".join(
        f"if(old.{name(column)} is distinct from new.{name(column)}, "
        f"{{'k': {literal(column)}, 'v': {side}.{name(column)}}}, null)"
        for column in columns
    )
    differing = f"list_filter([{entries}], lambda _entry: _entry is not null)"
    return f"case when {side}._key is null then [] else {differing} end"
