"""The snapshot for readers, each time after another day was published and derived."""

import sys
import time
from pathlib import Path

from benchmarks.speed.jobs.reading_warehouse import add_days, opened
from benchmarks.speed.measuring import say
from customer_analytics.reporting.serving import refresh_serving


def main() -> None:
    """Refresh the snapshot in the folder given first, so many times, by days of so many orders of so many customers."""
    store, (times, orders_a_day, customers) = Path(sys.argv[1]), map(int, sys.argv[2:])
    took = []
    for _ in range(times):
        with opened(store) as connection:
            (published,) = connection.execute("select count(*) from quality.deliveries").fetchone() or (0,)
            add_days(connection, orders_a_day, range(published, published + 1), customers)
            began = time.perf_counter()
            refresh_serving(connection, store / "serving.duckdb")
            took.append(time.perf_counter() - began)
    say(sum(took), each=took)


if __name__ == "__main__":
    main()
