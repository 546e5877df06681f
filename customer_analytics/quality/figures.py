"""What a judged day looks like in numbers: what its audit is based on."""

from dataclasses import dataclass
from datetime import date
from operator import add

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.quality.duplicates import ACROSS_DAYS, PLACE, WITHIN_DAY
from customer_analytics.quality.judge import Delivered, cells_of_bad_record
from customer_analytics.quality.outcome import SAMPLE_SIZE
from customer_analytics.quality.sql import literal, name


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
    that lack a value where one must be. ``nulls`` counts by column the records that lack its value, accepted or
    quarantined; of those ``without_cells``, lines that could not be cut for instance, it is not known what they lack.
    """

    day: date
    delivered: Delivered
    accepted: int
    quarantined: int
    repeated: int
    incomplete: int
    without_cells: int
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

    def null_share(self, column: str) -> float:
        """The share of records that lack a column's value, of those that have cells."""
        known = self.accepted + self.quarantined - self.without_cells
        return self.nulls[column] / known if known else 0.0

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
    """The figures of every day in ``judged``."""
    columns = source.contract.column_names
    accepted_nulls = ", ".join(
        f"count(*) filter (where len(_reasons) = 0 and {name(column)} is null)" for column in columns
    )
    rules = "list_transform(_reasons, lambda _reason: _reason.rule)"
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
    reasons, bad = _read_reasons(connection), _read_bad_cells(connection, source)
    nothing = (0,) * len(columns)
    figures = {}
    for day, what in delivered.items():
        accepted, quarantined, repeated, incomplete, *good_nulls = counts.get(day, (0, 0, 0, 0, *nothing))
        without_cells, *bad_nulls = bad.get(day, (0, *nothing))
        nulls = dict(zip(columns, map(add, good_nulls, bad_nulls), strict=True))
        of_day = reasons.get(day, ())
        figures[day] = DayFigures(day, what, accepted, quarantined, repeated, incomplete, without_cells, nulls, of_day)
    return figures


def _read_bad_cells(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[date, tuple[int, ...]]:
    """By day, how many bad records have no cells; then by column, how many of the others lack its value."""
    nulls = ", ".join(
        f"count(*) filter (where cells is not null and cells[{literal(column)}] is null)"
        for column in source.contract.column_names
    )
    rows = connection.execute(
        f"""select _day, count(*) filter (where cells is null), {nulls}
            from (select _day, {cells_of_bad_record(source)} as cells from judged where len(_reasons) > 0) group by 1"""
    ).fetchall()
    return {day: tuple(counts) for day, *counts in rows}


def _read_reasons(connection: duckdb.DuckDBPyConnection) -> dict[date, tuple[ReasonCount, ...]]:
    rows = connection.execute(
        f"""select _day, _reason.rule, _reason."column", count(*),
              list_transform(min({PLACE}, {SAMPLE_SIZE}), lambda place: place.file || ':' || place.line)
            from (select _day, _file, _line, unnest(_reasons) as _reason from judged where len(_reasons) > 0)
            group by all order by 1, 4 desc, 2, 3"""
    ).fetchall()
    found: dict[date, tuple[ReasonCount, ...]] = {}
    for day, rule, column, records, sample in rows:
        found[day] = (*found.get(day, ()), ReasonCount(rule, column, records, tuple(sample)))
    return found
