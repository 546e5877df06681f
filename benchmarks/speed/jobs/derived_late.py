"""A landed day again, as it was corrected: judged, published, and customer value as of it and of all days after it."""

import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.speed.jobs.derived_days import add_days
from benchmarks.speed.measuring import say
from customer_analytics.landing.folder import LandingArea


def main() -> None:
    """Load the day given third of the landing area given first into the store given second."""
    landing, store, corrected = LandingArea(Path(sys.argv[1])), Path(sys.argv[2]), date.fromisoformat(sys.argv[3])
    began = time.perf_counter()
    add_days(landing, store, [corrected], landing.landed_days("orders"))
    say(time.perf_counter() - began)


if __name__ == "__main__":
    main()
