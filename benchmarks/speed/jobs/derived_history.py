"""The first landed days of the orders in a new warehouse, and what is derived as of the last of them."""

import sys
import time
from pathlib import Path

from benchmarks.speed.jobs.derived_day import add_days
from benchmarks.speed.measuring import say
from customer_analytics.landing.folder import LandingArea


def main() -> None:
    """Load as many days as the third argument says of the landing area given first into the store given second."""
    landing, store, number = LandingArea(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
    began = time.perf_counter()
    add_days(landing, store, landing.landed_days("orders")[:number])
    say(time.perf_counter() - began)


if __name__ == "__main__":
    main()
