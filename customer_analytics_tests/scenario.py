"""The deliveries that tests share: clean, mixed and wrong ones, and a data folder to land and load them in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandera.pandas as pa
import pytest

from customer_analytics.contracts.contract import read_model
from customer_analytics.contracts.marketing_events import MarketingEvents
from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.policy import Limit, SourcePolicy, VolumePolicy
from customer_analytics.contracts.source import Source
from customer_analytics.contracts.support_tickets import SupportTickets
from customer_analytics.landing.folder import FLAG, LandingArea
from customer_analytics.warehouse.connection import open_warehouse
from customer_analytics.warehouse.contracts import record_contract
from customer_analytics.warehouse.day_report import DayReport
from customer_analytics.warehouse.load import load_days

DAY = date(2026, 3, 10)
NEXT_DAY = DAY + timedelta(days=1)
THIRD_DAY = DAY + timedelta(days=2)
NOW = datetime(2026, 3, 11, 6, 0)
LATER = datetime(2026, 3, 12, 6, 0)

ANYTHING = Limit(warn=1, block=1)
# Nothing holds a day back but a delivery that cannot be read.
LENIENT = SourcePolicy(quarantine=ANYTHING, default_nulls=ANYTHING, duplicates=ANYTHING, volume=VolumePolicy(minimum=0))


def source_of(model: type[pa.DataFrameModel], name: str, policy: SourcePolicy = LENIENT) -> Source:
    """A source of the model's records, by default with a policy that lets every readable day through."""
    return Source(name, read_model(model), policy)


ORDERS = source_of(Orders, "orders")
STRICT_ORDERS = source_of(Orders, "orders", SourcePolicy())
TICKETS = source_of(SupportTickets, "support_tickets")
EVENTS = source_of(MarketingEvents, "marketing_events")

ORDERS_HEADER = "order_id,customer_id,order_date,total_amount,status\n"
CLEAN_ORDERS = (
    ORDERS_HEADER + "O-1,C-1,2026-03-10 09:00:00,10.00,paid\n"
    "O-2,C-2,2026-03-10 10:30:00,25.50,delivered\n"
    "O-3,C-1,2026-03-10 11:00:00,-10.00,refunded\n"
)
CORRECTED_ORDERS = CLEAN_ORDERS.replace("25.50", "26.50")
# Two good records, two bad ones, a blank line.
MIXED_ORDERS = (
    ORDERS_HEADER + "O-1,C-1,2026-03-10 09:00:00,10.00,paid\n"
    "O-2,,2026-03-10 10:30:00,25.50,delivered\n"
    "\n"
    "O-3,C-1,2026-03-10 11:00:00,$1.50,paid\n"
    "O-4,C-3,2026-03-10 12:00:00,7.25,shipped\n"
)
WRONG_ORDERS = ORDERS_HEADER + "".join(f"O-{n},,yesterday,a lot,paid\n" for n in range(1, 6))

CLEAN_ORDER_ROWS = [
    (DAY, "O-1", "C-1", datetime(2026, 3, 10, 9, 0), "10.00", "paid"),
    (DAY, "O-2", "C-2", datetime(2026, 3, 10, 10, 30), "25.50", "delivered"),
    (DAY, "O-3", "C-1", datetime(2026, 3, 10, 11, 0), "-10.00", "refunded"),
]


def orders_of(day: date, *orders: str, status: str = "paid") -> str:
    """A CSV delivery with one good order for each id."""
    return ORDERS_HEADER + "".join(f"{order},C-1,{day} 09:00:00,10.00,{status}\n" for order in orders)


def land(root: Path, source: Source, files: Mapping[str, str | bytes], day: date = DAY) -> Path:
    """Replace a day's delivery: its files, then the flag."""
    folder = root / source.name / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / FLAG).touch()
    return folder


@dataclass(frozen=True)
class Scene:
    """A data folder with its landing area and its warehouse, open."""

    folder: Path
    connection: duckdb.DuckDBPyConnection

    @property
    def root(self) -> Path:
        """The landing area."""
        return self.folder / "landing"

    def land(self, source: Source, files: Mapping[str, str | bytes] | str | bytes, day: date = DAY) -> Path:
        """Replace a day's delivery; a text alone is a CSV file."""
        named = files if isinstance(files, Mapping) else {"delivery.csv": files}
        return land(self.root, source, named, day)

    def load(self, source: Source, *days: date, run_id: str = "run-1", now: datetime = NOW) -> list[DayReport]:
        """Load days of a source, by default the one day."""
        area = LandingArea(self.root)
        return list(load_days(self.connection, area, source, days or (DAY,), run_id=run_id, now=now))

    def deliver(self, source: Source, files: Mapping[str, str | bytes] | str | bytes, day: date = DAY) -> DayReport:
        """Land a day and load it."""
        self.land(source, files, day)
        return self.load(source, day)[0]

    def all(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        return self.connection.execute(query, list(parameters)).fetchall()

    def column(self, query: str, *parameters: Any) -> list[Any]:
        """The first column of a query."""
        return [row[0] for row in self.all(query, *parameters)]

    def orders(self, day: date = DAY) -> list[tuple[Any, ...]]:
        """The published orders of a day, amounts as text."""
        return self.all(
            """select delivery_day, order_id, customer_id, order_date, total_amount::varchar, status
               from sources.orders where delivery_day = ? order by order_id""",
            day,
        )

    def day_of_each_order(self) -> dict[str, date]:
        """By order, the day under which it is published."""
        return dict(self.all("select order_id, delivery_day from sources.orders order by 1"))

    def ledger(self, source: Source, day: date = DAY) -> dict[str, int] | None:
        """What the ledger counts of a day."""
        counts = ("records", "accepted", "quarantined", "ignored", "revision")
        rows = self.all(
            f"select {', '.join(counts)} from quality.deliveries where source = ? and delivery_day = ?",
            source.name,
            day,
        )
        return dict(zip(counts, rows[0], strict=True)) if rows else None

    def audits(self, source: Source, day: date = DAY) -> dict[str, str]:
        """The recorded outcome of each check of a day."""
        return dict(
            self.all("select check_name, outcome from quality.audits where dataset = ? and day = ?", source.name, day)
        )


def published_state(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is published and recorded, but for when, by which run, how often it was tried, and if in time."""
    tables = [
        f'{schema}."{table}"'
        for schema, table in connection.execute(
            """select schema_name, table_name from duckdb_tables()
               where schema_name in ('sources', 'quality') and table_name <> 'attempts' order by all"""
        ).fetchall()
    ]
    times = ("landed_at", "started_at", "published_at", "quarantined_at", "audited_at", "recorded_at", "changed_at")
    leave_out = f"columns(lambda name: name not in {('run_id', *times)})"
    state = {
        table: sorted(connection.execute(f"select {leave_out} from {table}").fetchall(), key=repr) for table in tables
    }
    audits = 'quality."audits"'
    return state | {audits: [row for row in state[audits] if "on_time" not in row]}


def open_at(path: Path, *, timeout_seconds: float = 30) -> Any:
    """The warehouse at a path, open for writing, with settings that suit a test."""
    return open_warehouse(path, "a test", timeout_seconds=timeout_seconds, memory_limit="1GB", log=lambda message: None)


@cache
def new_warehouse(*, knows_contracts: bool = False) -> bytes:
    """The file of a new warehouse, made once a process; with the contracts of the sources above recorded if wished."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with open_at(path) as connection:
            for source in (ORDERS, TICKETS, EVENTS) if knows_contracts else ():
                record_contract(connection, source, NOW)
        return path.read_bytes()


@contextmanager
def open_scene(folder: Path, warehouse: bytes) -> Iterator[Scene]:
    """A data folder with a warehouse of this content, open."""
    path = folder / "warehouse.duckdb"
    path.write_bytes(warehouse)
    with open_at(path) as connection:
        yield Scene(folder, connection)
        connection.execute("pragma disable_checkpoint_on_shutdown")  # Nobody opens it again.


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty data folder with a new warehouse."""
    with open_scene(tmp_path, new_warehouse()) as opened:
        yield opened
