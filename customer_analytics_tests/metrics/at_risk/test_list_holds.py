"""The check of the list passes on what is computed, and fires when somebody tampers with it."""

import duckdb
import pytest

from customer_analytics.metrics.at_risk.policy import AtRiskPolicy
from customer_analytics_tests.metrics.at_risk.stories import list_days, listed_on
from customer_analytics_tests.metrics.scenario import Ticket, at, audit, day, publish_tickets

DAYS = [day(1), day(2), day(3)]
POLICY = AtRiskPolicy(holdout_share=0.0, capacity=2)


@pytest.fixture
def good(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Ann, bob and eve are listed from day 1 on, dan never; two can be called a day."""
    tickets = [Ticket(name, at(1), "high") for name in ("ann", "bob", "eve")] * 2
    publish_tickets(warehouse, day(1), [*tickets, Ticket("dan", at(1))])
    list_days(warehouse, [1, 2, 3], POLICY)
    return warehouse


def found(connection: duckdb.DuckDBPyConnection, name: str = "list_holds") -> list[tuple[str, str, tuple[str, ...]]]:
    checks = [check for outcomes in audit(connection, "at_risk_customers", DAYS).values() for check in outcomes]
    return [(each.outcome, each.found, each.sample) for each in checks if each.check == name]


def test_a_computed_list_holds(good: duckdb.DuckDBPyConnection) -> None:
    assert found(good) == [("passed", "against the policy: 0 entries, 0 exits, 0 reasons, 0 calls", ())] * 3


def test_a_list_without_the_one_of_the_day_before_warns_but_on_the_first_day(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1), "high")] * 2)
    list_days(warehouse, [1, 3], POLICY)
    first, unlisted, third = found(warehouse, "list_follows")
    assert (first[0], unlisted[0], third[0]) == ("passed", "passed", "warned")
    assert "everybody counts as entered now" in third[1]
    list_days(warehouse, [2, 3], POLICY)
    assert [outcome for outcome, *_ in found(warehouse, "list_follows")] == ["passed"] * 3


@pytest.mark.parametrize(
    ("tampering", "words", "sample"),
    [
        ("update x set entered_on = '2024-03-02' where customer_id = 'ann'", "1 entries, 0 exits", ("ann",)),
        ("update x set entered_on = null where customer_id = 'ann'", "1 entries, 0 exits", ("ann",)),
        (
            """insert into x by name select * replace ('dan' as customer_id, '2024-03-02' as entered_on,
               0 as tickets_30d, 0 as high_priority_tickets_30d, 4 as call_rank, false as call_today) from x
               where customer_id = 'ann' and as_of_date = '2024-03-02'""",
            "1 entries, 0 exits, 0 reasons, 0 calls",
            ("dan",),
        ),
        ("delete from x where customer_id = 'eve'", "0 entries, 1 exits, 0 reasons, 0 calls", ("eve",)),
        ("update x set reasons = [] where customer_id = 'bob'", "0 exits, 1 reasons, 0 calls", ("bob",)),
        ("update x set reasons = ['a', 'b', 'c', 'd'] where customer_id = 'bob'", "1 reasons, 0 calls", ("bob",)),
        ("update x set recommended_action = 'none' where customer_id = 'bob'", "1 reasons, 0 calls", ("bob",)),
        ("update x set call_today = true", "0 reasons, 1 calls", ("eve",)),
        ("update x set call_rank = 4, call_today = false where customer_id = 'eve'", "1 calls", ("eve",)),
        ("update x set is_held_out = true where customer_id = 'eve'", "1 calls", ("eve",)),
    ],
)
def test_what_the_policy_does_not_allow_is_found(
    good: duckdb.DuckDBPyConnection, tampering: str, words: str, sample: tuple[str, ...]
) -> None:
    good.execute("create temp table x as from marts.at_risk_customers where as_of_date = '2024-03-02'")
    good.execute(tampering)
    good.execute("delete from marts.at_risk_customers where as_of_date = '2024-03-02'")
    good.execute("insert into marts.at_risk_customers from x")
    outcome, in_words, names = found(good)[1]
    assert (outcome, names) == ("failed", sample)
    assert words in in_words


def test_an_entry_by_tickets_of_more_than_a_week_or_that_come_tomorrow_is_found(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_tickets(warehouse, day(3), [Ticket("ann", at(number)) for number in (-4, 2, 3, 4)])
    publish_tickets(warehouse, day(4), [Ticket("ann", at(3))])
    list_days(warehouse, [1, 2, 3], POLICY)
    warehouse.execute(
        "update marts.at_risk_customers set is_listed = true, entered_on = as_of_date, call_rank = 1, call_today = true"
    )
    assert found(warehouse)[2] == ("failed", "against the policy: 1 entries, 0 exits, 0 reasons, 0 calls", ("ann",))


def test_an_exit_on_the_last_day_of_the_least_time_is_found_and_one_on_the_next_is_right(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    publish_tickets(warehouse, day(1), [Ticket("ann", at(1), "high")] * 2)
    list_days(warehouse, [1, 2, 3], AtRiskPolicy(min_days_listed=2, holdout_share=0.0))
    warehouse.execute("delete from marts.at_risk_customers where as_of_date = '2024-03-03'")
    assert [outcome for outcome, *_ in found(warehouse)] == ["passed", "passed", "passed"]
    warehouse.execute("delete from marts.at_risk_customers where as_of_date = '2024-03-02'")
    assert [outcome for outcome, *_ in found(warehouse)] == ["passed", "failed", "passed"]


def test_whose_tickets_were_withdrawn_may_leave_at_once(good: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(good, day(1), [Ticket("bob", at(1), "high")] * 2)
    publish_tickets(good, day(4), [Ticket("ann", at(4))])
    list_days(good, [3], POLICY)
    assert [outcome for outcome, *_ in found(good)] == ["passed", "passed", "passed"]


def test_a_day_that_was_not_listed_by_a_policy_is_not_judged(good: duckdb.DuckDBPyConnection) -> None:
    good.execute("delete from marts.at_risk_policies")
    good.execute("update marts.at_risk_customers set call_rank = 9")
    assert [outcome for outcome, *_ in found(good)] == ["passed", "passed", "passed"]


def test_a_burst_of_a_week_is_a_reason_to_enter(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_tickets(warehouse, day(3), [Ticket("ann", at(number)) for number in (-3, 0, 3)])
    list_days(warehouse, [1, 2, 3], POLICY)
    assert listed_on(warehouse, "ann") == [3]
    assert [outcome for outcome, *_ in found(warehouse)] == ["passed", "passed", "passed"]
