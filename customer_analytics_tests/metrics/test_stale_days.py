"""Which derived days should be computed again, and which for the first time."""

from decimal import Decimal

import duckdb
import pytest

from customer_analytics.metrics.as_of import as_of_figures, stale_days
from customer_analytics_tests.metrics.scenario import (
    Order,
    Ticket,
    at,
    day,
    publish_orders,
    publish_tickets,
    refresh,
    withdraw,
)

CLV = "customer_lifetime_value"
AT_RISK = "at_risk_customers"


def inputs_revisions(connection: duckdb.DuckDBPyConnection, asset: str) -> list[int]:
    rows = connection.execute(
        "select inputs_revision from marts.as_of_days where asset = ? order by as_of_date", [asset]
    ).fetchall()
    return [revision for (revision,) in rows]


@pytest.fixture
def three_days(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Days 1 and 3 published and days 1 to 3 computed; the ledger's revisions are 1 and 2, and 3 and 4 of tickets."""
    for number in (1, 3):
        publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(10))])
    for number in (1, 3):
        publish_tickets(warehouse, day(number), [Ticket("ann", at(number))])
    refresh(warehouse, day(1), day(2), day(3))
    return warehouse


def test_nothing_is_stale_before_anything_was_published(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert stale_days(warehouse, CLV, day(9)) == []
    refresh(warehouse, day(1))
    assert stale_days(warehouse, CLV, day(9)) == []
    assert inputs_revisions(warehouse, CLV) == [0]


def test_days_that_were_never_computed_count_from_the_first_published_one(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(2), [Order("ann", at(2), Decimal(10))])
    publish_tickets(warehouse, day(4), [])
    assert stale_days(warehouse, CLV, day(4)) == [day(2), day(3), day(4)]
    assert stale_days(warehouse, AT_RISK, day(5)) == [day(2), day(3), day(4), day(5)]
    assert stale_days(warehouse, CLV, day(1)) == []


def test_a_day_is_computed_from_the_highest_revision_up_to_it(three_days: duckdb.DuckDBPyConnection) -> None:
    assert inputs_revisions(three_days, CLV) == [1, 1, 2]
    assert inputs_revisions(three_days, AT_RISK) == [3, 3, 4]
    assert stale_days(three_days, CLV, day(3)) == []
    assert stale_days(three_days, AT_RISK, day(3)) == []


def test_a_late_day_makes_itself_and_what_follows_stale(three_days: duckdb.DuckDBPyConnection) -> None:
    publish_orders(three_days, day(2), [Order("bob", at(2), Decimal(10))])
    assert stale_days(three_days, CLV, day(3)) == [day(2), day(3)]
    assert stale_days(three_days, AT_RISK, day(3)) == [day(2), day(3)]
    refresh(three_days, day(2), day(3))
    assert stale_days(three_days, CLV, day(3)) == []


def test_a_corrected_day_makes_computed_days_stale_also_after_the_last_asked_for(
    three_days: duckdb.DuckDBPyConnection,
) -> None:
    publish_orders(three_days, day(1), [])
    assert stale_days(three_days, CLV, day(1)) == [day(1), day(2), day(3)]


def test_a_withdrawn_day_makes_days_stale_and_its_orders_are_forgotten(three_days: duckdb.DuckDBPyConnection) -> None:
    withdraw(three_days, "orders", day(3))
    assert stale_days(three_days, CLV, day(3)) == [day(3)]
    refresh(three_days, day(3))
    figures = as_of_figures(three_days, CLV, [day(2), day(3)])
    assert figures[day(2)].plotted == figures[day(3)].plotted
    assert stale_days(three_days, CLV, day(3)) == []


def test_tickets_make_customers_at_risk_stale_from_their_day_on_and_customer_value_never(
    three_days: duckdb.DuckDBPyConnection,
) -> None:
    publish_tickets(three_days, day(2), [Ticket("ann", at(2))] * 3)
    assert stale_days(three_days, AT_RISK, day(3)) == [day(2), day(3)]
    assert stale_days(three_days, CLV, day(3)) == []


def test_a_day_that_is_there_for_the_first_time_makes_those_stale_that_follow_from_it(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1))])
    refresh(warehouse, day(1))
    refresh(warehouse, day(3))
    assert stale_days(warehouse, AT_RISK, day(3)) == [day(2), day(3)]
    assert stale_days(warehouse, AT_RISK, day(4)) == [day(2), day(3), day(4)]
    refresh(warehouse, day(2))
    assert stale_days(warehouse, AT_RISK, day(3)) == [day(3)]
    assert stale_days(warehouse, CLV, day(3)) == []
    refresh(warehouse, day(2))
    assert stale_days(warehouse, AT_RISK, day(3)) == [day(3)]
    refresh(warehouse, day(3))
    assert stale_days(warehouse, AT_RISK, day(3)) == []


def test_an_unknown_asset_is_an_error(warehouse: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(KeyError, match="churn"):
        stale_days(warehouse, "churn", day(1))
