"""What was known of every customer as of a day: figures worked out by hand, an oracle, and nothing from later."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.metrics import features
from customer_analytics.metrics.features import (
    CENSORED_DAYS,
    build_features,
    compute_customer_features,
    features_as_of,
)
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.metrics import features_oracle
from customer_analytics_tests.metrics.features_oracle import Event, Record, Row, SupportTicket, publish
from customer_analytics_tests.metrics.scenario import NOW, Order, at, audit, day

FOREVER = 500


def built(connection: duckdb.DuckDBPyConnection, *days: date) -> list[Row]:
    build_features(connection, days)
    return rows(connection, "from asked_features order by as_of_date, customer_id")


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found: list[Row] = connection.execute(query).to_arrow_table().to_pylist()
    return found


def of(connection: duckdb.DuckDBPyConnection, customer: str, as_of: date, *columns: str) -> tuple[Any, ...]:
    (row,) = [row for row in built(connection, as_of) if row["customer_id"] == customer]
    return tuple(row[column] for column in columns)


def test_order_days_are_occasions_and_refunds_are_none(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(
        warehouse,
        day(50),
        [
            Order("ann", at(1), Decimal(10)),
            Order("ann", at(1, 23), Decimal(30)),  # the same occasion
            Order("ann", at(11), Decimal(0)),  # for nothing: it counts for timing, not for the mean
            Order("ann", at(31), Decimal(20)),
            Order("ann", at(40), Decimal(99), "cancelled"),
            Order("ann", at(45), Decimal(-15), "refunded"),
            Order("ann", at(46), Decimal("-2.50"), "refunded"),
        ],
    )
    columns = ("first_order_date", "last_order_date", "order_days", "order_days_30d", "recency_days", "age_days")
    assert of(warehouse, "ann", day(50), *columns) == (day(1), day(31), 3, 1, 30, 49)
    assert of(warehouse, "ann", day(50), "days_since_last_order", "mean_gap_days") == (19, 15.0)
    assert of(warehouse, "ann", day(50), "mean_order_value") == (30.0,)
    money = ("revenue_90d", "revenue_365d", "refunds_365d", "largest_refund_30d")
    assert of(warehouse, "ann", day(50), *money) == (Decimal("42.50"), Decimal("42.50"), 2, Decimal("15.00"))
    assert of(warehouse, "ann", day(75), *money) == (Decimal("42.50"), Decimal("42.50"), 2, Decimal("2.50"))
    assert of(warehouse, "ann", day(100), *money) == (Decimal("2.50"), Decimal("42.50"), 2, Decimal(0))


@pytest.mark.parametrize(
    ("column", "window"),
    [
        ("order_days_30d", 30),
        ("order_days_90d", 90),
        ("order_days_365d", 365),
        ("tickets_7d", 7),
        ("tickets_30d", 30),
        ("tickets_90d", 90),
        ("high_priority_tickets_30d", 30),
        ("high_priority_tickets_90d", 90),
        ("emails_sent_30d", 30),
        ("emails_sent_90d", 90),
        ("reactions_30d", 30),
        ("reactions_90d", 90),
    ],
)
def test_windows_end_with_the_day(warehouse: duckdb.DuckDBPyConnection, column: str, window: int) -> None:
    midnight = at(1, 0)
    publish(
        warehouse,
        day(1),
        [
            Order("ann", midnight, Decimal(1)),
            SupportTicket("ann", midnight, "urgent"),
            Event("ann", midnight, "email_sent"),
            Event("ann", midnight, "email_click"),
        ],
    )
    inside, outside = built(warehouse, day(window), day(window + 1))
    assert (inside[column], outside[column]) == (1, 0)


def test_tickets_are_open_until_the_day_on_which_they_are_resolved(warehouse: duckdb.DuckDBPyConnection) -> None:
    resolved = [SupportTicket("ann", at(1), resolved_date=on) for on in (at(1, 20), at(4, 0))]
    publish(warehouse, day(1), [*resolved, SupportTicket("ann", at(1, 20), "high")])
    open_tickets = [row["open_tickets"] for row in built(warehouse, day(1), day(3), day(4), day(FOREVER))]
    assert open_tickets == [2, 2, 1, 1]
    assert of(warehouse, "ann", day(3), "tickets_7d", "high_priority_tickets_30d") == (3, 1)
    assert of(warehouse, "ann", day(3), "days_since_last_ticket") == (2,)


def test_reactions_are_what_the_customer_did(warehouse: duckdb.DuckDBPyConnection) -> None:
    kinds = ("email_sent", "email_sent", "email_open", "email_click", "campaign_view")
    publish(warehouse, day(1), [Event("ann", at(1), kind) for kind in kinds])
    publish(warehouse, day(3), [Event("ann", at(3), "unsubscribe")])
    columns = ("emails_sent_30d", "reactions_30d", "days_since_last_reaction", "is_unsubscribed")
    assert of(warehouse, "ann", day(2), *columns) == (2, 3, 1, False)
    assert of(warehouse, "ann", day(3), *columns) == (2, 3, 2, True)


def test_first_orders_near_the_beginning_of_the_data_are_left_censored(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(warehouse, day(1), [Event("ann", at(1), "email_sent")])
    publish(warehouse, day(4), [Order("ann", at(4), Decimal(1))])  # The first delivery of orders.
    last = 4 + CENSORED_DAYS - 1
    publish(warehouse, day(last), [Order("bob", at(last), Decimal(1)), SupportTicket("sue", at(last))])
    publish(warehouse, day(last + 1), [Order("eve", at(last + 1), Decimal(1)), Order("ann", at(last + 1), Decimal(1))])
    censored = {row["customer_id"]: row["is_left_censored"] for row in built(warehouse, day(last + 1))}
    assert censored == {"ann": True, "bob": True, "eve": False, "sue": None}


def test_known_is_who_ordered_got_money_back_asked_or_was_written_to(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(
        warehouse,
        day(1),
        [
            Order("cancelled", at(1), Decimal(1), "cancelled"),
            Order("refunded", at(1), Decimal(-1), "refunded"),
            SupportTicket("asked", at(1)),
            Event("written to", at(1), "email_sent"),
        ],
    )
    found = {row["customer_id"]: row for row in built(warehouse, day(1))}
    assert list(found) == ["asked", "refunded", "written to"]
    assert found["refunded"]["order_days"] == 0
    assert found["refunded"]["age_days"] is None
    assert found["refunded"]["revenue_90d"] == Decimal(-1)


def test_what_happens_at_the_next_midnight_is_not_known_yet_though_it_was_delivered(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    midnight = at(2, 0)
    later: list[Record] = [
        Order("ann", midnight, Decimal(1)),
        SupportTicket("ann", midnight),
        Event("ann", midnight, "email_open"),
    ]
    others: list[Record] = [
        Order("eve", midnight, Decimal(1)),
        SupportTicket("sue", midnight),
        Event("tom", midnight, "email_sent"),
    ]
    publish(warehouse, day(1), [Order("ann", at(1), Decimal(7)), *later, *others])
    first, second, *new = built(warehouse, day(1), day(2))
    assert [row["customer_id"] for row in new] == ["eve", "sue", "tom"]
    columns = ("customer_id", "order_days", "revenue_90d", "tickets_7d", "reactions_30d")
    assert [first[column] for column in columns] == ["ann", 1, Decimal(7), 0, 0]
    assert [second[column] for column in columns] == ["ann", 2, Decimal(8), 1, 1]


def test_before_anything_was_published_nobody_is_known(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert built(warehouse, day(1), day(2)) == []
    assert features_as_of(warehouse, ["ann"], [datetime(2024, 3, 1, tzinfo=UTC)]).num_rows == 1


def test_stored_days_are_replaced_and_others_stay(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(warehouse, day(1), [Order("ann", at(1), Decimal(1))])
    compute_customer_features(warehouse, [day(1), day(2)], "run", NOW)
    stored = rows(warehouse, "from marts.customer_features")
    assert stored == built(warehouse, day(1), day(2))
    compute_customer_features(warehouse, [day(2), day(3)], "again", NOW)
    assert rows(warehouse, "from marts.customer_features")[:2] == stored
    assert warehouse.execute("select as_of_date, run_id from marts.as_of_days order by all").fetchall() == [
        (day(1), "run"),
        (day(2), "again"),
        (day(3), "again"),
    ]


customers = st.sampled_from(["ann", "bob", "eve"])
cents = st.integers(min_value=0, max_value=50_000).map(lambda amount: Decimal(amount) / 100)


@st.composite
def companies(draw: st.DrawFn) -> dict[date, list[Record]]:
    deliveries: dict[date, list[Record]] = {}
    for number in draw(st.lists(st.integers(min_value=1, max_value=FOREVER), max_size=8, unique=True)):
        back = st.integers(min_value=-1, max_value=2) | st.integers(min_value=28, max_value=31) | st.just(90)
        times = st.builds(lambda days, hour, last=number: at(last - days, hour), back, st.sampled_from([0, 12, 23]))
        records = st.one_of(
            st.builds(Order, customers, times, cents, st.sampled_from(["paid", "completed", "cancelled", "refunded"])),
            st.builds(Order, customers, times, cents.map(Decimal.copy_negate), st.just("refunded")),
            st.builds(SupportTicket, customers, times, st.sampled_from(["low", "high", "urgent"]), st.none() | times),
            st.builds(
                Event, customers, times, st.sampled_from(["email_sent", "email_open", "campaign_view", "unsubscribe"])
            ),
        )
        deliveries[day(number)] = draw(st.lists(records, max_size=6))
    return deliveries


days_asked = st.lists(st.integers(min_value=1, max_value=FOREVER + 100).map(day), min_size=1, max_size=4, unique=True)


@settings(max_examples=20, deadline=None)
@given(published=companies(), days=days_asked)
def test_features_are_those_of_plain_python(published: dict[date, list[Record]], days: list[date]) -> None:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        for delivery_day, records in published.items():
            publish(connection, delivery_day, records)
        compute_customer_features(connection, days, "run", NOW)
        found = rows(connection, "from marts.customer_features order by as_of_date, customer_id")
        audits = audit(connection, "customer_features", days)
    assert found == [row for as_of in sorted(days) for row in features_oracle.features(published, as_of, CENSORED_DAYS)]
    outcomes = [check for checks in audits.values() for check in checks if check.check != "inputs_fresh"]
    assert {check.outcome for check in outcomes} == {"passed"}


@settings(max_examples=20, deadline=None)
@given(published=companies(), as_of=st.integers(min_value=1, max_value=FOREVER).map(day))
def test_what_is_delivered_later_changes_nothing(published: dict[date, list[Record]], as_of: date) -> None:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        for delivery_day, records in published.items():
            if delivery_day <= as_of:
                publish(connection, delivery_day, records)
        before = built(connection, as_of)
        for delivery_day, records in published.items():
            if delivery_day > as_of:
                publish(connection, delivery_day, records)
        assert built(connection, as_of) == before


@settings(max_examples=15, deadline=None)
@given(
    published=companies(),
    pairs=st.lists(st.tuples(customers, st.integers(min_value=1, max_value=FOREVER).map(day)), max_size=5),
)
def test_features_as_of_are_the_stored_ones(published: dict[date, list[Record]], pairs: list[tuple[str, date]]) -> None:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        for delivery_day, records in published.items():
            publish(connection, delivery_day, records)
        compute_customer_features(connection, sorted({as_of for _, as_of in pairs}), "run", NOW)
        stored = {
            (row["customer_id"], row["as_of_date"]): row for row in rows(connection, "from marts.customer_features")
        }
        times = [datetime.combine(as_of, datetime.min.time(), UTC) + timedelta(days=1) for _, as_of in pairs]
        found = features_as_of(connection, [customer for customer, _ in pairs], times).to_pylist()
    assert [(row["customer_id"], row["as_of_date"]) for row in found] == pairs
    assert [row for row in found if (row["customer_id"], row["as_of_date"]) in stored] == [
        stored[pair] for pair in pairs if pair in stored
    ]


def test_a_time_sees_the_last_day_that_was_over(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(warehouse, day(1), [Order("ann", at(1), Decimal(1))])
    in_tokyo = timezone(timedelta(hours=9))
    times = [
        datetime(2024, 3, 1, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 3, 2, tzinfo=UTC),
        datetime(2024, 3, 2, 8, 59, tzinfo=in_tokyo),
        datetime(2024, 3, 2, 9, tzinfo=in_tokyo),
    ]
    found = features_as_of(warehouse, ["ann"] * 4, times)
    assert found["as_of_date"].to_pylist() == [date(2024, 2, 29), day(1), date(2024, 2, 29), day(1)]
    assert found["order_days"].to_pylist() == [0, 1, 0, 1]


def test_of_an_unknown_customer_numbers_are_0_and_the_rest_is_null(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(warehouse, day(1), [Order("ann", at(1), Decimal(1))])
    (row,) = features_as_of(warehouse, ["eve"], [datetime(2024, 3, 9, tzinfo=UTC)]).to_pylist()
    assert (row["order_days"], row["tickets_30d"], row["is_unsubscribed"]) == (0, 0, False)
    assert (row["first_order_date"], row["is_left_censored"], row["mean_order_value"]) == (None, None, None)


def test_only_the_customers_who_are_asked_for_are_computed(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(warehouse, day(1), [Order(f"C-{number}", at(1), Decimal(1)) for number in range(20)])
    features_as_of(warehouse, ["C-1", "C-1", "C-2"], [datetime(2024, 3, 2, hour, tzinfo=UTC) for hour in (1, 2, 3)])
    assert warehouse.execute("select count(*) from asked_features").fetchall() == [(2,)]


def test_times_without_a_zone_and_lists_of_different_length_are_refused(warehouse: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match=r"2024-03-02T09:00:00 has no time zone; give times like"):
        features_as_of(warehouse, ["ann"], [datetime(2024, 3, 2, 9)])
    with pytest.raises(ValueError, match="there are 2 customers and 1 times"):
        features_as_of(warehouse, ["ann", "bob"], [datetime(2024, 3, 2, tzinfo=UTC)])


def test_a_file_that_is_open_for_reading_only_can_be_asked(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "serving.duckdb")) as connection:
        migrate(connection)
        publish(connection, day(1), [Order("ann", at(1), Decimal(7))])
    with duckdb.connect(str(tmp_path / "serving.duckdb"), read_only=True) as connection:
        found = features_as_of(connection, ["ann"], [datetime(2024, 3, 2, tzinfo=UTC)])
        assert found["revenue_90d"].to_pylist() == [Decimal(7)]


def test_many_days_are_computed_in_batches_and_come_out_alike(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(warehouse, day(1), [Order("ann", at(1), Decimal(7)), SupportTicket("bob", at(1))])
    days = [day(number) for number in range(1, 8)]
    together = built(warehouse, *days)
    monkeypatch.setattr(features, "_ROWS_AT_ONCE", 4)
    assert built(warehouse, *days) == together
    assert len(together) == 14


@pytest.mark.parametrize(
    ("tampering", "failed"),
    [
        ("insert into marts.customer_features from marts.customer_features where customer_id = 'bob'", {"bob"}),
        ("update marts.customer_features set order_days = 2 where customer_id = 'ann'", set()),
        ("delete from marts.customer_features where customer_id = 'ann'", set()),
    ],
)
def test_audits_fire_when_features_are_tampered_with(
    warehouse: duckdb.DuckDBPyConnection, tampering: str, failed: set[str]
) -> None:
    publish(warehouse, day(1), [Order("ann", at(1), Decimal(7)), SupportTicket("bob", at(1))])
    compute_customer_features(warehouse, [day(1)], "run", NOW)
    warehouse.execute(tampering)
    (checks,) = audit(warehouse, "customer_features", [day(1)]).values()
    name = "one_row_per_customer" if failed else "orders_reconcile"
    assert [(check.check, set(check.sample)) for check in checks if check.outcome == "failed"] == [(name, failed)]
