"""The five commonest questions to the snapshot: each asked several times of an open file."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.speed.measuring import say

QUESTIONS = {
    "one customer today": "from marts.customer_lifetime_value where as_of_date = {day} and customer_id = {customer}",
    "today's calls": "from marts.at_risk_customers where as_of_date = {day} and call_today order by call_rank",
    "value by segment": "from marts.customer_value_segments where as_of_date = {day} order by orders_at_least",
    "one customer's history": "from marts.customer_value_figures where customer_id = {customer} order by valid_from",
    "trend over days": """
        select as_of_date, sum(customers), sum(total_revenue), sum(estimated_clv)
        from marts.customer_value_segments group by as_of_date order by as_of_date""",
}
_TIMES = 9


def main() -> None:
    """Ask the snapshot given first; says the median of each question in milliseconds, and what opening took."""
    serving = Path(sys.argv[1])
    began = time.perf_counter()
    with duckdb.connect(str(serving), read_only=True) as connection:
        row = connection.execute("select max(as_of_date) from marts.as_of_days").fetchone()
        opened = time.perf_counter() - began
        customer = connection.execute("select customer_id from marts.customer_value_open limit 1 offset 999").fetchone()
        if row is None or customer is None:
            raise RuntimeError
        asked = {
            name: median(
                _milliseconds(connection, question.format(day=f"date '{row[0]}'", customer=f"'{customer[0]}'"))
            )
            for name, question in QUESTIONS.items()
        }
    say(time.perf_counter() - began, questions=asked, opening=opened * 1000)


def _milliseconds(connection: duckdb.DuckDBPyConnection, question: str) -> list[float]:
    def ask() -> float:
        began = time.perf_counter()
        if not connection.execute(question).fetchall():
            message = f"nothing was found by {question}"
            raise RuntimeError(message)
        return (time.perf_counter() - began) * 1000

    return _repeated(ask)


def _repeated(ask: Callable[[], float]) -> list[float]:
    return [ask() for _ in range(_TIMES)]


if __name__ == "__main__":
    main()
