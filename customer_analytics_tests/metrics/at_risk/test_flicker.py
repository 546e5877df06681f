"""The list does not flicker, and is no longer than what the ticket rule alone would list."""

import duckdb

from customer_analytics.metrics.at_risk.policy import DEFAULT_POLICY
from customer_analytics_tests.metrics.at_risk.stories import list_days, publish_help_desk

DAYS = 75
WITHIN_DAYS = 14


def exits_and_reentries(connection: duckdb.DuckDBPyConnection, is_in: str) -> tuple[int, int]:
    """How often somebody left what ``is_in`` says, and how often of these came back soon; while that can be seen."""
    row = connection.execute(
        f"""with inside as (select customer_id, as_of_date from marts.at_risk_customers where {is_in}),
        exits as (
            select customer_id, as_of_date + 1 as day from inside
            anti join (select customer_id, as_of_date - 1 as as_of_date from inside) using (customer_id, as_of_date)
            where as_of_date + 1 + {WITHIN_DAYS} <= (select max(as_of_date) from inside)
        )
        select count(*), count(*) filter (exists (
            from inside where inside.customer_id = exits.customer_id
                and inside.as_of_date > exits.day and inside.as_of_date <= exits.day + {WITHIN_DAYS}
        )) from exits"""
    ).fetchone()
    assert row
    return row[0], row[1]


def test_who_leaves_the_list_rarely_comes_back_soon(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_help_desk(warehouse, customers=1200, days=DAYS, seed=7)
    list_days(warehouse, range(1, DAYS + 1), DEFAULT_POLICY)
    by_rule = exits_and_reentries(warehouse, "meets_ticket_rule")
    by_list = exits_and_reentries(warehouse, "is_listed")
    assert by_list[0] > 50
    assert by_rule[1] / by_rule[0] > 0.25
    assert by_list[1] / by_list[0] < by_rule[1] / by_rule[0] / 2
    counts = warehouse.execute(
        """select count(*) filter (is_listed), count(*) filter (meets_ticket_rule),
             count(distinct customer_id) filter (is_listed), count(distinct customer_id) filter (meets_ticket_rule)
           from marts.at_risk_customers"""
    ).fetchone()
    assert counts
    days_listed, days_by_rule, customers_listed, customers_by_rule = counts
    assert days_listed <= days_by_rule
    assert customers_listed <= customers_by_rule
