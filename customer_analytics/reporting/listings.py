"""Outreach and its outcomes: who was listed when, who was held out by lot, and what they ordered afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from customer_analytics.metrics.inputs import open_inputs

# Everybody's first listing of the period, and the horizon after it: it begins with the day after, on which the list of
# the day can be called. Orders count by the day they were made, whenever they were delivered.
_OUTCOMES = """
with listings as (
    select
        customer_id,
        min(entered_on) as entered_on,
        arg_min(is_held_out, as_of_date) as is_held_out,
        arg_min(value_at_risk, as_of_date) as value_at_risk
    from marts.at_risk_customers
    where is_listed and as_of_date = entered_on and entered_on between $since and $until
    group by customer_id
)

select
    listings.entered_on,
    listings.is_held_out,
    cast(coalesce(listings.value_at_risk, 0) as double) as value_at_risk,
    count(orders.customer_id) filter (not orders.is_refund) > 0 as has_ordered,
    cast(coalesce(sum(orders.revenue), 0) as double) as spend,
    policies.policy['holdout_share'] as holdout_share
from listings
left join published_orders as orders
    on
        orders.customer_id = listings.customer_id
        and orders.order_date >= listings.entered_on + 1
        and orders.order_date < listings.entered_on + 1 + $horizon
left join marts.at_risk_policies as policies on policies.as_of_date = listings.entered_on
group by
    listings.customer_id, listings.entered_on, listings.is_held_out, listings.value_at_risk, policies.policy
order by listings.customer_id
"""


@dataclass(frozen=True)
class Listing:
    """A customer's first listing in a period; amounts are in currency units, ``spend`` is net of refunds.

    ``has_ordered`` and ``spend`` are of the horizon. ``holdout_share`` is the share that the lot held out that day.
    """

    entered_on: date
    is_held_out: bool
    value_at_risk: float
    has_ordered: bool
    spend: float
    holdout_share: float | None


def read_listings(
    connection: duckdb.DuckDBPyConnection, since: date, until: date, horizon_days: int
) -> Sequence[Listing]:
    """Everybody who was listed from ``since`` to ``until``, by customer_id, whether the horizon is over or not."""
    open_inputs(connection, "orders")
    asked = {"since": since, "until": until, "horizon": horizon_days}
    return [Listing(*row) for row in connection.execute(_OUTCOMES, asked).fetchall()]


def outcomes_known_through(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The latest published day of orders; None without any."""
    row = connection.execute("select max(delivery_day) from quality.deliveries where source = 'orders'").fetchone()
    return row[0] if row else None
