"""Histories of several lengths: the first landed days of the orders, and what is derived as of the last of them."""

import shutil
import sys
import time
from itertools import pairwise
from pathlib import Path

from benchmarks.speed.jobs.derived_days import add_days
from benchmarks.speed.measuring import say
from customer_analytics.landing.folder import LandingArea


def main() -> None:
    """Load days of the landing area given first; of each number of days, keep a store in the folder given second."""
    landing, folder = LandingArea(Path(sys.argv[1])), Path(sys.argv[2])
    days = landing.landed_days("orders")
    began = time.perf_counter()
    for before, number in pairwise([0, *map(int, sys.argv[3:])]):
        store = folder / str(number)
        store.mkdir()
        if before:
            shutil.copy(folder / str(before) / "warehouse.duckdb", store)
        add_days(landing, store, days[before:number])
    say(time.perf_counter() - began)


if __name__ == "__main__":
    main()
