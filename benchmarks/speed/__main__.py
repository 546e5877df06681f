"""Measures, room by room; prints the results, and which of them are worse than the stored ones."""

import argparse
import importlib
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.speed.measuring import LARGE, SMALL, ContenderFailedError, DisagreementError, Result, Scale, Skipped
from benchmarks.speed.report import Measured, read, store, table, this_machine, together, worse

ROOMS = ("loading", "derived", "reading", "orchestration", "whole_job")
ON_REQUEST = ("rebuild", "huge_day")
_NAMES = f"of {', '.join(ROOMS)}; or, measured only when it is asked for, {', '.join(ON_REQUEST)}"
RESULTS = Path(__file__).parents[1] / "results"


def main() -> int:
    """Run the rooms that are asked for; 1 where contenders disagree or fail, 0 whatever the clock says."""
    asked = _asked()
    scale = LARGE if asked.large else replace(SMALL, has_peers=asked.peers)
    results: list[Result] = []
    skipped: list[Skipped] = []
    failures: list[str] = []
    for room in asked.only or ROOMS:
        try:
            _measure(room, scale, results, skipped)
        except (DisagreementError, ContenderFailedError) as error:
            failures.append(f"{room}: {error}")
    measured = Measured(scale.name, this_machine(), results, skipped)
    print("\n".join(table(measured)))
    stored = read(asked.results, scale.name)
    if stored:
        regressions = list(worse(stored.results, results))
        print("\nWorse than stored:" if regressions else "\nNothing is worse than stored beyond its noise.")
        print("\n".join(regressions))
    if asked.store and not failures:
        store(asked.results, together(stored, measured))
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--large", action="store_true", help="a year of files and every peer")
    parser.add_argument("--peers", action="store_true", help="install and run the peers at the small scale too")
    parser.add_argument("--only", nargs="+", choices=(*ROOMS, *ON_REQUEST), metavar="NAME", help=_NAMES)
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where results are stored")
    parser.add_argument("--store", action="store_true", help="store these results, with table and plot")
    return parser.parse_args()


def _measure(room: str, scale: Scale, results: list[Result], skipped: list[Skipped]) -> None:
    module = importlib.import_module(f"benchmarks.speed.{room}")
    with TemporaryDirectory(prefix="speed-") as folder:
        for measured in module.measure(scale, Path(folder)):
            print(f"{measured.room}: {measured.name}", file=sys.stderr, flush=True)
            if isinstance(measured, Result):
                results.append(measured)
            else:
                skipped.append(measured)


if __name__ == "__main__":
    sys.exit(main())
