"""Corrections of single records: what a person wrote in place of what was delivered and set aside.

They lie beside the landing area, in ``corrections/<source>/<day>.csv``, one record a line: where it stands (_file,
_line), the SHA-256 of its raw bytes, and its cells. They count for as long as that record is delivered as it was: with
the delivery and its corrections a day can always be made again.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from customer_analytics.landing.drafts import draft_of
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.spreadsheet import as_written, harmless

# No contract has a column whose name begins so.
PLACE = ("_file", "_line", "_raw_sha256")
# What an exported line says beside.
ABOUT = ("_source", "_delivery_day", "_reasons", "_raw")

# A raw record may be longer than the csv module would read by itself.
MAX_CELL_CHARACTERS = 64 * 1024 * 1024
_LINE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Correction:
    """What stands in place of one raw record; ``cells`` are texts by column, as if they had been delivered."""

    file: str
    line: int
    raw_sha256: str
    cells: Mapping[str, str]


def corrections_file(landing: Path, source: str, day: date) -> Path:
    """Where the corrections of a day lie, whether there are any or not."""
    return landing.with_name("corrections") / source / f"{day.isoformat()}.csv"


def read_corrections(path: Path, only: Mapping[str, str] | None = None) -> tuple[Correction, ...]:
    """Read a file of corrections; of one with several days, ``only`` those lines whose cells are these.

    Raises:
        DeliveryRefusedError: it is not one; names file, line and remedy.
    """
    corrections: dict[tuple[str, int], Correction] = {}
    for number, row in read_rows(path):
        if any(row.get(name) != value for name, value in (only or {}).items()):
            continue
        each = _correction(path, number, row)
        if (each.file, each.line) in corrections:
            raise _refused(path, number, f"{each.file}:{each.line} is corrected more than once")
        corrections[each.file, each.line] = each
    return tuple(corrections.values())


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a file of corrections, or of an export, with their numbers; what a spreadsheet escaped is undone.

    Raises:
        DeliveryRefusedError: it is not such a file; names file, line and remedy.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            reader.fieldnames = _header(path, reader.fieldnames or ())
            for row in reader:
                if None in row or None in row.values():
                    raise _refused(path, reader.line_num, "the line has more or fewer cells than the header")
                yield reader.line_num, {name: as_written(value) for name, value in row.items()}
        except (csv.Error, UnicodeDecodeError) as error:
            raise _refused(path, reader.line_num + 1, "this is not a CSV file in UTF-8") from error


def write_corrections(path: Path, columns: Sequence[str], corrections: Iterable[Correction]) -> None:
    """Replace a file of corrections, in one step; only its owner may read it."""
    rows = (
        [each.file, each.line, each.raw_sha256, *(each.cells.get(name, "") for name in columns)] for each in corrections
    )
    write_private_csv(path, [*PLACE, *columns], rows)


def write_private_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file that only its owner may read, and that is safe to open in a spreadsheet; in one step.

    Raises:
        OSError: it cannot be written; names it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with draft_of(path) as draft:
        draft.touch(mode=0o600)
        with draft.open("w", encoding="utf-8", newline="") as stream:
            # Everything in quotes: a lone carriage return would not be, and would come back as another line.
            writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([harmless(str(value)) for value in row] for row in rows)
            stream.flush()
            os.fsync(stream.fileno())


def _header(path: Path, found: Sequence[str]) -> Sequence[str]:
    older = not any(name in found for name in PLACE)  # Then our own names have no underscore.
    header = [f"_{name}" if older and f"_{name}" in (*PLACE, *ABOUT) else name for name in found]
    missing = [name for name in PLACE if name not in header]
    if missing:
        raise _refused(path, 1, f"the header lacks {', '.join(missing)}")
    if len(header) != len(set(header)):
        raise _refused(path, 1, "the header has a name twice")
    return header


def _correction(path: Path, number: int, row: Mapping[str, str]) -> Correction:
    if not _LINE.fullmatch(row["_line"]):
        raise _refused(path, number, "_line must be a whole number")
    cells = {name: value for name, value in row.items() if name not in (*PLACE, *ABOUT)}
    return Correction(row["_file"], int(row["_line"]), row["_raw_sha256"], cells)


def _refused(path: Path, line: int, why: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(f"{path}, line {line}: {why}. Mend the file, or remove it.")
