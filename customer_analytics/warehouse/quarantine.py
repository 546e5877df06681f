"""The quarantine: what was set aside, with its reasons; corrected records as history; values until retention ends."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.corrections import RAW, REPLACED
from customer_analytics.quality.judge import cells_of_bad_record


def set_aside(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Collection[date], run_id: str, now: datetime
) -> None:
    """Replace the quarantine of ``days`` by the bad records of ``judged``, and those that a correction has released.

    A record that was set aside or released before keeps its times, so that its retention goes on. Runs inside the
    caller's transaction.
    """
    connection.execute(
        """create or replace temp table set_aside_before as
           select delivery_day, file, line, raw, min(quarantined_at) as quarantined_at, min(released_at) as released_at
           from quality.quarantine where source = ? and delivery_day in (select unnest(?::date[])) group by all""",
        [source.name, list(days)],
    )
    connection.execute(
        "delete from quality.quarantine where source = ? and delivery_day in (select unnest(?::date[]))",
        [source.name, list(days)],
    )
    connection.execute(
        f"""insert into quality.quarantine by name
            with set_aside as (
              select *, false as _is_released from judged where len(_reasons) > 0
              union all by name
              select *, true as _is_released
              from {REPLACED} semi join (from judged where len(_reasons) = 0) using (_day, _file, _line)
            ), records as (
              select _day as delivery_day, _file as file, _line as line, _byte_offset as byte_offset, {RAW} as raw,
                _reasons as reasons, {cells_of_bad_record(source)} as cells, _is_released as is_released
              from set_aside where list_contains($days, _day)
            )
            select $source as source, records.* exclude (is_released), $version as contract_version,
              $run_id as run_id, coalesce(before.quarantined_at, $now) as quarantined_at,
              case when is_released then coalesce(before.released_at, $now) end as released_at
            from records
            left join set_aside_before as before on before.delivery_day = records.delivery_day
              and before.file = records.file and before.line = records.line
              and coalesce(before.raw = records.raw, true)
            order by delivery_day, file, line""",
        {
            "source": source.name,
            "version": source.contract.version,
            "run_id": run_id,
            "now": now,
            "days": list(days),
        },
    )


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
