"""Prints what a day's forecast of a million made-up customers costs: seconds of one core, and the peak of memory."""

import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from customer_analytics.metrics.forecasting.customers import Customers, customers_of
from customer_analytics.metrics.forecasting.fits import Fits, fit_customers
from customer_analytics.metrics.forecasting.learning import Learner
from customer_analytics.metrics.forecasting.plan import plan_for
from customer_analytics.metrics.forecasting.scored import scored
from customer_analytics.metrics.statements import statement
from customer_analytics.warehouse.schema import migrate

CUSTOMERS = 1_000_000
FIRST_DAY, DAY = date(2022, 1, 1), date(2023, 12, 31)
SEED = 1

_Result = TypeVar("_Result")


def main() -> None:
    """Make the customers up in a process of its own, so that their making does not count; then measure."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        making = get_context("spawn").Process(target=_make, args=(path,))
        making.start()
        making.join()
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": "400MB",
            "temp_directory": folder,
        }
        with duckdb.connect(str(path), config=settings) as connection:
            connection.begin()
            _report("before", 0.0)
            customers = _timed("grouped", lambda: customers_of(connection, DAY))
            fits = _timed("fitted from nothing", lambda: fit_customers(customers))
            _timed("scored, and every score read", lambda: _score(connection, customers, fits))
            earlier = fit_customers(customers_of(connection, DAY - timedelta(days=1)))
            _timed(
                "fitted from yesterday's",
                lambda: fit_customers(customers, earlier=(earlier.orders, earlier.spending)),
            )
            connection.rollback()


def _score(connection: duckdb.DuckDBPyConnection, customers: Customers, fits: Fits) -> None:
    plan = plan_for(connection, Learner(connection), DAY)
    groups, own = scored(connection, customers, fits, plan, FIRST_DAY)
    connection.register("scored_groups", groups)
    connection.register("scored_customers", own)
    connection.register("scored_day", pa.table({"as_of_date": [DAY], "model": ["model"], "label": ["ok"]}))
    connection.execute(statement("forecast/day_forecast"))
    connection.execute("select max(columns(*)) from day_forecast").fetchall()


def _timed(what: str, work: Callable[[], _Result]) -> _Result:
    start = time.process_time()
    result = work()
    _report(what, time.process_time() - start)
    return result


def _report(what: str, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {what} | {seconds:.2f} s | {peak:.0f} MB |")


def _make(path: Path) -> None:
    """Customers who may stop after every order, and order at their own rate until then; 2.7 orders each."""
    draw = np.random.default_rng(SEED)
    days = (DAY - FIRST_DAY).days + 1
    at = draw.integers(0, days - 30, CUSTOMERS).astype(np.float64)
    rate, stops = draw.gamma(0.6, 1 / 60, CUSTOMERS), draw.beta(0.8, 2.5, CUSTOMERS)
    going = np.arange(CUSTOMERS)
    who: list[npt.NDArray[np.int64]] = []
    when: list[npt.NDArray[np.int32]] = []
    while len(going):
        who.append(going)
        when.append(at[going].astype(np.int32))
        stays = draw.random(len(going)) > stops[going]
        at[going] += 1 + draw.exponential(1 / np.maximum(rate[going], 1e-9))
        going = going[stays & (at[going] < days)]
    orders = {"customer": np.concatenate(who), "day": np.concatenate(when)}
    amounts = np.round(draw.gamma(6, 5, sum(map(len, who))), 2)
    with duckdb.connect(str(path)) as connection:
        migrate(connection)
        connection.execute("create schema if not exists sources")
        connection.register("made", pa.table(orders | {"amount": amounts}))
        connection.execute(
            """create table sources.orders as
               select
                 $first_day::date + day as delivery_day,
                 row_number() over ()::varchar as order_id,
                 format('C{:07d}', customer) as customer_id,
                 delivery_day::timestamp as order_date,
                 amount::decimal(18, 2) as total_amount,
                 'paid' as status
               from made
               order by delivery_day""",
            {"first_day": FIRST_DAY},
        )


if __name__ == "__main__":
    main()
