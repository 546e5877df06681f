"""A small company: its records, and publishing a day of them as the warehouse does."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb

from customer_analytics.metrics.as_of import compute_customer_lifetime_value
from customer_analytics.metrics.at_risk.compute import compute_at_risk_customers
from customer_analytics.metrics.audit import audit_derived
from customer_analytics.metrics.checks import DERIVED_CHECKS
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.quality.outcome import CheckOutcome

FIRST_DAY = date(2024, 3, 1)
NOW = datetime(2024, 6, 1, 6, 0)  # UTC without a zone, as the tables keep it

_TABLES = {
    "orders": """create table if not exists sources.orders (delivery_day date, order_id varchar,
        customer_id varchar, order_date timestamp, total_amount decimal(18, 2), status varchar)""",
    "support_tickets": """create table if not exists sources.support_tickets (delivery_day date, ticket_id varchar,
        customer_id varchar, created_date timestamp, category varchar, priority varchar, resolved_date timestamp)""",
}


@dataclass(frozen=True)
class Order:
    """An order or refund as it is delivered; ``amount`` in currency units."""

    customer: str
    order_date: datetime
    amount: Decimal
    status: str = "paid"


@dataclass(frozen=True)
class Ticket:
    """A ticket as it is delivered."""

    customer: str
    created_date: datetime
    priority: str = "low"


def day(number: int) -> date:
    """The ``number``-th day of the company; 1 is the first."""
    return FIRST_DAY + timedelta(days=number - 1)


def at(number: int, hour: int = 12) -> datetime:
    """A time on that day."""
    return datetime.combine(day(number), datetime.min.time()) + timedelta(hours=hour)


def publish_orders(connection: duckdb.DuckDBPyConnection, delivery_day: date, orders: Sequence[Order]) -> None:
    """Replace what is published of the day."""
    _publish(connection, "orders", delivery_day)
    for number, order in enumerate(orders):
        connection.execute(
            "insert into sources.orders values (?, ?, ?, ?, ?, ?)",
            [delivery_day, f"{delivery_day}/{number}", *astuple(order)],
        )


def publish_tickets(connection: duckdb.DuckDBPyConnection, delivery_day: date, tickets: Sequence[Ticket]) -> None:
    """Replace what is published of the day."""
    _publish(connection, "support_tickets", delivery_day)
    for number, ticket in enumerate(tickets):
        connection.execute(
            "insert into sources.support_tickets values (?, ?, ?, ?, 'delivery', ?, null)",
            [delivery_day, f"{delivery_day}/{number}", *astuple(ticket)],
        )


def withdraw(connection: duckdb.DuckDBPyConnection, source: str, delivery_day: date) -> None:
    """Unpublish the day."""
    connection.execute("delete from quality.deliveries where source = ? and delivery_day = ?", [source, delivery_day])
    connection.execute(_TABLES[source])
    connection.execute(f"delete from sources.{source} where delivery_day = ?", [delivery_day])


def refresh(connection: duckdb.DuckDBPyConnection, *days: date) -> None:
    """Compute customer value, and who is at risk, for the days."""
    refresh_values(connection, *days)
    compute_at_risk_customers(connection, days, "run", NOW)


def refresh_values(connection: duckdb.DuckDBPyConnection, *days: date) -> None:
    """Compute customer value for the days."""
    compute_customer_lifetime_value(connection, days, "run", NOW)


def audit(connection: duckdb.DuckDBPyConnection, asset: str, days: Sequence[date]) -> dict[date, list[CheckOutcome]]:
    """The checks of a derived asset."""
    return audit_derived(connection, DERIVED_ASSETS[asset], DERIVED_CHECKS[asset], days)


def _publish(connection: duckdb.DuckDBPyConnection, source: str, delivery_day: date) -> None:
    withdraw(connection, source, delivery_day)
    connection.execute(
        """insert into quality.deliveries by name
           select $source as source, $day as delivery_day, nextval('quality.revisions') as revision,
             '' as fingerprint, 0 as records, 0 as accepted, 0 as quarantined, 0 as ignored, '1' as contract_version,
             '' as rules_fingerprint, 0 as content_hash, 'run' as run_id, $now as published_at""",
        {"source": source, "day": delivery_day, "now": NOW},
    )
