"""What the report reads, made by hand: rows of the list, forecasts, how these came out, audits."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.reporting.health.page import HealthReport, write_health_report
from customer_analytics.reporting.links import Links
from customer_analytics_tests.metrics.scenario import (
    NOW,
    Order,
    at,
    day,
    publish_orders,
    publish_tickets,
    refresh_values,
)

LAST = 180
TODAY = day(LAST)
LINKS = Links("http://ui.example:3000")


def computed(connection: duckdb.DuckDBPyConnection, asset: str, *days: date) -> None:
    """Say that the asset has these days."""
    for each in days:
        connection.execute("insert or replace into marts.as_of_days values (?, ?, 0, 'run', ?)", [asset, each, NOW])


def all_computed(connection: duckdb.DuckDBPyConnection, *days: date) -> None:
    """Say that every derived asset has these days."""
    for asset in DERIVED_ASSETS:
        computed(connection, asset, *days)


def on_list(connection: duckdb.DuckDBPyConnection, as_of: date, customer: str, **values: object) -> None:
    """Put a customer on the list of a day; ``values`` are columns of the table."""
    usual: dict[str, object] = {
        "as_of_date": as_of,
        "customer_id": customer,
        "is_listed": True,
        "entered_on": as_of,
        "meets_ticket_rule": True,
        "tickets_30d": 3,
        "high_priority_tickets_30d": 0,
        "no_order_probability_90d": 0.5,
        "service_risk_score": None,
        "large_refund": None,
        "is_disengaged": False,
        "value_at_risk": Decimal("100.00"),
        "reasons": ["3 tickets in the last 30 days"],
        "recommended_action": "proactive_outreach",
        "call_rank": 1,
        "call_today": True,
        "is_held_out": False,
    }
    _insert(connection, "marts.at_risk_customers", usual | values)


def expected_spend(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    customers: dict[str, tuple[int, int, int]],
    named: str = "pareto_nbd",
) -> None:
    """Forecast what customers spend in 90 days: expected, low, high; four times as much in 365 days."""
    for customer, (expected, low, high) in customers.items():
        row: dict[str, object] = {
            "as_of_date": as_of,
            "customer_id": customer,
            "model": named,
            "label": "ok",
            "spend_per_order": 10,
        }
        for days, times in ((30, 0), (90, 1), (365, 4)):
            row |= {
                f"expected_orders_{days}d": 1,
                f"probability_of_order_{days}d": 0.5,
                f"fewest_orders_{days}d": 0,
                f"most_orders_{days}d": 3,
                f"expected_spend_{days}d": expected * times,
                f"discounted_spend_{days}d": expected * times,
                f"low_spend_{days}d": low * times,
                f"high_spend_{days}d": high * times,
            }
        _insert(connection, "marts.customer_value_forecast", row)
    total = sum(expected for expected, _, _ in customers.values())
    connection.execute(
        "insert into marts.forecast_totals values (?, ?, 'ok', ?, 1, 1, 1, 0, ?, ?)",
        [as_of, named, len(customers), total, total * 4],
    )


def came_out(
    connection: duckdb.DuckDBPyConnection, origin: date, model: str, predicted: float, actual: float, horizon: int = 90
) -> None:
    """A forecast of all customers' spend whose time is over."""
    for measure, value in (("total_predicted", predicted), ("total_actual", actual)):
        connection.execute(
            "insert into marts.forecast_backtest values (?, ?, ?, 'all', ?, ?, null, null, 10, ?, null)",
            [origin, horizon, model, measure, value, origin + timedelta(days=horizon)],
        )


def decided(connection: duckdb.DuckDBPyConnection, on: date, challenger: str, **values: object) -> None:
    """How a challenger did against the one in use; ``values`` are columns of the table."""
    usual: dict[str, object] = {
        "decided_on": on,
        "horizon_days": 90,
        "target": "spend",
        "challenger": challenger,
        "incumbent": "baseline",
        "origins": 3,
        "first_origin": on,
        "last_origin": on,
        "incumbent_figure": 40.0,
        "challenger_figure": 32.0,
        "challenger_level": 0.9,
        "difference": -8.0,
        "low": -10.0,
        "high": -6.0,
        "verdict": "wins",
        "champion": challenger,
    }
    _insert(connection, "marts.champions", usual | values)


def audited(
    connection: duckdb.DuckDBPyConnection, dataset: str, of: date, check: str, outcome: str, found: str
) -> None:
    """A check of a day."""
    connection.execute(
        "insert into quality.audits values (?, ?, ?, ?, '', ?, null, 'run', ?)",
        [dataset, of, check, outcome, found, NOW],
    )


def delivered(connection: duckdb.DuckDBPyConnection, days: Iterable[date]) -> None:
    """Publish these days of every source, with nothing in them."""
    for each in days:
        publish_orders(connection, each, [])
        publish_tickets(connection, each, [])
        _insert(
            connection,
            "quality.deliveries",
            {
                "source": "marketing_events",
                "delivery_day": each,
                "fingerprint": "",
                "records": 100,
                "accepted": 96,
                "quarantined": 4,
                "ignored": 0,
                "contract_version": "1",
                "rules_fingerprint": "",
                "content_hash": 0,
                "revision": 1,
                "run_id": "run",
                "published_at": NOW,
            },
        )


def a_company(connection: duckdb.DuckDBPyConnection, ids: tuple[str, ...] = ("alice", "bob", "carol")) -> None:
    """A small company from its first day to ``TODAY`` with all that a page can show: a customer begins each month."""
    orders: dict[date, list[Order]] = {}
    for number, customer in enumerate(ids):
        for since_first_day in range(10 + 30 * number, LAST + 1, 20 + 5 * number):
            order = Order(customer, at(since_first_day), Decimal(30 + number))
            orders.setdefault(day(since_first_day), []).append(order)
    delivered(connection, [day(number) for number in range(LAST - 14, LAST + 1)])
    for of, of_day in orders.items():
        publish_orders(connection, of, of_day)
    days = [day(number) for number in range(LAST - 10, LAST + 1)]
    refresh_values(connection, *days)
    all_computed(connection, *days)
    for number in range(LAST - 10, LAST + 1):
        for rank, customer in enumerate(ids, 1):
            if (number + rank) % 5 and (number, rank) != (LAST, 2):
                on_list(connection, day(number), customer, call_rank=rank, value_at_risk=Decimal(10 * rank))
    expected_spend(connection, TODAY, dict.fromkeys(ids, (50, 20, 90)))
    expected_spend(connection, TODAY - timedelta(days=7), dict.fromkeys(ids, (45, 20, 90)))
    for month, (predicted, actual) in enumerate(((100, 90), (110, 120), (130, 130))):
        came_out(connection, date(2023, 10 + month, 28), "pareto_nbd", predicted, actual)
    decided(connection, day(100), "pareto_nbd")
    decided(connection, day(100), "logistic", target="no_order", verdict="ties", champion="baseline")


def write(connection: duckdb.DuckDBPyConnection, of: date, folder: Path) -> tuple[HealthReport, str]:
    """The report, and its page as text."""
    report = write_health_report(connection, of, folder, LINKS)
    return report, report.path.read_text(encoding="utf-8")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict[str, object]) -> None:
    values = ", ".join(f"${name} as {name}" for name in row)
    connection.execute(f"insert into {table} by name select {values}", row)
