"""Customers' stories, day by day: what they do, what is forecast of them, and what the list then says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from customer_analytics.metrics.at_risk.compute import compute_at_risk_customers
from customer_analytics.metrics.at_risk.policy import AtRiskPolicy
from customer_analytics_tests.metrics.scenario import NOW, Ticket, at, day, publish_tickets

Forecasts = Callable[[date], Mapping[str, float]]

# Few enough days that a story is short.
QUICK = AtRiskPolicy(min_days_listed=3, holdout_share=0.0)


def forecast_by(forecasts: Forecasts) -> Callable[[duckdb.DuckDBPyConnection, date], None]:
    """What stands for ``forecast_for``: the probability of no order in the next 90 days, by customer."""

    def fake(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
        connection.execute(
            """create or replace temp table asked_forecast
               (customer_id varchar, label varchar, probability_of_order_90d double)"""
        )
        for customer, no_order in forecasts(as_of).items():
            connection.execute("insert into asked_forecast values (?, 'ok', ?)", [customer, 1 - no_order])

    return fake


def publish_emails(connection: duckdb.DuckDBPyConnection, events: Iterable[tuple[str, str, int]]) -> None:
    """Publish events: the customer, what happened, and the number of the day."""
    connection.execute(
        """create table if not exists sources.marketing_events (delivery_day date, event_id varchar,
           customer_id varchar, event_type varchar, event_date timestamp, campaign_id varchar)"""
    )
    for number, (customer, kind, on) in enumerate(events):
        connection.execute(
            "insert into sources.marketing_events values (?, ?, ?, ?, ?, 'spring')",
            [day(on), str(number), customer, kind, at(on)],
        )


def open_tickets(connection: duckdb.DuckDBPyConnection, opened: Mapping[int, Sequence[str]], customer: str) -> None:
    """One customer's tickets: the priorities of those of a day, by its number."""
    for number, priorities in opened.items():
        publish_tickets(connection, day(number), [Ticket(customer, at(number), each) for each in priorities])


def list_days(connection: duckdb.DuckDBPyConnection, numbers: Iterable[int], policy: AtRiskPolicy = QUICK) -> None:
    """Compute the list of these days."""
    compute_at_risk_customers(connection, [day(number) for number in numbers], "run", NOW, policy)


def listed_on(connection: duckdb.DuckDBPyConnection, customer: str) -> list[int]:
    """The numbers of the days on which the customer is listed."""
    rows = connection.execute(
        """select as_of_date - date '2024-03-01' + 1 from marts.at_risk_customers
           where is_listed and customer_id = ? order by as_of_date""",
        [customer],
    ).fetchall()
    return [number for (number,) in rows]


def row(connection: duckdb.DuckDBPyConnection, customer: str, number: int) -> dict[str, Any]:
    """The customer's row of a day by column."""
    found = connection.execute(
        "select * from marts.at_risk_customers where customer_id = ? and as_of_date = ?", [customer, day(number)]
    )
    names = [column[0] for column in found.description]
    (values,) = found.fetchall()
    return dict(zip(names, values, strict=True))


def all_rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Everything that is stored, in an order."""
    return connection.execute("select * from marts.at_risk_customers order by as_of_date, customer_id").fetchall()


def publish_help_desk(connection: duckdb.DuckDBPyConnection, customers: int, days: int, seed: int) -> None:
    """Publish a made-up help desk: some customers have far more trouble than others, and it comes in spells.

    In a spell, which comes every 60 days and lasts for ten, a customer opens tickets ten times as often; one in twenty
    is of high priority.
    """
    random = np.random.default_rng(seed)
    usual = random.gamma(1.0, 0.02, size=(customers, 1))
    starts = random.random((customers, days)) < 1 / 60
    in_spell = np.array([np.convolve(each, np.ones(10))[:days] > 0 for each in starts])
    opened = random.poisson(usual * np.where(in_spell, 10, 1))
    who, when = (np.repeat(index, opened.ravel()) for index in (each.ravel() for each in np.indices(opened.shape)))
    connection.register("made_up", pa.table({"who": who, "number": when + 1, "high": random.random(len(who)) < 0.05}))
    for number in range(1, days + 1):
        publish_tickets(connection, day(number), [])
    connection.execute(
        """insert into sources.support_tickets
           select date '2024-02-29' + number::integer as delivery_day, row_number() over ()::varchar,
             'customer ' || who, delivery_day + interval 12 hour, 'delivery', if(high, 'high', 'low'), null
           from made_up"""
    )
    connection.unregister("made_up")
