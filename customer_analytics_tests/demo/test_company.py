"""The company behind the data: weekdays, refunds, trouble, departures and campaigns as one would expect them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise, product
from pathlib import Path
from statistics import mean, median

import pytest

from customer_analytics.demo.records import SOURCES, Source
from customer_analytics.demo.simulation import SimulatedDay
from customer_analytics_tests.demo.conftest import FIRST_DAY
from customer_analytics_tests.demo.strict_reader import TIMES, good_records

OUTAGE_DAY = FIRST_DAY + timedelta(days=74)


def customers(days: Iterable[SimulatedDay], *sources: Source) -> set[str | None]:
    return {row["customer_id"] for day, source in product(days, sources) for row in day.rows(source)}


def at_risk(days: Sequence[SimulatedDay]) -> set[str]:
    tickets: Counter[str] = Counter()
    pressing: Counter[str] = Counter()
    for ticket in (ticket for day in days for ticket in day.support_tickets):
        tickets[ticket.customer_id] += 1
        pressing[ticket.customer_id] += ticket.priority in ("high", "urgent")
    return {customer for customer, count in tickets.items() if count >= 3 or pressing[customer] >= 2}


def weekday_means(company: Sequence[SimulatedDay], source: Source) -> list[float]:
    ordinary = [day for day in company if day.today.date != OUTAGE_DAY]
    return [mean(len(day.rows(source)) for day in ordinary if day.today.weekday == weekday) for weekday in range(7)]


@pytest.mark.parametrize(
    ("source", "low", "high"), [("orders", 105, 135), ("support_tickets", 33, 47), ("marketing_events", 350, 450)]
)
def test_daily_volumes_are_those_of_a_small_company(
    source: Source, low: int, high: int, company: list[SimulatedDay]
) -> None:
    assert low <= mean(len(day.rows(source)) for day in company) <= high


def test_about_nine_hundred_customers_half_of_whom_were_there_at_the_start(company: list[SimulatedDay]) -> None:
    assert 850 <= len(customers(company, *SOURCES)) <= 950
    assert 400 <= len(customers(company[:14], *SOURCES)) <= 550


def test_some_customers_have_not_ordered_yet(company: list[SimulatedDay]) -> None:
    others = customers(company, "support_tickets", "marketing_events")
    assert 10 <= len(others - customers(company, "orders")) <= 100


def test_people_shop_at_weekends_and_complain_on_workdays(company: list[SimulatedDay]) -> None:
    orders, tickets = weekday_means(company, "orders"), weekday_means(company, "support_tickets")
    assert min(orders[5:]) > max(orders[:4])
    assert max(tickets[5:]) < 0.75 * min(tickets[:5])


def test_campaigns_go_out_on_tuesdays_and_fridays(company: list[SimulatedDay]) -> None:
    sent = Counter(
        day.today.weekday for day in company for event in day.marketing_events if event.event_type == "email_sent"
    )
    assert set(sent) == {1, 4}
    assert len({event.campaign_id for day in company for event in day.marketing_events}) == 1 + 26


def test_every_record_lies_on_its_delivery_day_and_every_id_is_its_own(landing: Path) -> None:
    for source in SOURCES:
        ids: Counter[str | None] = Counter()
        for folder in (landing / source).iterdir():
            records = good_records(folder)
            assert {str(record[TIMES[source]])[:10] for record in records} == {folder.name}
            ids.update(next(iter(record.values())) for record in records)
        assert max(ids.values()) == 1


def test_a_refund_is_negative_and_follows_an_order_of_the_customer(company: list[SimulatedDay]) -> None:
    first_sale: dict[str, int] = {}
    refunds = 0
    for day in company:
        for order in day.orders:
            if order.status == "refunded":
                refunds += 1
                assert order.total_amount < 0
                assert day.today.index - first_sale[order.customer_id] >= 2
        for order in day.orders:
            if order.status != "refunded":
                assert order.total_amount > 0
                first_sale.setdefault(order.customer_id, day.today.index)
    assert 0.035 <= refunds / sum(len(day.orders) for day in company) <= 0.06


def test_about_one_order_in_twenty_five_is_cancelled(company: list[SimulatedDay]) -> None:
    statuses = Counter(order.status for day in company for order in day.orders)
    assert 0.03 <= statuses["cancelled"] / statuses.total() <= 0.05


def test_a_few_customers_order_twice_a_day(company: list[SimulatedDay]) -> None:
    twice = [sum(count > 1 for count in Counter(o.customer_id for o in day.orders).values()) for day in company]
    assert 2 <= mean(twice) <= 12


def test_one_day_has_well_under_half_of_the_orders_usual_on_its_weekday(company: list[SimulatedDay]) -> None:
    weeks_before = [len(company[74 - 7 * weeks].orders) for weeks in range(1, 9)]
    assert company[74].today.date == OUTAGE_DAY
    assert len(company[74].orders) < 0.48 * median(weeks_before)


def test_ten_to_forty_customers_are_at_risk_once_a_month_has_passed(company: list[SimulatedDay]) -> None:
    assert all(10 <= len(at_risk(company[index - 29 : index + 1])) <= 40 for index in range(29, 90))


def test_customers_at_risk_leave_more_often_than_others(company: list[SimulatedDay]) -> None:
    risky: set[str | None] = set(at_risk(company[15:45]))
    buyers, still_there = customers(company[:45], "orders"), customers(company[60:], "orders")
    left = {group: len(members - still_there) / len(members) for group, members in _split(buyers, risky)}
    assert left["at risk"] > 2 * left["others"]


def _split(everyone: set[str | None], risky: set[str | None]) -> list[tuple[str, set[str | None]]]:
    return [("at risk", everyone & risky), ("others", everyone - risky)]


def test_tickets_are_resolved_after_they_are_created_and_before_the_delivery(company: list[SimulatedDay]) -> None:
    for ticket in (ticket for day in company for ticket in day.support_tickets):
        if ticket.resolved_date is not None:
            assert ticket.resolved_date >= ticket.created_date
            assert ticket.resolved_date.date() == ticket.created_date.date()


def test_an_opened_or_clicked_mail_was_sent_before(company: list[SimulatedDay]) -> None:
    steps = ("email_sent", "email_open", "email_click")
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in (event for day in company for event in day.marketing_events):
        mail = (event.customer_id, event.campaign_id)
        for before, step in pairwise(steps):
            assert event.event_type != step or before in seen[mail]
        seen[mail].add(event.event_type)


def test_whoever_unsubscribed_gets_no_further_mail(company: list[SimulatedDay]) -> None:
    gone: dict[str, int] = {}
    for day in company:
        for event in day.marketing_events:
            assert event.event_type != "email_sent" or gone.get(event.customer_id, 90) >= day.today.index
            if event.event_type == "unsubscribe":
                gone.setdefault(event.customer_id, day.today.index)
    assert gone
