"""Days that share keys: what is loaded for one can give a key to another, or take it.

Of days with the same key the earliest keeps it, in whatever order they arrive. So the other days are judged again,
together with those that were asked for.
"""

from collections.abc import Collection
from datetime import date

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.duplicates import ACROSS_DAYS, days_to_search, may_share_keys, pointer
from customer_analytics.quality.sql import literal, name


def linked_days(connection: duckdb.DuckDBPyConnection, source: Source, judged: Collection[date]) -> list[date]:
    """Published days, none of ``judged``, whose keys depend on what is in the temporary table ``judged``; ascending."""
    if not judged:
        return []
    days = _waiting_for_keys(connection, source, judged)
    if may_share_keys(connection, source):
        days |= _holding_keys_of_earlier_days(connection, source, judged)
    return sorted(days - set(judged))


def _holding_keys_of_earlier_days(
    connection: duckdb.DuckDBPyConnection, source: Source, judged: Collection[date]
) -> set[date]:
    """Days with a published key that an earlier judged day brings."""
    key = name(source.contract.key)
    rows = connection.execute(
        f"""with brought as (select {key}, min(_day) as _day from judged where len(_reasons) = 0 group by 1)
            select distinct delivery_day from {source.table} inner join brought using ({key})
            where delivery_day > $first and delivery_day > brought._day
              and delivery_day in ({days_to_search(source)})""",
        {"first": min(judged), "source": source.name},
    ).fetchall()
    return {day for (day,) in rows}


def _waiting_for_keys(connection: duckdb.DuckDBPyConnection, source: Source, judged: Collection[date]) -> set[date]:
    """Days with a record that was set aside for a judged day's sake, which does not keep its key any more."""
    key = source.contract.key
    republished = connection.execute(
        "select delivery_day from quality.deliveries where source = ? and list_contains(?, delivery_day)",
        [source.name, list(judged)],
    ).fetchall()
    if not republished:
        return set()
    rows = connection.execute(
        f"""with waiting as (
              select delivery_day, cells[{literal(key)}] as key, pointed.day as owner
              from quality.quarantine, unnest(reasons) as unnested(reason)
              inner join (select unnest($republished::date[]) as day) as pointed
                on reason.rule = {literal(ACROSS_DAYS)} and reason.message = {pointer(source, "pointed.day")}
              where source = $source and released_at is null
            )
            select distinct delivery_day from waiting
            anti join (
              select {name(key)}::varchar as key, min(_day) as day from judged where len(_reasons) = 0 group by 1
            ) as kept on kept.day = waiting.owner and kept.key = waiting.key""",
        {"source": source.name, "republished": [day for (day,) in republished]},
    ).fetchall()
    return {day for (day,) in rows}
