"""Whatever the order of arrival, folding gives what a recomputation from scratch gives."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.metrics import change_rows
from customer_analytics.metrics.as_of import as_of_figures, stale_days
from customer_analytics.warehouse.schema import migrate
from customer_analytics.warehouse.transaction import transaction
from customer_analytics_tests.metrics import oracle
from customer_analytics_tests.metrics.scenario import (
    Order,
    Ticket,
    at,
    audit,
    day,
    publish_orders,
    publish_tickets,
    refresh,
    refresh_values,
    withdraw,
)

LAST = 8
ALL_DAYS = [day(number) for number in range(1, LAST + 2)]

customers = st.sampled_from(["ann", "bob", "eve"])
cents = st.integers(min_value=0, max_value=50_000).map(lambda amount: Decimal(amount) / 100)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[int, list[Order]]:
    number = draw(st.integers(min_value=1, max_value=LAST))
    days = st.integers(min_value=number - 2, max_value=number + 1)
    times = st.builds(at, days, st.integers(min_value=0, max_value=23))
    orders = st.builds(Order, customers, times, cents, st.sampled_from(["paid", "completed", "cancelled", "refunded"]))
    refunds = st.builds(Order, customers, times, cents.map(Decimal.copy_negate), st.just("refunded"))
    return number, draw(st.lists(orders | refunds, max_size=4))


steps = st.lists(deliveries() | st.sampled_from(["refresh", "withdraw"]), min_size=1, max_size=14)


@settings(max_examples=25, deadline=None)
@given(steps=steps, batch_orders=st.sampled_from([1, 3, change_rows.BATCH_ORDERS]))
def test_change_rows_are_the_fold_of_all_published_orders(
    steps: list[tuple[int, list[Order]] | str], batch_orders: int
) -> None:
    published: dict[date, list[Order]] = {}
    with duckdb.connect(":memory:") as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(change_rows, "BATCH_ORDERS", batch_orders)
        migrate(connection)
        for step in steps:
            if step == "refresh":
                refresh_values(connection, *ALL_DAYS)
                assert_history(connection, published)
            elif step == "withdraw" and published:
                withdraw(connection, "orders", published.popitem()[0])
            elif not isinstance(step, str):
                number, orders = step
                published[day(number)] = orders
                publish_orders(connection, day(number), orders)
        refresh_values(connection, *ALL_DAYS)
        assert_history(connection, published)
        assert_lifetime_values(connection, published)


def test_rows_of_several_batches_are_seen_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_rows, "BATCH_ORDERS", 1)
    many = 150_000  # More than DuckDB keeps in memory until they are committed.
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        migrate(connection)
        for number in (1, 2):
            publish_orders(connection, day(number), [])
            connection.execute(
                "insert into sources.orders select ?, range, range, ?, 1, 'paid' from range(?)",
                [day(number), at(number), many],
            )
        with transaction(connection):
            change_rows.fold_pending_orders(connection)
        for table in ("marts.customer_value_closed", "marts.customer_value_open"):
            assert connection.execute(f"select count(*) from {table}").fetchall() == [(many,)]


def assert_history(connection: duckdb.DuckDBPyConnection, published: dict[date, list[Order]]) -> None:
    rows = connection.execute("from marts.customer_value_history order by customer_id, valid_from").fetchall()
    assert rows == oracle.history(published)


def assert_lifetime_values(connection: duckdb.DuckDBPyConnection, published: dict[date, list[Order]]) -> None:
    figures = as_of_figures(connection, "customer_lifetime_value", ALL_DAYS)
    audits = audit(connection, "customer_lifetime_value", ALL_DAYS)
    for as_of in ALL_DAYS:
        expected = oracle.lifetime_values(published, as_of)
        query = "from marts.customer_lifetime_value where as_of_date = ? order by customer_id"
        assert connection.execute(query, [as_of]).fetchall() == expected
        assert figures[as_of].row_count == len(expected)
        assert figures[as_of].plotted["total_clv"] == float(sum(row[-1] for row in expected))
        assert {check.outcome for check in audits[as_of] if check.check != "inputs_fresh"} == {"passed"}
    assert stale_days(connection, "customer_lifetime_value", ALL_DAYS[-1]) == []


@st.composite
def ticket_deliveries(draw: st.DrawFn) -> tuple[date, list[Ticket]]:
    number = draw(st.integers(min_value=1, max_value=18))
    # mostly the day itself, sometimes so late that the window has passed
    created = st.integers(min_value=0, max_value=2) | st.integers(min_value=27, max_value=32)
    times = st.builds(lambda back, hour: at(number - back, hour), created, st.integers(min_value=0, max_value=23))
    tickets = st.builds(Ticket, customers, times, st.sampled_from(["low", "medium", "high", "urgent"]))
    return day(number), draw(st.lists(tickets, max_size=4))


@settings(max_examples=3, deadline=None)
@given(deliveries=st.lists(ticket_deliveries(), max_size=8, unique_by=lambda delivery: delivery[0]))
def test_at_risk_are_those_who_meet_the_rule(deliveries: list[tuple[date, list[Ticket]]]) -> None:
    days = [day(1) + timedelta(days=number) for number in range(50)]
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        for delivery_day, tickets in deliveries:
            publish_tickets(connection, delivery_day, tickets)
        refresh(connection, *days)
        rows: list[tuple[Any, ...]] = connection.execute(
            """select as_of_date, customer_id, tickets_30d, high_priority_tickets_30d
               from marts.at_risk_customers where meets_ticket_rule order by all"""
        ).fetchall()
        audits = audit(connection, "at_risk_customers", days)
    expected = [(as_of, *row) for as_of in days for row in oracle.at_risk(dict(deliveries), as_of)]
    assert rows == expected
    outcomes = [check for checks in audits.values() for check in checks if check.check != "inputs_fresh"]
    assert {check.outcome for check in outcomes} == {"passed"}
