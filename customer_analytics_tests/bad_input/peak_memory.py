"""Run as a program: load a good day, then one more file, and say by how much the peak of memory grew.

Prints the outcome, the growth in bytes, and the message. The good day comes first, so that what every load needs, code
above all, is not counted.
"""

import gzip
import resource
import shutil
import sys
import tempfile
from pathlib import Path

from customer_analytics_tests.bad_input.records import FORMATS, good, write
from customer_analytics_tests.scenario import NEXT_DAY, ORDERS, Scene, open_at


def peak_bytes() -> int:
    """The most memory that this process has had; Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(file: Path) -> None:
    """Load the good day and the file."""
    with tempfile.TemporaryDirectory() as folder, open_at(Path(folder) / "warehouse.duckdb") as connection:
        scene = Scene(Path(folder), connection)
        for form in FORMATS:
            scene.deliver(ORDERS, {f"orders.{form}.gz": gzip.compress(write(form, good(ORDERS)))})
        before = peak_bytes()
        delivered = scene.land(ORDERS, {}, NEXT_DAY)
        shutil.copyfile(file, delivered / file.name)
        [report] = scene.load(ORDERS, NEXT_DAY)
        print(report.state, peak_bytes() - before, report.message)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
