"""The five commonest questions to the snapshot: each asked several times of an open file."""

import sys
import time
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
OPENING = "opening the snapshot"
_TIMES = 9


def main() -> None:
    """Ask the snapshot given first, opened as often as said second; all that is said is in milliseconds."""
    began = time.perf_counter()
    rounds = [_ask_all(Path(sys.argv[1])) for _ in range(int(sys.argv[2]))]
    say(time.perf_counter() - began, asked={name: [each[name] for each in rounds] for name in rounds[0]})


def _ask_all(serving: Path) -> dict[str, float]:
    began = time.perf_counter()
    with duckdb.connect(str(serving), read_only=True) as connection:
        row = connection.execute("select max(as_of_date) from marts.as_of_days").fetchone()
        opened = (time.perf_counter() - began) * 1000
        customer = connection.execute("select customer_id from marts.customer_value_open limit 1 offset 999").fetchone()
        if row is None or customer is None:
            raise RuntimeError
        values = {"day": f"date '{row[0]}'", "customer": f"'{customer[0]}'"}
        return {OPENING: opened} | {
            name: _milliseconds(connection, question.format(**values)) for name, question in QUESTIONS.items()
        }


def _milliseconds(connection: duckdb.DuckDBPyConnection, question: str) -> float:
    def ask() -> float:
        began = time.perf_counter()
        if not connection.execute(question).fetchall():
            message = f"nothing was found by {question}"
            raise RuntimeError(message)
        return (time.perf_counter() - began) * 1000

    return median(ask() for _ in range(_TIMES))


if __name__ == "__main__":
    main()
