"""Publishing judged days: rows, quarantine, ledger entry and profile of the good days, the audit of every day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.folder import Delivery
from customer_analytics.quality.figures import DayFigures
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.quality.sql import name


@dataclass(frozen=True)
class AuditedDay:
    """A judged and audited delivery; it is published unless a check blocks it."""

    delivery: Delivery
    figures: DayFigures
    checks: Sequence[CheckOutcome]

    @property
    def is_good(self) -> bool:
        """Whether nothing holds the day back."""
        return not any(check.blocks for check in self.checks)


def publish(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Sequence[AuditedDay], run_id: str, now: datetime
) -> None:
    """Replace what is published of each good day by what ``judged`` has of it.

    Runs inside the caller's transaction. ``now`` is UTC.
    """
    good = [day.delivery.day for day in days if day.is_good]
    for table in ("quality.quarantine", "quality.profiles"):
        connection.execute(
            f"delete from {table} where source = ? and list_contains(?, delivery_day)", [source.name, good]
        )
    connection.execute(f"delete from {source.table} where list_contains(?, delivery_day)", [good])
    columns = ", ".join(name(column) for column in source.contract.column_names)
    connection.execute(
        f"""insert into {source.table} by name
            select _day as delivery_day, {columns} from judged
            where len(_reasons) = 0 and list_contains(?, _day) order by _day, _file, _line""",
        [good],
    )
    connection.execute(
        """insert into quality.quarantine by name
           select $source as source, _day as delivery_day, _file as file, _line as line, _byte_offset as byte_offset,
             coalesce(_bytes, encode(_text)) as raw, _reasons as reasons, $version as contract_version,
             $run_id as run_id, $now as quarantined_at, null as released_at
           from judged where len(_reasons) > 0 and list_contains($good, _day) order by _day, _file, _line""",
        {"source": source.name, "version": source.contract.version, "run_id": run_id, "now": now, "good": good},
    )
    _write_profiles(connection, source, good)
    _write_ledger(connection, source, [day for day in days if day.is_good], run_id, now)


def record_audits(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    audits: Mapping[date, Sequence[CheckOutcome]],
    fingerprints: Mapping[date, str],
    run_id: str,
    now: datetime,
) -> None:
    """Replace the recorded audit of each day; runs inside the caller's transaction."""
    connection.execute(
        "delete from quality.audits where dataset = ? and list_contains(?, day)", [dataset, list(audits)]
    )
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


def _write_profiles(connection: duckdb.DuckDBPyConnection, source: Source, good: Sequence[date]) -> None:
    for column in source.contract.columns:
        value = name(column.name)
        mean = f"avg({value})" if column.sql_type.startswith(("decimal", "bigint")) else "null"
        connection.execute(
            f"""insert into quality.profiles by name
                select $source as source, _day as delivery_day, $column as "column", count(*) as rows,
                  count(*) - count({value}) as nulls, count(distinct {value}) as "distinct",
                  min({value})::varchar as "min", max({value})::varchar as "max", {mean}::double as mean
                from judged where len(_reasons) = 0 and list_contains($good, _day) group by _day order by _day""",
            {"source": source.name, "column": column.name, "good": list(good)},
        )


def _write_ledger(
    connection: duckdb.DuckDBPyConnection, source: Source, days: Sequence[AuditedDay], run_id: str, now: datetime
) -> None:
    # The hash of a day's rows does not depend on their order; its revision grows only when the hash changes.
    columns = ", ".join(name(column) for column in source.contract.column_names)
    connection.execute(
        f"""insert or replace into quality.deliveries by name
            with day as (
              select unnest($days) as delivery_day, unnest($fingerprints) as fingerprint, unnest($records) as records,
                unnest($accepted) as accepted, unnest($quarantined) as quarantined, unnest($ignored) as ignored
            ), content as (
              select _day as delivery_day, sum(hash({columns})::hugeint) as content_hash
              from judged where len(_reasons) = 0 and list_contains($days, _day) group by 1
            )
            select $source as source, day.*, coalesce(content.content_hash, 0) as content_hash,
              $version as contract_version, $rules as rules_fingerprint,
              coalesce(before.revision, nextval('quality.revisions')) as revision,
              $run_id as run_id, $now as published_at
            from day
            left join content using (delivery_day)
            left join quality.deliveries as before on before.source = $source
              and before.delivery_day = day.delivery_day and before.content_hash = coalesce(content.content_hash, 0)""",
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
