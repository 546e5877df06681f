"""The quarantine: what was set aside, with its reasons; corrected records as history; values until retention ends."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.corrections import RAW, REPLACED
from customer_analytics.quality.sql import literal, name


def set_aside(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Collection[date], run_id: str, now: datetime
) -> None:
    """Replace the quarantine of ``days`` by the bad records of ``judged``, and those that a correction has released.

    Runs inside the caller's transaction.
    """
    connection.execute(
        "delete from quality.quarantine where source = ? and list_contains(?, delivery_day)", [source.name, list(days)]
    )
    connection.execute(
        f"""insert into quality.quarantine by name
            with set_aside as (
              select *, null::timestamp as released_at from judged where len(_reasons) > 0
              union all by name
              select old.*, $now::timestamp as released_at
              from {REPLACED} as old inner join judged using (_day, _file, _line) where len(judged._reasons) = 0
            )
            select $source as source, _day as delivery_day, _file as file, _line as line, _byte_offset as byte_offset,
              {RAW} as raw, _reasons as reasons, $version as contract_version, $run_id as run_id,
              $now as quarantined_at, released_at, {cells_of_bad_record(source)} as cells
            from set_aside where list_contains($days, _day) order by _day, _file, _line""",
        {
            "source": source.name,
            "version": source.contract.version,
            "run_id": run_id,
            "now": now,
            "days": list(days),
        },
    )


def cells_of_bad_record(source: Source) -> str:
    """SQL: the texts of a bad record of ``judged`` by column; null where it could not be cut into cells.

    A record that was set aside only for its key has good cells: their texts are those of its values.
    """
    typed = ", ".join(f"{literal(column)}: {name(column)}::varchar" for column in source.contract.column_names)
    has_values = f"{name(source.contract.key)} is not null"
    return f"case when _cells is not null then _cells when {has_values} then map {{{typed}}} end"


def erase_expired(connection: duckdb.DuckDBPyConnection, source: Source, now: datetime) -> None:
    """Erase the values of records whose retention has ended; places, reasons and counts stay.

    Runs inside the caller's transaction.
    """
    if source.policy.retention_days is None:
        return
    before = now - timedelta(days=source.policy.retention_days)
    connection.execute(
        """update quality.quarantine set raw = null, cells = null
           where source = ? and quarantined_at < ? and raw is not null""",
        [source.name, before],
    )
    connection.execute(
        """update quality.changes set before = null, after = null
           where source = ? and changed_at < ? and (before is not null or after is not null)""",
        [source.name, before],
    )
