"""Judging and publishing what has landed, against DuckDB's bare typed read of the same files into a table of a file."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.speed.data import Shape, generate
from benchmarks.speed.measuring import Contender, Figure, Result, Scale, alternate, job

ROOM = "loading"
OURS, SPOILT, BARE = "ours", "ours, 10 % bad", "DuckDB's bare read"
_BAD_SHARE = 0.1
_CSV_GOAL, _BAD_GOAL = 1.6, 1.1
# What DuckDB may take of a machine's memory; Python and what a query holds beside come on top.
_MEMORY = "1GB"
_DAY_GOAL_MB, _LARGE_GOAL_MB = 500.0, 2_000.0
_SMALL_FILE_RECORDS = 2_740


def measure(scale: Scale, folder: Path) -> Iterator[Result]:
    """A large day as CSV, with and without bad records; at the large scale also the other formats, and a larger day.

    Raises:
        ContenderFailedError: a job failed.
    """
    records = scale.day_records
    yield from _csv_day(Shape(records, 1, scale.customers), scale.rounds, folder)
    days = 365 if scale.is_large else 30
    small = Shape(days * _SMALL_FILE_RECORDS, days, scale.customers)
    yield from _compare(f"{days} small CSV files", small, min(scale.rounds, 2), folder)
    if scale.is_large:
        for form in ("jsonl", "parquet"):
            day = Shape(records, 1, scale.customers, format=form)
            yield from _compare(f"a day as {form}", day, scale.rounds, folder)
        yield from measure_day(10, scale.customers, folder)


def measure_day(millions: int, customers: int, folder: Path) -> Iterator[Result]:
    """A day that is larger than what DuckDB may take of memory, once, and how much it takes.

    Raises:
        ContenderFailedError: a job failed.
    """
    day = Shape(millions * 1_000_000, 1, customers)
    figures = _run([(OURS, day), (BARE, day)], 1, folder)
    name = f"a day of {millions} M records"
    yield _against_bare(name, figures, _CSV_GOAL)
    yield _memory(f"{name}, memory", figures[OURS], _LARGE_GOAL_MB)


def _csv_day(day: Shape, rounds: int, folder: Path) -> Iterator[Result]:
    spoilt = Shape(day.orders, day.days, day.customers, bad_share=_BAD_SHARE)
    figures = _run([(OURS, day), (BARE, day), (SPOILT, spoilt)], rounds, folder)
    yield _against_bare("a day as csv", figures, _CSV_GOAL)
    yield Result(ROOM, "a day with 10 % bad records", figures[SPOILT], "ours without", figures[OURS], _BAD_GOAL)
    yield _memory("a day as csv, memory", figures[OURS], _DAY_GOAL_MB)


def _compare(name: str, shape: Shape, rounds: int, folder: Path) -> Iterator[Result]:
    yield _against_bare(name, _run([(OURS, shape), (BARE, shape)], rounds, folder), None)


def _against_bare(name: str, figures: Mapping[str, Figure], goal: float | None) -> Result:
    return Result(ROOM, name, figures[OURS], BARE, figures[BARE], goal)


def _memory(name: str, figure: Figure, most_mb: float) -> Result:
    peak = Figure(figure.peak_mb, figure.peak_mb)
    return Result(ROOM, name, peak, "what it may be", Figure(most_mb), 1.0, unit="MB")


def _run(contenders: Sequence[tuple[str, Shape]], rounds: int, folder: Path) -> dict[str, Figure]:
    """The figures of each contender on files of its shape; contenders of one shape share them."""
    landed: dict[Shape, Path] = {}
    for _, shape in contenders:
        if shape not in landed:
            landed[shape] = folder / f"landing-{len(landed)}"
            generate(landed[shape], shape)
    store = folder / "store"
    figures = alternate(
        [
            Contender(
                name,
                job("load_bare" if name == BARE else "load_ours", landed[shape], store, _MEMORY),
                partial(_empty, store),
            )
            for name, shape in contenders
        ],
        rounds,
    )
    for path in (*landed.values(), store):
        shutil.rmtree(path)
    return figures


def _empty(store: Path) -> None:
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir()
