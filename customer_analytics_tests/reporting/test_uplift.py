"""What outreach is worth: the lot's two groups compared, and what cannot be told is not told."""

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from customer_analytics.reporting.listings import Listing
from customer_analytics.reporting.uplift import (
    Group,
    Uplift,
    group,
    lot_p_value,
    measure_uplift,
    share_difference,
    smallest_seen,
    spend_difference,
)
from customer_analytics.reporting.uplift_words import uplift_in_words
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.scenario import Order, at, day, publish_orders
from customer_analytics_tests.reporting.health.scenario import on_list

__all__ = ["warehouse"]

HORIZON = 30


def measured(warehouse: duckdb.DuckDBPyConnection, since: int = 1, until: int = 20) -> Uplift:
    return measure_uplift(warehouse, day(since), day(until), HORIZON)


def policy(warehouse: duckdb.DuckDBPyConnection, number: int, share: float = 0.5) -> None:
    warehouse.execute("insert into marts.at_risk_policies values (?, map {'holdout_share': ?})", [day(number), share])


def listed(warehouse: duckdb.DuckDBPyConnection, number: int, customers: Sequence[str], *, held_out: bool) -> None:
    for customer in customers:
        on_list(warehouse, day(number), customer, is_held_out=held_out, value_at_risk=Decimal(50))


def order(customer: str, number: int, amount: str = "10.00", status: str = "paid") -> Order:
    return Order(customer, at(number), Decimal(amount), status)


def groups(called: tuple[int, int], held_out: tuple[int, int]) -> tuple[Group, Group]:
    """Groups of so many customers, of whom so many ordered."""
    one, other = (Group(size, ordered, ordered / size, 0, 0) for size, ordered in (called, held_out))
    return one, other


def spent(*amounts: float) -> list[Listing]:
    return [Listing(day(1), False, 0.0, amount > 0, amount, 0.1) for amount in amounts]


def test_shares_and_spend_are_those_of_the_horizon_after_the_listing(warehouse: duckdb.DuckDBPyConnection) -> None:
    policy(warehouse, 10)
    listed(warehouse, 10, ["in time", "refunded", "too late"], held_out=False)
    listed(warehouse, 10, ["same day", "cancelled", "held"], held_out=True)
    publish_orders(
        warehouse,
        day(41),
        [
            order("in time", 11, "20.00"),
            order("in time", 40, "5.00"),
            order("refunded", 20, "-4.00", "refunded"),
            order("refunded", 21, "500.00", "refunded"),  # charged, and paid back in full
            order("too late", 41),
            order("same day", 10),
            order("cancelled", 12, "99.00", "cancelled"),
            order("held", 30, "7.00"),
        ],
    )
    uplift = measured(warehouse)
    assert (uplift.called.customers, uplift.called.ordered) == (3, 1)
    assert (uplift.held_out.customers, uplift.held_out.ordered) == (3, 1)
    assert (uplift.called.spend, uplift.held_out.spend) == pytest.approx((21 / 3, 7 / 3))
    assert (uplift.called.value_at_risk, uplift.waiting, uplift.lot_p_value) == pytest.approx((50, 0, 1))


def test_a_customers_first_listing_of_the_period_counts(warehouse: duckdb.DuckDBPyConnection) -> None:
    on_list(warehouse, day(2), "alice", entered_on=day(2), is_held_out=True)
    on_list(warehouse, day(3), "alice", entered_on=day(2), is_held_out=True)
    on_list(warehouse, day(9), "alice", entered_on=day(9), is_held_out=False)
    on_list(warehouse, day(4), "before", entered_on=day(1))
    on_list(warehouse, day(4), "only the rule", is_listed=False, entered_on=None)
    publish_orders(warehouse, day(60), [])
    assert (measured(warehouse, 2).held_out.customers, measured(warehouse, 2).called.customers) == (1, 0)
    assert (measured(warehouse, 4).held_out.customers, measured(warehouse, 4).called.customers) == (0, 1)


def test_whose_horizon_is_not_over_waits(warehouse: duckdb.DuckDBPyConnection) -> None:
    listed(warehouse, 10, ["a", "b"], held_out=False)
    listed(warehouse, 11, ["c"], held_out=True)
    publish_orders(warehouse, day(40), [])
    uplift = measured(warehouse)
    assert (uplift.called.customers, uplift.held_out.customers, uplift.waiting) == (2, 0, 1)
    assert uplift.missing == ("fewer than 2 customers are held out",)


def test_the_interval_of_shares_is_newcombes() -> None:
    # Newcombe 1998, table II: 56/70 and 48/80, method 10.
    difference = share_difference(*groups((70, 56), (80, 48)))
    assert difference.value == pytest.approx(0.2)
    assert (difference.low, difference.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference.relative == pytest.approx(1 / 3)
    # and 10/10 against 0/20
    extreme = share_difference(*groups((10, 10), (20, 0)))
    assert (extreme.low, extreme.high) == pytest.approx((0.6791, 1.0), abs=5e-5)
    assert extreme.relative is None


def test_the_interval_of_spend_is_welchs() -> None:
    # Means 20 and 10, variances 25 and 50 times 16 / 15, 16 customers each: 27 degrees of freedom, Student's t 2.0518.
    difference = spend_difference(spent(*[15.0, 25.0] * 8), spent(*[0.0, 20.0, 10.0, 10.0] * 4))
    assert difference
    assert (difference.value, difference.relative) == (10, 1)
    distance = 2.0518 * 5**0.5
    assert (difference.low, difference.high) == pytest.approx((10 - distance, 10 + distance), rel=1e-4)


def test_spend_is_not_compared_among_few_who_spent_or_where_nothing_varies() -> None:
    assert spend_difference(spent(*[15.0, 25.0] * 50), spent(*[0.0] * 50, *[10.0] * 9)) is None
    assert spend_difference(spent(*[15.0] * 20), spent(*[15.0] * 20)) is None


def test_who_got_more_back_than_was_spent_is_among_those_whose_spend_is_compared() -> None:
    difference = spend_difference(spent(*[15.0, 25.0] * 50), spent(*[0.0] * 50, *[10.0] * 9, -30.0))
    assert difference
    assert difference.value == 19


def test_the_smallest_difference_that_is_seen_shrinks_with_the_root_of_the_groups() -> None:
    few, many = smallest_seen(*groups((900, 270), (100, 30))), smallest_seen(*groups((90_000, 27_000), (10_000, 3_000)))
    assert few == pytest.approx(2.8016 * (0.3 * 0.7 * (1 / 900 + 1 / 100)) ** 0.5, rel=0.01)
    assert few / many == pytest.approx(10, rel=0.01)


def test_an_unfair_lot_is_noticed() -> None:
    fair = [Listing(day(1), number % 10 == 0, 0, False, 0, 0.1) for number in range(1_000)]
    unfair = [Listing(day(1), number % 5 == 0, 0, False, 0, 0.1) for number in range(1_000)]
    unknown = [Listing(day(1), False, 0, False, 0, None)]
    assert (lot_p_value(fair) or 0) > 0.9
    assert (lot_p_value(unfair) or 1) < 1e-6
    assert lot_p_value(unknown) is lot_p_value([*fair, *unknown]) is None
    assert lot_p_value([]) is None


def test_groups_without_anybody_have_no_shares() -> None:
    assert group([]) == Group(0, 0, None, None, None)


def shop(warehouse: duckdb.DuckDBPyConnection, called: int, held_out: int, share: float = 0.5) -> str:
    """So many of a hundred order in each group; gives what is said of it."""
    policy(warehouse, 10, share)
    names = [f"c{number}" for number in range(200)]
    listed(warehouse, 10, names[::2], held_out=False)
    listed(warehouse, 10, names[1::2], held_out=True)
    orders = [order(name, 15) for name in (*names[::2][:called], *names[1::2][:held_out])]
    publish_orders(warehouse, day(60), orders)
    return " ".join(uplift_in_words(measured(warehouse)))


def test_outreach_that_helps_is_told_so(warehouse: duckdb.DuckDBPyConnection) -> None:
    said = shop(warehouse, called=60, held_out=40)
    assert measured(warehouse).verdict == "helps"
    assert said.startswith("Outreach helps")
    assert "Of 100 who were to be called 60.0% ordered within 30 days, of 100 held out 40.0%: +20.0 points" in said


def test_outreach_that_harms_is_told_so(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert shop(warehouse, called=30, held_out=50).startswith("Outreach harms")


def test_what_could_be_chance_is_told_with_what_would_be_seen(warehouse: duckdb.DuckDBPyConnection) -> None:
    said = shop(warehouse, called=50, held_out=45)
    assert measured(warehouse).verdict == "no_difference_told"
    assert said.startswith("No difference can be told yet: with 100 held out, differences below 19.8 points go unseen.")


def test_nothing_is_told_where_the_lot_was_not_fair(warehouse: duckdb.DuckDBPyConnection) -> None:
    said = shop(warehouse, called=60, held_out=40, share=0.1)
    assert measured(warehouse).verdict == "cannot_tell"
    assert "100 of 200 were held out, which a fair lot does in less than 0.1% of all cases" in said


def test_it_says_what_is_missing(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert measured(warehouse).missing == ("nobody entered the list in this period",)
    listed(warehouse, 10, ["a"], held_out=False)
    assert measured(warehouse).missing == ("no orders are published",)
    publish_orders(warehouse, day(20), [])
    uplift = measured(warehouse)
    assert uplift.verdict == "cannot_tell"
    assert uplift.missing == (
        f"the horizon is not over for anybody before {day(40)}; orders are known through {day(20)}",
    )
    assert next(iter(uplift_in_words(uplift))).startswith("Nothing can be told: the horizon is not over")


def test_a_period_that_ends_before_it_begins_is_refused(warehouse: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="no period"):
        measure_uplift(warehouse, date(2024, 3, 2), date(2024, 3, 1), HORIZON)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Nineteen of twenty: over 400 lots of customers of whom 40 % order in one group and 30 % in the other."""
    drawn = random.Random(7)
    held = 0
    for _ in range(400):
        called, held_out = (sum(drawn.random() < share for _ in range(size)) for size, share in ((180, 0.4), (40, 0.3)))
        difference = share_difference(*groups((180, called), (40, held_out)))
        held += difference.low <= 0.1 <= difference.high
    assert 0.92 < held / 400 < 0.98
