"""Publishing judged days: rows, quarantine, ledger entry and profile of the good days, the audit of every day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.sql import literal, name
from customer_analytics.warehouse.audited import AuditedDay
from customer_analytics.warehouse.changes import Changes, record_changes
from customer_analytics.warehouse.quarantine import set_aside
from customer_analytics.warehouse.tables import kept_columns


def publish(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    days: Sequence[AuditedDay],
    run_id: str,
    now: datetime,
    *,
    is_in_order: bool = False,
) -> dict[date, Changes]:
    """Replace what is published of each good day by what ``judged`` has of it; tells what that changed, by day.

    Days that are published for the first time, or again as they were, are not among the answers. Runs inside the
    caller's transaction. ``now`` is UTC. Rows are kept in the order of days, files and lines; where ``judged`` lies so
    already, ``is_in_order`` saves sorting it.
    """
    good = [day.delivery.day for day in days if day.is_good]
    kept = kept_columns(connection, source, good, run_id, now)
    _hash_content(connection, source, good, kept)
    changes = record_changes(connection, source, _days_with_other_content(connection, source), kept, run_id, now)
    # A join finds the days by the row groups' bounds; list_contains would look at every row there is.
    connection.execute(f"delete from {source.table} where delivery_day in (select unnest(?::date[]))", [good])
    columns = ", ".join(
        [*map(name, source.contract.column_names), *(f"_beside[{literal(each)}] as {name(each)}" for each in kept)]
    )
    order = "" if is_in_order else "order by _day, _file, _line"
    connection.execute(
        f"""insert into {source.table} by name
            select _day as delivery_day, {columns} from judged
            where len(_reasons) = 0 and list_contains(?, _day) {order}""",
        [good],
    )
    set_aside(connection, source, good, run_id, now)
    _write_profiles(connection, source, good)
    _write_ledger(connection, source, [day for day in days if day.is_good], run_id, now)
    return changes


def record_audits(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    audits: Mapping[date, Sequence[CheckOutcome]],
    fingerprints: Mapping[date, str],
    run_id: str,
    now: datetime,
) -> None:
    """Replace the recorded audit of each day, and its score where it has one; runs inside the caller's transaction."""
    connection.execute(
        "delete from quality.audits where dataset = ? and list_contains(?, day)", [dataset, list(audits)]
    )
    _record_scores(connection, dataset, audits, run_id, now)
    rows = [(day, check, fingerprints.get(day)) for day, checks in audits.items() for check in checks]
    if not rows:
        return
    connection.execute(
        """insert into quality.audits by name
           select $dataset as dataset, unnest($days) as day, unnest($checks) as check_name,
             unnest($outcomes) as outcome, unnest($expected) as expected, unnest($found) as found,
             unnest($fingerprints) as fingerprint, $run_id as run_id, $now as audited_at""",
        {
            "dataset": dataset,
            "days": [day for day, _, _ in rows],
            "checks": [check.check for _, check, _ in rows],
            "outcomes": [check.outcome for _, check, _ in rows],
            "expected": [check.expected for _, check, _ in rows],
            "found": [check.found for _, check, _ in rows],
            "fingerprints": [fingerprint for _, _, fingerprint in rows],
            "run_id": run_id,
            "now": now,
        },
    )


def _record_scores(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    audits: Mapping[date, Sequence[CheckOutcome]],
    run_id: str,
    now: datetime,
) -> None:
    connection.execute(
        "delete from quality.scores where source = ? and list_contains(?, delivery_day)", [source, list(audits)]
    )
    scored = [(day, check) for day, checks in audits.items() for check in checks if check.parts]
    connection.execute(
        """insert into quality.scores by name
           select $source as source, unnest($days::date[]) as delivery_day, unnest($scores::double[]) as score,
             unnest($parts::map(varchar, double)[]) as parts, $run_id as run_id, $now as audited_at""",
        {
            "source": source,
            "days": [day for day, _ in scored],
            "scores": [check.number for _, check in scored],
            "parts": [{"key": list(check.parts), "value": list(check.parts.values())} for _, check in scored],
            "run_id": run_id,
            "now": now,
        },
    )


def _hash_content(
    connection: duckdb.DuckDBPyConnection, source: Source, good: Sequence[date], kept: Sequence[str]
) -> None:
    """Temporary table ``content``: a hash of each day's good rows that does not depend on their order.

    A column that is kept beside the promised ones counts only where it has a value, so that a new one changes no other
    day's hash.
    """
    columns = ", ".join(map(name, source.contract.column_names))
    texts = ", ".join(f"{{'k': {literal(each)}, 'v': _beside[{literal(each)}]}}" for each in kept)
    beside = f"list_filter([{texts}], lambda _entry: _entry.v is not null)"
    row = f"if(len({beside}) = 0, hash({columns}), hash({columns}, {beside}))" if kept else f"hash({columns})"
    connection.execute(
        f"""create or replace temp table content as
            select delivery_day, coalesce(sum({row}::hugeint) filter (_day is not null), 0)::hugeint as content_hash
            from (select unnest($good::date[]) as delivery_day)
            left join (select * from judged where len(_reasons) = 0) on _day = delivery_day
            group by delivery_day""",
        {"good": list(good)},
    )


def _days_with_other_content(connection: duckdb.DuckDBPyConnection, source: Source) -> list[date]:
    rows = connection.execute(
        """select delivery_day from content inner join quality.deliveries as ledger using (delivery_day)
           where ledger.source = ? and ledger.content_hash <> content.content_hash order by 1""",
        [source.name],
    ).fetchall()
    return [day for (day,) in rows]


def _write_profiles(connection: duckdb.DuckDBPyConnection, source: Source, good: Sequence[date]) -> None:
    connection.execute(
        "delete from quality.profiles where source = ? and list_contains(?, delivery_day)", [source.name, list(good)]
    )
    connection.execute(
        "insert into quality.profiles by name from profiled where list_contains(?, delivery_day)", [list(good)]
    )


def _write_ledger(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Sequence[AuditedDay], run_id: str, now: datetime
) -> None:
    connection.execute(
        """insert or replace into quality.deliveries by name
            with day as (
              select unnest($days) as delivery_day, unnest($fingerprints) as fingerprint, unnest($records) as records,
                unnest($accepted) as accepted, unnest($quarantined) as quarantined, unnest($ignored) as ignored
            )
            select $source as source, day.*, content.content_hash,
              $version as contract_version, $rules as rules_fingerprint,
              coalesce(before.revision, nextval('quality.revisions')) as revision,
              $run_id as run_id, $now as published_at
            from day
            inner join content using (delivery_day)
            left join quality.deliveries as before on before.source = $source
              and before.delivery_day = day.delivery_day and before.content_hash = content.content_hash""",
        {
            "source": source.name,
            "days": [day.delivery.day for day in days],
            "fingerprints": [day.delivery.fingerprint for day in days],
            "records": [day.figures.delivered.records for day in days],
            "accepted": [day.figures.accepted for day in days],
            "quarantined": [day.figures.quarantined for day in days],
            "ignored": [day.figures.delivered.ignored for day in days],
            "version": source.contract.version,
            "rules": source.fingerprint,
            "run_id": run_id,
            "now": now,
        },
    )
