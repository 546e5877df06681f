"""Made-up deliveries as they land: the same bytes for the same shape."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import duckdb

from customer_analytics.landing.folder import FLAG

_SQL = Path(__file__).with_name("data.sql")
_ENDING = {"csv": "format csv, header", "jsonl": "format json", "parquet": "format parquet, compression zstd"}


@dataclass(frozen=True)
class Shape:
    """How much is delivered: records of each source over all ``days``, as evenly as it goes; a source of 0 is left out.

    ``bad_share`` of the records, at most a half, have one defect each: no customer, an amount that is none (of orders
    only), a status (priority, type) that there is not, or they repeat the record before them.
    """

    orders: int
    days: int
    customers: int
    tickets: int = 0
    events: int = 0
    format: Literal["csv", "jsonl", "parquet"] = "csv"
    bad_share: float = 0.0
    first_day: date = date(2024, 1, 1)
    seed: int = 1

    @property
    def all_days(self) -> list[date]:
        """The delivery days, ascending."""
        return [self.first_day + timedelta(days=number) for number in range(self.days)]

    @property
    def last_day(self) -> date:
        """The last delivery day."""
        return self.first_day + timedelta(days=self.days - 1)

    def records(self) -> dict[str, int]:
        """How many records each source delivers, repeated ones included."""
        counts = {"orders": self.orders, "support_tickets": self.tickets, "marketing_events": self.events}
        return {source: count for source, count in counts.items() if count}


def generate(folder: Path, shape: Shape) -> None:
    """Write what ``shape`` says as a landing area: ``folder/<source>/<day>/<source>.<format>``, and the day's flag."""
    with duckdb.connect() as connection:
        connection.execute(_SQL.read_text(encoding="utf-8"))
        for source, count in shape.records().items():
            for number, day in enumerate(shape.all_days):
                rows = range(number * count // shape.days, (number + 1) * count // shape.days)
                _write(connection, folder / source / day.isoformat(), source, shape, day, rows)


def _write(
    connection: duckdb.DuckDBPyConnection, folder: Path, source: str, shape: Shape, day: date, rows: range
) -> None:
    folder.mkdir(parents=True)
    kind = "typed" if shape.format == "parquet" else "delivered"
    asked = f"{rows.start}, {rows.stop}, date '{day}', {shape.customers}, {shape.bad_share}, {shape.seed}"
    path = folder / f"{source}.{shape.format}"
    connection.execute(f"copy (from {kind}_{source}({asked})) to '{path}' ({_ENDING[shape.format]})")
    (folder / FLAG).touch()
