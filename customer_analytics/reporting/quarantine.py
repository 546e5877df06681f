"""Looking at what was set aside: how much, for which reasons, which records."""

from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryDirectory

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.folder import LandingArea
from customer_analytics.quality.corrections import RAW
from customer_analytics.quality.duplicates import reject_within_day
from customer_analytics.quality.judge import Judge, cells_of_bad_record
from customer_analytics.quality.recalling import recall_texts
from customer_analytics.warehouse.ledger import last_attempts

# A look at a delivery that was held back takes no more than this, however large it is.
MEMORY_LIMIT = "1GB"

Reason = tuple[str, str | None, str]


@dataclass(frozen=True)
class QuarantineCount:
    """How many records of a day stand in quarantine for a reason; one with several reasons counts for each."""

    source: str
    day: date
    column: str | None
    rule: str
    records: int


@dataclass(frozen=True)
class QuarantinedRecord:
    """One record that was set aside; ``reasons`` are rule, column and message.

    ``raw`` and ``raw_sha256`` are null where the values were erased, ``cells`` also where it could not be cut into
    cells. With ``released_at``, a correction of it has been published.
    """

    source: str
    day: date
    file: str
    line: int
    raw: bytes | None
    raw_sha256: str | None
    cells: dict[str, str | None] | None
    reasons: tuple[Reason, ...]
    released_at: datetime | None

    @property
    def is_correctable(self) -> bool:
        """Whether it still stands in quarantine, values and all."""
        return self.released_at is None and self.raw is not None


def count_quarantine(connection: duckdb.DuckDBPyConnection, source: str | None) -> list[QuarantineCount]:
    """What stands in quarantine, by source, day and reason; of one source only, where it is named."""
    rows = connection.execute(
        """select source, delivery_day, reason."column", reason.rule, count(*)
           from quality.quarantine, unnest(reasons) as unnested(reason)
           where released_at is null and ($source is null or source = $source)
           group by all order by all""",
        {"source": source},
    ).fetchall()
    return [QuarantineCount(*row) for row in rows]


def read_quarantine(
    connection: duckdb.DuckDBPyConnection, area: LandingArea, source: Source, day: date
) -> list[QuarantinedRecord]:
    """The records of a day that were set aside, by file and line; those that were released since are among them.

    Of a day whose latest delivery was held back they are read from that delivery: nothing of it was published, its
    quarantine neither.

    Raises:
        DeliveryError: that delivery cannot be read as a whole.
    """
    attempt = last_attempts(connection, source.name).get(day)
    if attempt and not attempt.is_published:
        return _judge_landed(area, source, day)
    return _records(
        connection,
        """select file, line, raw, cells, reasons, released_at from quality.quarantine
           where source = $name and delivery_day = $on""",
        source,
        day,
        name=source.name,
        on=day,
    )


def _judge_landed(area: LandingArea, source: Source, day: date) -> list[QuarantinedRecord]:
    delivery = area.open(source.name, day)
    # What does not fit spills where all other values lie, for their owner only.
    with (
        TemporaryDirectory(prefix=".quarantine.", dir=area.root.parent) as spill,
        duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": spill}) as connection,
    ):
        connection.execute("set TimeZone = 'UTC'")
        Judge(connection, source).judge(delivery)
        reject_within_day(connection, source)
        recall_texts(connection, [delivery])
        query = f"""select _file as file, _line as line, {RAW} as raw, {cells_of_bad_record(source)} as cells,
                      _reasons as reasons, null as released_at
                    from judged where len(_reasons) > 0"""
        return _records(connection, query, source, day)


def _records(
    connection: duckdb.DuckDBPyConnection, query: str, source: Source, day: date, **parameters: object
) -> list[QuarantinedRecord]:
    rows = connection.execute(
        f"""select file, line, raw, sha256(raw), cells,
              list_transform(reasons, lambda reason: [reason.rule, reason."column", reason.message]), released_at
            from ({query}) order by file, line""",
        parameters or None,
    ).fetchall()
    return [
        QuarantinedRecord(source.name, day, file, line, raw, digest, cells, tuple(map(tuple, reasons)), released)
        for file, line, raw, digest, cells, reasons, released in rows
    ]
