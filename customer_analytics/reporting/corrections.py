"""From quarantine to corrections: a file to correct records in, and taking it back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path

from filelock import FileLock

from customer_analytics.contracts.source import Source
from customer_analytics.landing.corrections import (
    ABOUT,
    PLACE,
    Correction,
    read_corrections,
    read_rows,
    write_corrections,
    write_private_csv,
)
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import parse_day
from customer_analytics.reporting.files import make_folder
from customer_analytics.reporting.quarantine import QuarantinedRecord

DayOfSource = tuple[str, date]


class CorrectionError(Exception):
    """A file of corrections cannot be taken; the message says which line, why, and what to do."""


def export_quarantine(path: Path, source: Source, records: Iterable[QuarantinedRecord]) -> None:
    """Write records to a file in which they can be corrected.

    Only its owner may read it, and it is safe to open in a spreadsheet.

    Raises:
        OSError: it cannot be written.
    """
    columns = source.contract.column_names
    rows = [
        [
            *(record.source, record.day, "; ".join(message for _, _, message in record.reasons)),
            (record.raw or b"").decode(errors="replace"),
            *(record.file, record.line, record.raw_sha256),
            *((record.cells or {}).get(column) or "" for column in columns),
        ]
        for record in records
    ]
    make_folder(path.parent)
    write_private_csv(path, [*ABOUT, *PLACE, *columns], rows)


def days_in(path: Path, sources: Collection[str]) -> list[DayOfSource]:
    """The days that an exported file has records of.

    Raises:
        CorrectionError: it is not such a file.
    """
    found: dict[DayOfSource, None] = {}
    try:
        for number, row in read_rows(path):
            source, day = row.get("_source", ""), parse_day(row.get("_delivery_day", ""))
            if day is None:
                message = (
                    f"{path}, line {number}: this is no line of an exported quarantine: it needs _source and "
                    "_delivery_day, the day as 2026-11-01. A spreadsheet may have changed it."
                )
                raise CorrectionError(message)
            found[source, day] = None
    except DeliveryRefusedError as error:
        raise CorrectionError(str(error)) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise CorrectionError(message) from error
    unknown = sorted({source for source, _ in found} - set(sources))
    if unknown:
        message = f"{path}: there is no source {', '.join(unknown)}. There are: {', '.join(sources)}."
        raise CorrectionError(message)
    return list(found)


def plan_corrections(
    path: Path, source: Source, day: date, quarantined: Sequence[QuarantinedRecord]
) -> tuple[Correction, ...]:
    """What a person changed in an exported file for one day; lines that were left as they were are no corrections.

    Raises:
        CorrectionError: a line is for a record that does not stand in quarantine, or lacks a column.
    """
    known = {(record.file, record.line): record for record in quarantined}
    columns = source.contract.column_names
    try:
        read = read_corrections(path, only={"_source": source.name, "_delivery_day": day.isoformat()})
    except DeliveryRefusedError as error:
        raise CorrectionError(str(error)) from error
    corrections = []
    for correction in read:
        record = known.get((correction.file, correction.line))
        if record is None or record.raw_sha256 != correction.raw_sha256:
            message = (
                f"{path}: {source.name} {day} has no record in quarantine at {correction.file}:{correction.line} with "
                "that _raw_sha256. Export it again."
            )
            raise CorrectionError(message)
        missing = [column for column in columns if column not in correction.cells]
        if missing:
            message = f"{path}: the header lacks {', '.join(missing)}. Export it again."
            raise CorrectionError(message)
        cells = {column: correction.cells[column] for column in columns}
        if cells != {column: (record.cells or {}).get(column) or "" for column in columns}:
            corrections.append(Correction(correction.file, correction.line, correction.raw_sha256, cells))
    return tuple(corrections)


def add_corrections(path: Path, source: Source, corrections: Sequence[Correction]) -> None:
    """Add corrections to those of a day; a record that is corrected again has the new one.

    Raises:
        DeliveryRefusedError: the corrections that are there cannot be read.
        OSError: they cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path.parent.with_suffix(".lock"), mode=0o600):  # Or another release would lose these.
        before = read_corrections(path) if path.is_file() else ()
        merged = {(each.file, each.line): each for each in (*before, *corrections)}
        write_corrections(path, source.contract.column_names, [merged[place] for place in sorted(merged)])
