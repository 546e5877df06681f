"""A shop whose customers order at known rates, and candidates of whom it is known how good they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from customer_analytics.metrics.backtest.scores import Scores
from customer_analytics.metrics.inputs import open_inputs

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2024, 10, 31)
NOW = datetime(2024, 11, 1, 6)
CUSTOMERS = 250
MEAN_SPEND = 20.0


@dataclass(frozen=True)
class Sale:
    """One record of an order as it is published."""

    delivery_day: date
    customer: str
    order_date: datetime
    amount: float
    status: str = "paid"


def rates() -> dict[str, float]:
    """Orders a day of every customer: a few order weekly, most every few months."""
    drawn = np.random.default_rng(5).gamma(0.5, 0.05, CUSTOMERS)
    return {f"customer {number:03}": float(rate) for number, rate in enumerate(drawn)}


def sales() -> list[Sale]:
    """What everybody orders from the first day to the last, delivered on the day."""
    random = np.random.default_rng(7)
    days = [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]
    return [
        Sale(day, customer, datetime.combine(day, datetime.min.time()), round(random.gamma(4, MEAN_SPEND / 4), 2))
        for customer, rate in rates().items()
        for day, chance in zip(days, random.random(len(days)), strict=True)
        if chance < rate
    ]


def publish(connection: duckdb.DuckDBPyConnection, records: Sequence[Sale], days: Sequence[date]) -> None:
    """Publish ``days`` with those of ``records`` that are delivered on them, in place of what they had."""
    connection.execute(
        """create table if not exists sources.orders (delivery_day date, order_id varchar, customer_id varchar,
           order_date timestamp, total_amount decimal(18, 2), status varchar)"""
    )
    connection.execute("delete from sources.orders where list_contains($days::date[], delivery_day)", {"days": days})
    connection.execute(
        "delete from quality.deliveries where list_contains($days::date[], delivery_day)", {"days": days}
    )
    delivered = [vars(one) | {"number": number} for number, one in enumerate(records) if one.delivery_day in set(days)]
    if delivered:
        connection.register("delivered", pa.Table.from_pylist(delivered))
        connection.execute(
            """insert into sources.orders
               select delivery_day, number, customer, order_date, amount, status from delivered"""
        )
        connection.unregister("delivered")
    connection.execute(
        """insert into quality.deliveries by name
           select 'orders' as source, unnest($days::date[]) as delivery_day, nextval('quality.revisions') as revision,
             '' as fingerprint, 0 as records, 0 as accepted, 0 as quarantined, 0 as ignored, '1' as contract_version,
             '' as rules_fingerprint, 0 as content_hash, 'run' as run_id, $now as published_at""",
        {"days": list(days), "now": NOW},
    )


def publish_shop(connection: duckdb.DuckDBPyConnection) -> None:
    """Everything that the shop sold, a day at a time."""
    publish(
        connection, sales(), [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]
    )


def score_shop(connection: duckdb.DuckDBPyConnection, origin: date, horizon: int) -> Mapping[str, Scores]:
    """Candidates: ``truth`` knows the rates, ``copy`` says what the baseline says, ``worse`` thrice as much.

    ``timid`` forecasts three tenths of what it knows that everybody will spend.
    """
    open_inputs(connection, "orders")
    rows = connection.execute(
        """select customer_id, count(*) / ($origin::date - $first::date + 1) as rate,
             $origin::date - max(order_date)::date as recency
           from published_orders
           where delivery_day <= $origin::date and order_date < $origin::date + 1 and not is_refund
           group by customer_id order by customer_id""",
        {"origin": origin, "first": FIRST_DAY},
    ).fetchnumpy()
    known = rates()
    orders = horizon * np.array([known[customer] for customer in rows["customer_id"]])
    mean = np.full(len(orders), orders.mean())
    return {
        "baseline": _scores(mean),
        "copy": _scores(mean),
        "mbg_nbd": _scores(mean),
        "recency": Scores(None, np.asarray(rows["recency"], dtype=np.float64), is_probability=False),
        "timid": Scores(0.3 * MEAN_SPEND * orders, None, is_probability=False),
        "truth": _scores(orders),
        "worse": _scores(3 * mean),
    }


def _scores(orders: np.typing.NDArray[np.float64]) -> Scores:
    return Scores(MEAN_SPEND * orders, np.exp(-orders), is_probability=True)
