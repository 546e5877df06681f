"""What a judged day looks like in numbers: what its audit is based on."""

from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.duplicates import ACROSS_DAYS, PLACE, WITHIN_DAY
from customer_analytics.quality.judge import Delivered
from customer_analytics.quality.outcome import SAMPLE_SIZE
from customer_analytics.quality.sql import name


@dataclass(frozen=True)
class ReasonCount:
    """How many records of a day were set aside for one reason, and where the first of them stand (file:line)."""

    rule: str
    column: str | None
    records: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class DayFigures:
    """One judged day: raw records delivered and ignored, and what became of the others.

    ``repeated`` counts records whose key stands elsewhere, on the same day or another; ``incomplete`` counts others
    that lack a value where one must be.
    """

    day: date
    delivered: Delivered
    accepted: int
    quarantined: int
    repeated: int
    incomplete: int
    nulls: dict[str, int]
    reasons: tuple[ReasonCount, ...]

    @property
    def records(self) -> int:
        """The records that were delivered, blank lines aside."""
        return self.delivered.records - self.delivered.ignored

    def share(self, records: int) -> float:
        """A number of records as a share of those that were judged."""
        judged = self.accepted + self.quarantined
        return records / judged if judged else 0.0

    @property
    def duplicates(self) -> tuple[ReasonCount, ...]:
        """The reasons that concern the key's uniqueness."""
        return tuple(reason for reason in self.reasons if reason.rule in (WITHIN_DAY, ACROSS_DAYS))

    @property
    def hangs_on_other_days(self) -> bool:
        """Whether a record was set aside because its key belongs to another day."""
        return any(reason.rule == ACROSS_DAYS for reason in self.reasons)


def read_figures(
    connection: duckdb.DuckDBPyConnection, source: Source, delivered: dict[date, Delivered]
) -> dict[date, DayFigures]:
    """The figures of every day in ``judged``; ``nulls`` counts a column's nulls in accepted and quarantined records."""
    columns = source.contract.column_names
    accepted_nulls = ", ".join(
        f"count(*) filter (where len(_reasons) = 0 and {name(column)} is null)" for column in columns
    )
    rules = "list_transform(_reasons, lambda reason: reason.rule)"
    counts = {
        row[0]: row[1:]
        for row in connection.execute(
            f"""select _day, count(*) filter (where len(_reasons) = 0), count(*) filter (where len(_reasons) > 0),
                count(*) filter (where list_has_any({rules}, $keys)),
                count(*) filter (where list_contains({rules}, 'not_null') and not list_has_any({rules}, $keys)),
                {accepted_nulls} from judged group by 1""",
            {"keys": [WITHIN_DAY, ACROSS_DAYS]},
        ).fetchall()
    }
    reasons = _read_reasons(connection)
    figures = {}
    for day, what in delivered.items():
        accepted, quarantined, repeated, incomplete, *nulls = counts.get(day, (0, 0, 0, 0, *(0 for _ in columns)))
        of_day = reasons.get(day, ())
        missing = {reason.column: reason.records for reason in of_day if reason.rule == "not_null"}
        by_column = {column: nulls[n] + missing.get(column, 0) for n, column in enumerate(columns)}
        figures[day] = DayFigures(day, what, accepted, quarantined, repeated, incomplete, by_column, of_day)
    return figures


def _read_reasons(connection: duckdb.DuckDBPyConnection) -> dict[date, tuple[ReasonCount, ...]]:
    rows = connection.execute(
        f"""select _day, reason.rule, reason."column", count(*),
              list_transform(min({PLACE}, {SAMPLE_SIZE}), lambda place: place.file || ':' || place.line)
            from (select _day, _file, _line, unnest(_reasons) as reason from judged where len(_reasons) > 0)
            group by all order by 1, 4 desc, 2, 3"""
    ).fetchall()
    found: dict[date, tuple[ReasonCount, ...]] = {}
    for day, rule, column, records, sample in rows:
        found[day] = (*found.get(day, ()), ReasonCount(rule, column, records, tuple(sample)))
    return found
