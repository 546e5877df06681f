"""Writes ``results.md``: our detector and Elementary's defaults, side by side on the same seeded series."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.detector.measure import INJECTED, Detector, Tally, elementary, ours, tally
from benchmarks.detector.series import Series, noisy_series, small_series, usual_series

SEED = 1
RESULTS = Path(__file__).with_name("results.md")
DETECTORS: dict[str, Detector] = {"this project": ours, "Elementary's defaults": elementary}


def main() -> None:
    """Measure, and write the table."""
    RESULTS.write_text("\n".join(_document()) + "\n", encoding="utf-8")


def _document() -> Iterator[str]:
    yield "# Detector: results"
    yield ""
    yield "Written by `python -m benchmarks.detector`; what the numbers mean stands in README.md."
    yield from _table("300 series, 2,000 to 300,000 records a day: what the goals are set for", usual_series(SEED))
    yield from _table("180 series of the same volumes, with more noise", noisy_series(SEED))
    yield from _table("300 series, 30 to 2,000 records a day", small_series(SEED))


def _table(title: str, series: Sequence[Series]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield f"| detector | noise | series-days | false alarms | {' | '.join(INJECTED)} |"
    yield f"|---|---|---|---|{'---|' * len(INJECTED)}"
    levels = sorted({one.noise for one in series})
    for name, detector in DETECTORS.items():
        total = Tally()
        rows = []
        for noise in levels:
            of_level = tally([one for one in series if one.noise == noise], detector)
            rows.append(row(name, f"{noise:.0%}", of_level))
            total.add(of_level)
        yield row(f"**{name}**", "all", total)
        yield from rows


def row(name: str, noise: str, counted: Tally) -> str:
    """A line of the table."""
    recalls = " | ".join(_percent(counted.recall(kind)) for kind in INJECTED)
    return f"| {name} | {noise} | {counted.days:,} | {counted.false_alarm_share:.3%} | {recalls} |"


def _percent(share: float) -> str:
    """To a tenth, but 100 % only where nothing was missed."""
    return f"{min(share, 0.999):.1%}" if share < 1 else "100 %"


if __name__ == "__main__":
    main()
