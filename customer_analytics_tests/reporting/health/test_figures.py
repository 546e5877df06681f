"""Every number of the report, against numbers made by hand."""

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from customer_analytics.contracts.schedule import WithoutDelivery
from customer_analytics.reporting.health.cohorts import read_cohorts
from customer_analytics.reporting.health.figures import read_health_figures
from customer_analytics.reporting.health.forecast import read_forecast, read_track_record
from customer_analytics.reporting.health.listing import SHOWN_CALLS, read_calls, read_moves
from customer_analytics.reporting.health.totals import read_histories
from customer_analytics.reporting.health.trust import read_cautions, read_strips
from customer_analytics.warehouse.timeline import record_days_without_delivery
from customer_analytics_tests.metrics.scenario import (
    Order,
    at,
    day,
    publish_orders,
    publish_tickets,
    refresh_values,
    withdraw,
)
from customer_analytics_tests.reporting.health.scenario import (
    all_computed,
    audited,
    came_out,
    computed,
    decided,
    delivered,
    expected_spend,
    on_list,
)

WEEK = timedelta(days=7)


def order(customer: str, number: int, amount: str = "10.00", status: str = "paid") -> Order:
    return Order(customer, at(number), Decimal(amount), status)


def test_totals_are_those_of_the_day_and_of_a_week_before(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [order("alice", 1, "100.00")])
    publish_orders(
        warehouse, day(8), [order("alice", 8, "60.00"), order("bob", 8), order("bob", 8, "-4.00", "refunded")]
    )
    refresh_values(warehouse, day(1), day(8))
    computed(warehouse, "at_risk_customers", day(1), day(8))
    on_list(warehouse, day(8), "alice", value_at_risk=Decimal("12.50"))
    on_list(warehouse, day(8), "bob", value_at_risk=Decimal("7.50"))
    on_list(warehouse, day(8), "carol", is_listed=False, entered_on=None, value_at_risk=Decimal(1000))
    expected_spend(warehouse, day(8), {"alice": (40, 30, 50)})
    history = read_histories(warehouse, [day(8)])[day(8)]
    now, before = history.today, history.week_ago
    assert (now.customers, now.at_risk) == (2, 2)
    assert (now.revenue, now.value_at_risk) == (Decimal(166), Decimal(20))
    assert (before.customers, before.at_risk) == (1, 0)
    assert (before.revenue, before.value_at_risk) == (Decimal(100), Decimal(0))
    # 160 x 8 days / 365 x 2, 6 x 1 / 365 x 2; a week before 100 x 1 / 365 x 2
    assert (now.value, before.value) == (Decimal("7.04"), Decimal("0.55"))
    assert (now.expected_spend_90d, now.expected_spend_365d, before.expected_spend_90d) == (
        Decimal(40),
        Decimal(160),
        None,
    )


def test_days_that_were_not_computed_have_no_totals(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [order("alice", 1)])
    refresh_values(warehouse, day(1), day(3))
    days = {totals.day: totals.customers for totals in read_histories(warehouse, [day(3)])[day(3)].days}
    assert (days[day(1)], days[day(2)], days[day(3)]) == (1, None, 1)
    assert len(days) == 91


def test_calls_come_by_rank_without_those_held_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    computed(warehouse, "at_risk_customers", day(5))
    on_list(warehouse, day(5), "second", call_rank=2, call_today=False)
    on_list(warehouse, day(5), "first", call_rank=1, reasons=["a", "b"])
    on_list(warehouse, day(5), "hidden", call_rank=None, call_today=False, is_held_out=True)
    on_list(warehouse, day(5), "rule only", is_listed=False, entered_on=None)
    calls = read_calls(warehouse, day(5))
    assert [(call.rank, call.customer_id, call.is_today) for call in calls.first] == [
        (1, "first", True),
        (2, "second", False),
    ]
    assert calls.first[0].reasons == ("a", "b")
    assert (calls.listed, calls.to_call_today, calls.held_out, calls.not_shown) == (3, 1, 1, 0)


def test_only_the_first_calls_are_shown_and_the_rest_is_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    computed(warehouse, "at_risk_customers", day(5))
    for rank in range(1, SHOWN_CALLS + 8):
        on_list(warehouse, day(5), f"c{rank:03}", call_rank=rank)
    calls = read_calls(warehouse, day(5))
    assert [call.rank for call in calls.first] == list(range(1, SHOWN_CALLS + 1))
    assert calls.not_shown == 7


def test_who_entered_and_who_left_and_why(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(4), [order("leaver", 4)])
    refresh_values(warehouse, day(4), day(5))
    computed(warehouse, "at_risk_customers", day(4), day(5))
    on_list(warehouse, day(4), "stayer")
    on_list(warehouse, day(5), "stayer")
    on_list(warehouse, day(5), "newcomer", reasons=["refund of 90.00 in the last 30 days"], value_at_risk=Decimal(9))
    on_list(warehouse, day(4), "leaver", entered_on=day(2), reasons=["3 tickets in the last 30 days"])
    moves = read_moves(warehouse, day(5))
    assert [(move.customer_id, move.why, move.value_at_risk) for move in moves.entered] == [
        ("newcomer", ("refund of 90.00 in the last 30 days",), Decimal(9))
    ]
    assert [(move.customer_id, move.why) for move in moves.left] == [
        ("leaver", (f"was listed since {day(2)} for: 3 tickets in the last 30 days", f"has ordered since, on {day(4)}"))
    ]
    assert (moves.entered_count, moves.left_count) == (1, 1)


def test_who_moved_cannot_be_told_without_the_day_before(warehouse: duckdb.DuckDBPyConnection) -> None:
    computed(warehouse, "at_risk_customers", day(5))
    on_list(warehouse, day(5), "alice")
    assert not read_moves(warehouse, day(5)).is_known


def test_cohorts_count_who_orders_again_in_months_that_are_over(warehouse: duckdb.DuckDBPyConnection) -> None:
    # The company begins on 1 March; day 32 is 1 April, day 62 is 1 May, day 93 is 1 June.
    orders = {
        1: [order("old", 1)],
        32: [order("alice", 32), order("bob", 32), order("old", 32)],
        33: [order("alice", 33)],  # the month of the first order is not counted
        62: [order("alice", 62), order("alice", 62), order("carol", 62), order("bob", 62, "-5.00", "refunded")],
        93: [order("bob", 93), order("carol", 93)],
    }
    for number, of_day in orders.items():
        publish_orders(warehouse, day(number), of_day)
    refresh_values(warehouse, day(93))
    cohorts = read_cohorts(warehouse, [day(93)])[day(93)]
    assert [(cohort.month, cohort.customers, cohort.again, cohort.is_first) for cohort in cohorts.cohorts] == [
        (date(2024, 3, 1), 1, (1, 1, 0), True),
        (date(2024, 4, 1), 2, (2, 1), False),
        (date(2024, 5, 1), 1, (1,), False),
    ]
    assert cohorts.average == (1.0, 0.5)
    june = read_cohorts(warehouse, [date(2024, 6, 30)])[date(2024, 6, 30)]
    assert [cohort.again for cohort in june.cohorts[1:]] == [(2, 1, 1), (1, 1)]
    assert june.average == pytest.approx((1.0, 2 / 3, 0.5))


def test_days_read_together_know_what_each_knows_alone(warehouse: duckdb.DuckDBPyConnection) -> None:
    orders = {
        1: [order("old", 1)],
        32: [order("alice", 32)],
        62: [order("bob", 62)],
        64: [order("old", 61)],  # delivered late, when its month was over
        93: [order("alice", 93)],
    }
    for number, of_day in orders.items():
        publish_orders(warehouse, day(number), of_day)
    refresh_values(warehouse, day(95))
    days = [day(number) for number in range(60, 96)]
    histories, cohorts = read_histories(warehouse, days), read_cohorts(warehouse, days)
    for each in days:
        assert read_histories(warehouse, [each]) == {each: histories[each]}
        assert read_cohorts(warehouse, [each]) == {each: cohorts[each]}
    assert cohorts[day(62)] is cohorts[day(63)]
    assert cohorts[day(63)] != cohorts[day(64)]


def test_the_interval_of_all_customers_adds_their_distances_by_squares(warehouse: duckdb.DuckDBPyConnection) -> None:
    expected_spend(warehouse, day(5), {"alice": (100, 70, 140), "bob": (50, 10, 80)})
    forecast = read_forecast(warehouse, day(5))
    assert forecast
    assert (forecast.named, forecast.label, forecast.customers) == ("pareto_nbd", "ok", 2)
    ninety, year = forecast.expected[90], forecast.expected[365]
    assert ninety.amount == 150
    assert ninety.interval([1.0]) == pytest.approx((150 - 50, 150 + 50))  # 30, 40 and 40, 30
    # where earlier forecasts of all customers were off by more, it is as wide as that
    assert ninety.interval([0.9, 1.5]) == pytest.approx((100, 225))
    assert year.interval([1.0]) == pytest.approx((600 - 200, 600 + 200))
    # while none was held against what happened, nobody knows
    assert year.interval([]) is None


def test_a_forecast_whose_rows_are_not_kept_has_no_interval(warehouse: duckdb.DuckDBPyConnection) -> None:
    expected_spend(warehouse, day(5), {"alice": (100, 70, 140)})
    warehouse.execute("delete from marts.customer_value_forecast")
    forecast = read_forecast(warehouse, day(5))
    assert forecast
    assert forecast.expected[90].amount == 100
    assert forecast.expected[90].interval([0.5, 2]) is None


def test_the_track_record_is_the_champions_as_known_by_the_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    for origin, predicted, actual in ((1, 100, 80), (31, 100, 120), (61, 100, 500)):
        came_out(warehouse, day(origin), "bg_nbd", predicted, actual)
        came_out(warehouse, day(origin), "baseline", 7, actual)
    decided(warehouse, day(100), "bg_nbd")
    decided(warehouse, day(100), "pareto_nbd", verdict="ties", champion="bg_nbd", challenger_figure=39.0)
    decided(warehouse, day(140), "pareto_nbd")
    record = read_track_record(warehouse, day(125), None, 90)  # the third origin is known 90 days after day 61
    assert record.model == "bg_nbd"
    assert [(origin.day, origin.predicted, origin.actual) for origin in record.origins] == [
        (day(1), 100, 80),
        (day(31), 100, 120),
    ]
    assert [origin.baseline for origin in record.origins] == [7, 7]
    assert record.ratios == (0.8, 1.2)
    assert read_track_record(warehouse, day(99), None, 90).model == "baseline"


def test_the_strip_tells_published_warned_held_back_and_missing_days(warehouse: duckdb.DuckDBPyConnection) -> None:
    delivered(warehouse, [day(7), day(8), day(10)])
    withdraw(warehouse, "orders", day(10))
    audited(warehouse, "orders", day(8), "volume", "warned", "")
    audited(warehouse, "orders", day(9), "nulls", "failed", "")
    audited(warehouse, "orders", day(7), "schema", "passed", "")
    warehouse.execute(
        "insert into quality.scores values ('marketing_events', ?, 0.9, map {}, 'run', now()::timestamp)", [day(10)]
    )
    orders, _, events = read_strips(warehouse, day(10))
    assert [each.state for each in orders.days[-4:]] == ["published", "warned", "held_back", "missing"]
    assert (events.source, events.today.score, events.today.quarantined_share) == ("marketing_events", 0.9, 0.04)
    assert len(orders.days) == 14


def test_a_source_that_nothing_is_made_from_is_shown_and_speaks_against_nothing(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    delivered(warehouse, [day(9), day(10)])
    all_computed(warehouse, day(10))
    warehouse.execute(
        """insert into quality.deliveries by name
           select * replace ('refunds' as source) from quality.deliveries where source = 'orders'"""
    )
    audited(warehouse, "refunds", day(10), "volume", "failed", "")
    (figures,) = read_health_figures(warehouse, [day(10)])
    assert figures.strips[-1].source == "refunds"
    assert figures.strips[-1].today.state == "held_back"
    assert figures.cautions == ()


def test_a_day_without_a_delivery_as_declared_speaks_against_nothing(warehouse: duckdb.DuckDBPyConnection) -> None:
    delivered(warehouse, [day(9), day(10)])
    withdraw(warehouse, "support_tickets", day(10))
    all_computed(warehouse, day(10))
    record_days_without_delivery(warehouse, "support_tickets", WithoutDelivery(days=frozenset({day(10)})))
    (figures,) = read_health_figures(warehouse, [day(10)])
    assert figures.cautions == ()
    assert {strip.source: strip.today.state for strip in figures.strips} == {
        "orders": "published",
        "support_tickets": "not_expected",
        "marketing_events": "published",
    }


def test_a_source_that_is_missing_speaks_against_all_that_is_made_from_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    delivered(warehouse, [day(9), day(10)])
    withdraw(warehouse, "support_tickets", day(10))
    all_computed(warehouse, day(10))
    (figures,) = read_health_figures(warehouse, [day(10)])
    assert [(each.gravity, each.dataset) for each in figures.cautions] == [("stop", "support_tickets")]
    assert figures.gravity("at_risk_customers") == "stop"
    assert figures.gravity("customer_lifetime_value") is None


def test_a_source_that_the_company_does_not_have_asks_for_care_only(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(10), [])
    publish_tickets(warehouse, day(10), [])
    cautions = {
        each.dataset: each.gravity for each in read_cautions(warehouse, day(10), read_strips(warehouse, day(10)))
    }
    assert cautions["marketing_events"] == "care"
    assert "orders" not in cautions


def test_failed_checks_stop_and_warned_ones_ask_for_care(warehouse: duckdb.DuckDBPyConnection) -> None:
    delivered(warehouse, [day(10)])
    publish_tickets(warehouse, day(10), [])
    all_computed(warehouse, day(10))
    audited(warehouse, "at_risk_customers", day(10), "list_holds", "failed", "3 customers")
    audited(warehouse, "customer_value_forecast", day(10), "fit_ok", "warned", "prior-dominated")
    audited(warehouse, "orders", day(10), "volume", "warned", "")
    audited(warehouse, "orders", day(9), "volume", "failed", "")
    cautions = read_cautions(warehouse, day(10), read_strips(warehouse, day(10)))
    assert [(each.gravity, each.dataset, each.words) for each in cautions] == [
        ("stop", "at_risk_customers", "list holds failed: 3 customers"),
        ("care", "orders", "published with a warning: volume"),
        ("care", "customer_value_forecast", "fit ok warned: prior-dominated"),
    ]


def test_what_is_not_computed_is_named_once(warehouse: duckdb.DuckDBPyConnection) -> None:
    delivered(warehouse, [day(10)])
    computed(warehouse, "customer_lifetime_value", day(10))
    computed(warehouse, "customer_features", day(10))
    computed(warehouse, "forecast_backtest", day(10))
    cautions = read_cautions(warehouse, day(10), read_strips(warehouse, day(10)))
    assert [each.words for each in cautions] == ["not computed for this day; nor is at risk customers"]
    assert cautions[0].affects == ("customer_value_forecast", "at_risk_customers")
