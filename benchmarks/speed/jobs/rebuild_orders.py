"""Published orders of which nothing is derived yet, in any number."""

import sys
import time
from pathlib import Path

from benchmarks.speed.jobs.reading_warehouse import opened, publish_days
from benchmarks.speed.measuring import say


def main() -> None:
    """Make the warehouse in the folder given first, of so many orders a day, days and customers."""
    store, (orders_a_day, days, customers) = Path(sys.argv[1]), map(int, sys.argv[2:])
    began = time.perf_counter()
    with opened(store) as connection:
        publish_days(connection, orders_a_day, range(days), customers)
    say(time.perf_counter() - began)


if __name__ == "__main__":
    main()
