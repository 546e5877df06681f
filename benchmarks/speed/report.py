"""Results as a table, as a plot and as JSON, and which of them are worse than those that are stored."""

import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.speed.measuring import Figure, Result, Skipped

# Two runs of the same code differ by so much even where their rounds do not.
LEAST_NOISE = 0.1
_SCALES = ("large", "small")


@dataclass(frozen=True)
class Measured:
    """What one run measured at a scale, and on what."""

    scale: str
    machine: str
    results: Sequence[Result]
    skipped: Sequence[Skipped] = ()


def this_machine() -> str:
    """What ratios may depend on: processors, Python, DuckDB."""
    return f"{os.cpu_count()} CPUs, Python {platform.python_version()}, DuckDB {duckdb.__version__}"


def worse(stored: Iterable[Result], now: Iterable[Result]) -> Iterator[str]:
    """A line for each ratio that is worse than the stored one by more than the noise of either."""
    before = {(result.room, result.name): result for result in stored}
    for result in now:
        known = before.get((result.room, result.name))
        if known and _is_worse(known, result):
            noise = f"noise {_noise(known, result):.0%}"
            yield f"{result.room}, {result.name}: {result.ratio:.2f}, stored {known.ratio:.2f}, {noise}"


def _is_worse(stored: Result, now: Result) -> bool:
    change = stored.ratio / now.ratio if now.higher_is_better else now.ratio / stored.ratio
    return change > 1 + _noise(stored, now)


def _noise(stored: Result, now: Result) -> float:
    return max(stored.noise, now.noise, LEAST_NOISE)


def together(stored: Measured | None, now: Measured) -> Measured:
    """What is known after a run: its results, and the stored ones of rooms that it left out."""
    if stored is None:
        return now
    rooms = {each.room for each in now.results} | {each.room for each in now.skipped}
    return Measured(
        now.scale,
        now.machine,
        [*(each for each in stored.results if each.room not in rooms), *now.results],
        [*(each for each in stored.skipped if each.room not in rooms), *now.skipped],
    )


def read(folder: Path, scale: str) -> Measured | None:
    """What is stored of a scale; None where nothing is."""
    path = _json_file(folder, scale)
    if not path.exists():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    results = [_result(each) for each in stored["results"]]
    return Measured(stored["scale"], stored["machine"], results, [Skipped(**each) for each in stored["skipped"]])


def _result(stored: dict[str, Any]) -> Result:
    return Result(**{**stored, "ours": Figure(**stored["ours"]), "theirs": Figure(**stored["theirs"])})


def store(folder: Path, measured: Measured) -> None:
    """Write the JSON of a scale, and ``speed.md`` and ``speed.png`` of all that is stored."""
    folder.mkdir(parents=True, exist_ok=True)
    _json_file(folder, measured.scale).write_text(json.dumps(asdict(measured), indent=2) + "\n", encoding="utf-8")
    stored = [known for scale in _SCALES if (known := read(folder, scale))]
    (folder / "speed.md").write_text("\n".join(_document(stored)) + "\n", encoding="utf-8")
    _plot(folder / "speed.png", stored[0])


def _json_file(folder: Path, scale: str) -> Path:
    return folder / f"speed-{scale}.json"


def _document(stored: Iterable[Measured]) -> Iterator[str]:
    yield from ("# Speed: results", "")
    yield "Written by `python -m benchmarks.speed --store`; [README.md](../speed/README.md) says what is measured."
    yield from ("", "![Ratios beside their goals](speed.png)")
    for measured in stored:
        yield from ("", f"## {measured.scale.capitalize()} scale", "", f"On {measured.machine}.", "")
        yield from table(measured)


def table(measured: Measured) -> Iterator[str]:
    """The lines of a Markdown table: medians of rounds, peaks of memory, and the ratio beside its goal."""
    yield "| | ours | against | theirs | ratio | goal | noise | memory, ours | theirs |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for each in measured.results:
        goal = f"{'>=' if each.higher_is_better else '<='} {each.goal:g}" if each.goal is not None else ""
        ratio = f"{each.ratio:.2f}" if each.meets_goal else f"**{each.ratio:.2f}**"
        cells = (
            f"{each.room}: {each.name}",
            _amount(each.ours, each.unit),
            each.against,
            _amount(each.theirs, each.unit),
            ratio,
            goal,
            f"{each.noise:.0%}",
            _memory(each.ours),
            _memory(each.theirs),
        )
        yield f"| {' | '.join(cells)} |"
    for left_out in measured.skipped:
        yield f"| {left_out.room}: {left_out.name} | | skipped: {_cell(left_out.reason)} | | | | | | |"


def _amount(figure: Figure, unit: str) -> str:
    return f"{figure.value:.3g} {unit}" if figure.value < 100 else f"{figure.value:,.0f} {unit}"


def _memory(figure: Figure) -> str:
    return f"{figure.peak_mb:,.0f} MB" if figure.peak_mb else ""


def _cell(text: str) -> str:
    return text.replace("|", "/")[:120]


def _plot(path: Path, measured: Measured) -> None:
    from matplotlib.figure import Figure as Drawing  # noqa: PLC0415 - only where something is drawn

    results = list(reversed(measured.results))
    drawing = Drawing(figsize=(10, 1.2 + 0.32 * len(results)), layout="constrained")
    axes = drawing.add_subplot()
    axes.set_xscale("log")
    for place, each in enumerate(results):
        colour = "#4c78a8" if each.meets_goal else "#e45756"
        axes.barh(place, each.ratio - 1, left=1, color=colour, height=0.7)
        axes.annotate(f" {each.ratio:.2f} ", (each.ratio, place), ha="left" if each.ratio > 1 else "right", va="center")
        if each.goal is not None:
            axes.plot([each.goal, each.goal], [place - 0.45, place + 0.45], color="black", linewidth=2)
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.use_sticky_edges = False
    axes.margins(x=0.15)
    axes.set_yticks(range(len(results)), [f"{each.room}: {each.name}" for each in results])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.set_xlabel("ours / theirs (black: the goal; red: not met)")
    drawing.savefig(path, dpi=120)
