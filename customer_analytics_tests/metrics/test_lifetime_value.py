"""Customer lifetime value as of a day: worked examples, by hand."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from customer_analytics_tests.metrics.scenario import Order, at, day, publish_orders, refresh, refresh_values


def value(connection: duckdb.DuckDBPyConnection, customer: str, as_of: date) -> dict[str, Any] | None:
    cursor = connection.execute(
        "select * from marts.customer_lifetime_value where as_of_date = ? and customer_id = ?", [as_of, customer]
    )
    names = [column[0] for column in cursor.description or []]
    rows = cursor.fetchall()
    assert len(rows) <= 1
    return dict(zip(names, rows[0], strict=True)) if rows else None


def test_two_orders_ten_days_apart(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1, 9), Decimal("100.00"))])
    publish_orders(warehouse, day(10), [Order("ann", at(10, 8), Decimal("50.00"), "completed")])
    refresh(warehouse, day(12))
    assert value(warehouse, "ann", day(12)) == {
        "as_of_date": day(12),
        "customer_id": "ann",
        "total_revenue": Decimal("150.00"),
        "gross_revenue": Decimal("150.00"),
        "refunded_amount": Decimal("0.00"),
        "avg_order_value": Decimal("75.00"),
        "order_count": 2,
        "first_order_date": at(1, 9),
        "last_order_date": at(10, 8),
        "days_since_last_order": 2,
        "customer_lifetime_days": 10,
        "estimated_clv": Decimal("8.22"),  # 75 * 2 * 10 / 365 * 2 = 8.219...
    }


def test_times_of_orders_are_kept_to_the_microsecond(warehouse: duckdb.DuckDBPyConnection) -> None:
    first = at(1) - timedelta(days=3, microseconds=1)
    last = at(1) + timedelta(microseconds=999_999)
    publish_orders(warehouse, day(1), [Order("ann", first, Decimal(1)), Order("ann", last, Decimal(1))])
    refresh_values(warehouse, day(1))
    row = value(warehouse, "ann", day(1))
    assert row
    assert (row["first_order_date"], row["last_order_date"]) == (first, last)


def test_an_order_of_the_next_day_counts_when_it_is_delivered_as_of_no_days_ago(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10)), Order("ann", at(2), Decimal(20))])
    refresh_values(warehouse, day(1), day(2), day(3))
    rows = [value(warehouse, "ann", day(number)) for number in (1, 2, 3)]
    assert [row and (row["order_count"], row["last_order_date"], row["days_since_last_order"]) for row in rows] == [
        (2, at(2), 0),
        (2, at(2), 0),
        (2, at(2), 1),
    ]
    asked = "select days_since_last_order from marts.customer_lifetime_value_as_of(?)"
    assert warehouse.execute(asked, [day(1)]).fetchall() == [(0,)]


def test_what_was_delivered_later_is_not_known_yet(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(100))])
    publish_orders(warehouse, day(3), [Order("ann", at(2), Decimal(50))])
    refresh(warehouse, day(2), day(3))
    before, after = value(warehouse, "ann", day(2)), value(warehouse, "ann", day(3))
    assert before
    assert after
    assert (before["order_count"], before["total_revenue"]) == (1, 100)
    assert (after["order_count"], after["total_revenue"], after["days_since_last_order"]) == (2, 150, 1)


def test_clv_is_made_of_the_unrounded_average(warehouse: duckdb.DuckDBPyConnection) -> None:
    amounts = [Decimal("0.01"), Decimal(100), Decimal(0)]
    publish_orders(warehouse, day(1), [Order("ann", at(1), amount) for amount in amounts])
    publish_orders(warehouse, day(365), [Order("ann", at(365), Decimal(100))])
    refresh(warehouse, day(365))
    row = value(warehouse, "ann", day(365))
    assert row
    assert row["avg_order_value"] == Decimal("50.00")  # 50.0025; times 4 orders it would make 400.00
    assert row["estimated_clv"] == Decimal("400.02")


def test_the_largest_amounts_a_contract_lets_through_do_not_overflow(warehouse: duckdb.DuckDBPyConnection) -> None:
    largest = Decimal("9999999999999999.99")
    publish_orders(warehouse, day(1), [Order("ann", at(1), largest), Order("ann", at(1), largest)])
    refresh(warehouse, day(1))
    row = value(warehouse, "ann", day(1))
    assert row
    assert row["total_revenue"] == 2 * largest
    assert row["estimated_clv"] > 10**14


def test_half_a_cent_is_rounded_away_from_zero(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal("1.15")), Order("ann", at(1), Decimal(0))])
    publish_orders(warehouse, day(2), [Order("bob", at(2), Decimal(0))] * 2)
    publish_orders(warehouse, day(3), [Order("bob", at(3), Decimal("-1.15"), "refunded")])
    refresh(warehouse, day(3))
    ann, bob = value(warehouse, "ann", day(3)), value(warehouse, "bob", day(3))
    assert ann
    assert ann["avg_order_value"] == Decimal("0.58")
    assert bob
    assert bob["avg_order_value"] == Decimal("-0.58")


def test_a_refund_lowers_revenue_and_is_no_order(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(100))])
    publish_orders(warehouse, day(5), [Order("ann", at(5), Decimal("-30.50"), "refunded")])
    refresh(warehouse, day(5))
    row = value(warehouse, "ann", day(5))
    assert row
    assert (row["gross_revenue"], row["refunded_amount"]) == (100, Decimal("30.50"))
    assert (row["total_revenue"], row["avg_order_value"]) == (Decimal("69.50"), Decimal("69.50"))
    assert (row["order_count"], row["last_order_date"], row["customer_lifetime_days"]) == (1, at(1), 1)


def test_a_refund_with_a_positive_amount_was_charged_and_paid_back(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(80), "refunded"), Order("ann", at(1), Decimal(20))])
    refresh(warehouse, day(1))
    row = value(warehouse, "ann", day(1))
    assert row
    assert (row["gross_revenue"], row["refunded_amount"], row["total_revenue"]) == (100, 80, 20)
    assert row["order_count"] == 1


def test_refunds_only(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(-10), "refunded")])
    refresh(warehouse, day(1))
    assert value(warehouse, "ann", day(1)) == {
        "as_of_date": day(1),
        "customer_id": "ann",
        "total_revenue": Decimal("-10.00"),
        "gross_revenue": Decimal("0.00"),
        "refunded_amount": Decimal("10.00"),
        "avg_order_value": None,
        "order_count": 0,
        "first_order_date": None,
        "last_order_date": None,
        "days_since_last_order": None,
        "customer_lifetime_days": None,
        "estimated_clv": Decimal("0.00"),
    }


def test_clv_is_never_below_zero(warehouse: duckdb.DuckDBPyConnection) -> None:
    records = [Order("ann", at(1), Decimal(10)), Order("ann", at(1), Decimal(-25), "refunded")]
    publish_orders(warehouse, day(1), records)
    refresh(warehouse, day(1))
    row = value(warehouse, "ann", day(1))
    assert row
    assert (row["total_revenue"], row["estimated_clv"]) == (-15, 0)


def test_cancelled_orders_are_left_out_entirely(warehouse: duckdb.DuckDBPyConnection) -> None:
    records = [Order("ann", at(1), Decimal(10)), Order("ann", at(2), Decimal(99), "cancelled")]
    publish_orders(warehouse, day(2), [*records, Order("bob", at(2), Decimal(5), "cancelled")])
    refresh(warehouse, day(2))
    row = value(warehouse, "ann", day(2))
    assert row
    assert (row["order_count"], row["gross_revenue"], row["last_order_date"]) == (1, 10, at(1))
    assert value(warehouse, "bob", day(2)) is None


def test_a_day_on_which_nothing_happens_has_everybody_one_day_older(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10))])
    publish_orders(warehouse, day(2), [])
    refresh(warehouse, day(1), day(2))
    first, second = value(warehouse, "ann", day(1)), value(warehouse, "ann", day(2))
    assert first
    assert second
    assert second == first | {"as_of_date": day(2), "days_since_last_order": 1}


def test_before_anything_was_published_there_is_nobody(warehouse: duckdb.DuckDBPyConnection) -> None:
    refresh(warehouse, day(1))
    assert warehouse.execute("select count(*) from marts.customer_lifetime_value").fetchone() == (0,)
    tables = warehouse.execute("select count(*) from duckdb_tables() where schema_name = 'sources'").fetchone()
    assert tables == (0,), "the publisher makes the sources' tables"


def test_a_past_day_computed_again_has_the_same_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = "select * from marts.customer_lifetime_value where as_of_date = ? order by all"
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10)), Order("bob", at(1), Decimal(7))])
    refresh(warehouse, day(1))
    rows = warehouse.execute(query, [day(1)]).fetchall()
    publish_orders(warehouse, day(2), [Order("ann", at(2), Decimal(20))])
    refresh(warehouse, day(2))
    refresh(warehouse, day(1))
    assert warehouse.execute(query, [day(1)]).fetchall() == rows
    assert len(rows) == 2


def test_only_computed_days_are_shown_but_any_day_can_be_asked_for(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(10))])
    publish_orders(warehouse, day(2), [Order("ann", at(2), Decimal(20))])
    refresh(warehouse, day(2))
    shown = warehouse.execute("select * from marts.customer_lifetime_value").fetchall()
    assert [row[0] for row in shown] == [day(2)]
    asked = warehouse.execute("from marts.customer_lifetime_value_as_of(?)", [day(2)]).fetchall()
    assert asked == shown
    earlier = warehouse.execute("select total_revenue from marts.customer_lifetime_value_as_of(?)", [day(1)]).fetchall()
    assert earlier == [(10,)]


def test_segments_add_up_to_all_customers_of_the_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    for number in range(1, 12):
        orders = [Order(f"{count} orders", at(number), Decimal(10)) for count in (1, 2, 3, 4, 9, 10) if number <= count]
        publish_orders(warehouse, day(number), orders)
    publish_orders(warehouse, day(12), [Order("never", at(12), Decimal(-3), "refunded")])
    refresh_values(warehouse, *(day(number) for number in range(1, 13)))
    segments = warehouse.execute(
        "select orders_at_least, customers, total_revenue, order_count from marts.customer_value_segments "
        "where as_of_date = ? order by 1",
        [day(12)],
    ).fetchall()
    assert segments == [(0, 1, -3, 0), (1, 1, 10, 1), (2, 2, 50, 5), (4, 2, 130, 13), (10, 1, 100, 10)]
    differing = """
        select as_of_date, count(*), sum(total_revenue), sum(order_count), sum(estimated_clv)
        from marts.customer_lifetime_value group by 1
        except
        select as_of_date, sum(customers), sum(total_revenue), sum(order_count), sum(estimated_clv)
        from marts.customer_value_segments group by 1"""
    assert warehouse.execute(differing).fetchall() == []
