"""Who enters the list, who stays, and who leaves it: bands and the least time, day by day."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from customer_analytics.metrics.at_risk.policy import AtRiskPolicy
from customer_analytics_tests.metrics.at_risk.stories import (
    QUICK,
    Forecasts,
    all_rows,
    list_days,
    listed_on,
    open_tickets,
    publish_emails,
    row,
)
from customer_analytics_tests.metrics.scenario import Order, Ticket, at, day, publish_orders, publish_tickets

Warehouse = duckdb.DuckDBPyConnection
Given = Callable[[Forecasts], None]


def test_four_tickets_in_a_month_list_and_two_of_them_keep(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["low"] * 2, 11: ["low"], 21: ["low"]}, "ann")
    list_days(warehouse, range(20, 43))
    # the first two are older than 30 days from day 31 on, the third from day 41 on
    assert listed_on(warehouse, "ann") == list(range(21, 41))


def test_three_tickets_within_a_week_list(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["low"], 4: ["low"], 7: ["low"]}, "ann")
    list_days(warehouse, range(5, 10))
    assert listed_on(warehouse, "ann") == [7, 8, 9]


def test_three_tickets_that_are_no_burst_meet_the_rule_and_are_not_listed(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["low"], 4: ["low"], 8: ["low"]}, "ann")
    list_days(warehouse, range(7, 10))
    assert listed_on(warehouse, "ann") == []
    found = row(warehouse, "ann", 9)
    assert (found["meets_ticket_rule"], found["entered_on"], found["call_today"]) == (True, None, False)
    assert found["reasons"] == ["3 tickets in the last 30 days"]


def test_two_of_high_priority_list_and_one_keeps(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["high"], 11: ["urgent"]}, "ann")
    list_days(warehouse, range(10, 43))
    assert listed_on(warehouse, "ann") == list(range(11, 41))
    found = row(warehouse, "ann", 35)
    assert not found["meets_ticket_rule"]
    assert found["reasons"] == ["1 ticket in the last 30 days, 1 of high priority"]
    assert found["recommended_action"] == "proactive_outreach"


def test_whom_nothing_keeps_stays_for_the_least_time(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["low"] * 3, 30: ["low"]}, "ann")
    policy = AtRiskPolicy(min_days_listed=14, holdout_share=0.0, enter_tickets_7d=9)
    list_days(warehouse, range(29, 46), policy)
    assert listed_on(warehouse, "ann") == list(range(30, 44))
    found = row(warehouse, "ann", 43)
    assert found["reasons"] == ["listed since 2024-03-30, for at least 14 days"]
    assert found["recommended_action"] == "proactive_outreach", "what was recommended before still is"


def test_the_first_day_of_a_listing_is_kept_until_it_ends(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["high"] * 2, 33: ["high"] * 2}, "ann")
    list_days(warehouse, range(27, 35))
    entered = [row(warehouse, "ann", number)["entered_on"] for number in (27, 30, 33, 34)]
    assert entered == [day(27), day(27), day(33), day(33)]


def test_without_the_day_before_nobody_was_listed(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["high"], 11: ["urgent"]}, "ann")
    list_days(warehouse, [11, 35])
    assert listed_on(warehouse, "ann") == [11]


def test_late_customers_who_are_lost_more_likely_than_not_are_listed_while_they_can_be_kept(
    warehouse: Warehouse, forecast: Given
) -> None:
    for number in (1, 21):
        publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(50))])

    def lost(as_of: date) -> dict[str, float]:
        return {"ann": 0.5 if as_of >= day(100) else 0.45}

    forecast(lost)
    list_days(warehouse, [*range(98, 103), *range(200, 206)])
    assert listed_on(warehouse, "ann") == [100, 101, 102, 200, 201, 202]
    found = row(warehouse, "ann", 102)
    assert found["reasons"] == [
        "has usually ordered every 20 days, last order 81 days ago: 50 % likely not to order in the next 90 days"
    ]
    assert (found["recommended_action"], found["value_at_risk"]) == ("win_back_offer", Decimal("50.00"))
    # 180 days after the last order nothing keeps her but the least time
    assert row(warehouse, "ann", 202)["reasons"] == ["listed since 2024-09-16, for at least 3 days"]


def test_the_band_lets_a_listed_customer_go_later_than_it_would_take_a_new_one(
    warehouse: Warehouse, forecast: Given
) -> None:
    for number in (1, 21):
        orders = [Order(customer, at(number), Decimal(50)) for customer in ("ann", "bob")]
        publish_orders(warehouse, day(number), orders)
    falling = {100: 0.55, 101: 0.45, 102: 0.45, 103: 0.45, 104: 0.39}
    forecast(lambda as_of: {"ann": falling[(as_of - day(1)).days + 1], "bob": 0.45})
    list_days(warehouse, falling)
    assert listed_on(warehouse, "ann") == [100, 101, 102, 103]
    assert listed_on(warehouse, "bob") == []


def test_who_orders_again_leaves_the_list(warehouse: Warehouse, forecast: Given) -> None:
    for number in (1, 21, 104):
        publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(50))])
    forecast(lambda _: {"ann": 0.6})
    list_days(warehouse, range(98, 106))
    assert listed_on(warehouse, "ann") == [98, 99, 100, 101, 102, 103]


def test_one_order_is_no_habit_and_too_few_days_of_orders_are_no_forecast(
    warehouse: Warehouse, forecast: Given
) -> None:
    publish_orders(warehouse, day(1), [Order("bob", at(1), Decimal(50)), Order("ann", at(1), Decimal(50))])
    publish_orders(warehouse, day(3), [Order("bob", at(3), Decimal(50))])
    forecast(lambda _: {"ann": 0.9, "bob": 0.9})
    list_days(warehouse, [90, 91])
    assert (listed_on(warehouse, "ann"), listed_on(warehouse, "bob")) == ([], [91])


@pytest.mark.parametrize("sign", [-1, 1], ids=["paid back", "an order that was paid back in full"])
def test_an_unusually_large_refund_of_a_valuable_customer(warehouse: Warehouse, sign: int) -> None:
    publish_orders(warehouse, day(1), [Order(f"{n}", at(1), Decimal(100 if n else 5)) for n in range(12)])
    refunds = [Order(f"{n}", at(2), Decimal(sign), "refunded") for n in range(2, 12)]
    publish_orders(warehouse, day(2), [*refunds, Order("1", at(2), sign * Decimal("100.50"), "refunded")])
    list_days(warehouse, [1, 2, 3])
    assert listed_on(warehouse, "1") == [2, 3]
    found = row(warehouse, "1", 2)
    assert found["large_refund"] == Decimal("100.50")
    assert found["reasons"] == ["unusually large refund of 100.50 in the last 30 days"]
    assert found["recommended_action"] == "refund_follow_up"
    assert {customer for _, customer, *_ in all_rows(warehouse)} == {"1"}


def test_a_large_refund_of_who_spent_little_lists_nobody_however_many_spent_nothing(warehouse: Warehouse) -> None:
    publish_orders(warehouse, day(1), [Order(f"{n}", at(1), Decimal(100 if n else 5)) for n in range(12)])
    publish_tickets(warehouse, day(1), [Ticket(f"asked {n}", at(1)) for n in range(20)])
    publish_orders(warehouse, day(2), [Order(f"{n}", at(2), Decimal(-1 if n else -6), "refunded") for n in range(12)])
    list_days(warehouse, [1, 2])
    assert all_rows(warehouse) == []


def test_of_nine_refunds_none_is_unusual(warehouse: Warehouse) -> None:
    publish_orders(warehouse, day(1), [Order(f"{n}", at(1), Decimal(100)) for n in range(9)])
    refunds = [Order(f"{n}", at(2), Decimal(-200 if n == 1 else -1), "refunded") for n in range(9)]
    publish_orders(warehouse, day(2), refunds)
    list_days(warehouse, [1, 2])
    assert all_rows(warehouse) == []


def test_who_no_longer_reacts_to_emails_is_listed_at_a_lower_risk(warehouse: Warehouse, forecast: Given) -> None:
    customers = ("ann", "bob", "eve")
    for number in (1, 100):
        publish_orders(warehouse, day(number), [Order(each, at(number), Decimal(50)) for each in customers])
    emails = [(each, "email_sent", number) for each in customers for number in range(105, 110)]
    publish_emails(warehouse, [("ann", "email_open", 5), ("bob", "email_click", 109), *emails])
    forecast(lambda _: dict.fromkeys(customers, 0.45))
    list_days(warehouse, [109, 110])
    # bob still reacts, and eve never did
    assert {customer for _, customer, *_ in all_rows(warehouse)} == {"ann"}
    found = row(warehouse, "ann", 110)
    assert (found["is_disengaged"], found["recommended_action"]) == (True, "re_engagement")
    assert found["reasons"] == ["reacted to none of 5 emails in the last 90 days, but used to"]


def test_who_unsubscribed_lately_is_disengaged(warehouse: Warehouse, forecast: Given) -> None:
    for number in (1, 100):
        publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(50))])
    publish_emails(warehouse, [("ann", "unsubscribe", 110)])
    forecast(lambda _: {"ann": 0.45})
    list_days(warehouse, [109, 110, 139, 140], AtRiskPolicy(min_days_listed=1, holdout_share=0.0))
    assert listed_on(warehouse, "ann") == [110, 139]
    assert row(warehouse, "ann", 110)["reasons"] == ["unsubscribed from emails in the last 30 days"]


def test_disengagement_alone_lists_nobody_and_is_no_reason(warehouse: Warehouse, forecast: Given) -> None:
    for number in (1, 100):
        publish_orders(warehouse, day(number), [Order(each, at(number), Decimal(50)) for each in ("ann", "bob")])
    publish_emails(warehouse, [("ann", "unsubscribe", 110), ("bob", "unsubscribe", 110)])
    publish_tickets(warehouse, day(110), [Ticket("bob", at(110)) for _ in range(4)])
    forecast(lambda _: {"ann": 0.39, "bob": 0.39})
    list_days(warehouse, [110])
    assert listed_on(warehouse, "ann") == []
    found = row(warehouse, "bob", 110)
    assert (found["is_disengaged"], found["reasons"]) == (True, ["4 tickets in the last 30 days"])


def test_the_three_most_serious_reasons_what_lists_before_what_keeps(warehouse: Warehouse, forecast: Given) -> None:
    for number in (1, 21):
        publish_orders(warehouse, day(number), [Order("ann", at(number), Decimal(50))])
    publish_orders(warehouse, day(100), [Order("ann", at(100), Decimal(-60), "refunded")])
    publish_tickets(warehouse, day(100), [Ticket("ann", at(100), "high")])
    publish_emails(warehouse, [("ann", "unsubscribe", 99)])
    forecast(lambda _: {"ann": 0.7})
    list_days(warehouse, [100])
    assert row(warehouse, "ann", 100)["reasons"] == [
        "has usually ordered every 20 days, last order 79 days ago: 70 % likely not to order in the next 90 days",
        "unsubscribed from emails in the last 30 days",
        "1 ticket in the last 30 days, 1 of high priority",
    ]
    assert row(warehouse, "ann", 100)["recommended_action"] == "win_back_offer"


def test_one_range_day_by_day_and_again_give_the_same_rows(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["high"] * 2, 33: ["low"] * 3}, "ann")
    open_tickets(warehouse, {30: ["low"] * 4}, "bob")
    days = range(28, 37)  # the end of a month is among them
    list_days(warehouse, days)
    in_one = all_rows(warehouse)
    list_days(warehouse, days)
    assert all_rows(warehouse) == in_one
    warehouse.execute("delete from marts.at_risk_customers")
    for number in days:
        list_days(warehouse, [number])
    assert all_rows(warehouse) == in_one
    assert (listed_on(warehouse, "ann"), listed_on(warehouse, "bob")) == (
        [28, 29, 30, 33, 34, 35, 36],
        [30, 31, 32, 33, 34, 35, 36],
    )


def test_what_comes_later_is_not_known(warehouse: Warehouse) -> None:
    open_tickets(warehouse, {1: ["high"] * 2, 3: ["low"]}, "ann")
    list_days(warehouse, range(1, 5))
    before = all_rows(warehouse)
    publish_tickets(warehouse, day(5), [Ticket("ann", at(2), "urgent"), Ticket("bob", at(4), "urgent")] * 3)
    publish_orders(warehouse, day(5), [Order("ann", at(1), Decimal(-9), "refunded")])
    list_days(warehouse, range(1, 5))
    assert all_rows(warehouse) == before


def test_the_policy_of_a_day_is_kept(warehouse: Warehouse) -> None:
    list_days(warehouse, [1, 2], QUICK)
    ((policy,),) = warehouse.execute(
        "select policy from marts.at_risk_policies where as_of_date = '2024-03-02'"
    ).fetchall()
    assert (policy["min_days_listed"], policy["holdout_share"], "capacity" in policy) == (3, 0, False)
