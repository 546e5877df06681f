"""A day's records as the files of a delivery: which files, in which format, with the day's defects in them."""

import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from customer_analytics.demo.days import Today
from customer_analytics.demo.defects import Defect, defects_on
from customer_analytics.demo.records import Fields, Source, record_id
from customer_analytics.demo.spoiling import Donor

Row = TypeVar("Row")


@dataclass(frozen=True)
class File:
    """A file of a delivery; the name says format and compression."""

    name: str
    content: bytes


def files_of_day(source: Source, today: Today, rows: Sequence[Fields]) -> list[File]:
    """The source's delivery of the day. Planted columns go into the first file, planted raw lines into the last."""
    defects = defects_on(source, today)
    names = file_names(source, today, planted=bool(defects))
    parts: list[list[Fields]] = [
        [row for row in rows if _region(row) % len(names) == part] for part in range(len(names))
    ]
    spoiled = _spoil(source, today, rows, parts[0][0], defects) if defects else []
    columns = [record for record in spoiled if isinstance(record, dict)]
    lines = [record for record in spoiled if isinstance(record, bytes)]
    parts[0] = _spread(parts[0], columns)
    return [
        File(name, _encode(name, part, lines if name == names[-1] else [], defects))
        for name, part in zip(names, parts, strict=True)
    ]


def file_names(source: Source, today: Today, *, planted: bool) -> tuple[str, ...]:
    """The files of the day: usually one, in the source's usual format; two where both regions deliver their own."""
    if source == "marketing_events":
        # Raw lines need a text file, so a day with defects has one.
        if planted or today.index % 4 == 2:
            return ("marketing_events_north.parquet", "marketing_events_south.jsonl.gz")
        return ("marketing_events.parquet",)
    if source == "support_tickets":
        return ("support_tickets.jsonl.gz",) if today.index % 3 == 1 else ("support_tickets.jsonl",)
    if today.index % 9 == 4:
        return ("orders_north.csv", "orders_south.csv")
    if today.index % 6 == 5:
        return ("orders.csv.gz",)
    return ("orders.csv.zst",) if today.index % 10 == 7 else ("orders.csv",)


def _region(row: Fields) -> int:
    return int((row["customer_id"] or "")[-1])


def _spoil(
    source: Source, today: Today, rows: Sequence[Fields], earlier: Fields, defects: Sequence[Defect]
) -> list[Fields | bytes]:
    spoils = [defect.spoil for defect in defects if defect.spoil]
    id_column = next(iter(earlier))
    records = []
    for number, spoil in enumerate(spoils):
        id_of_its_own = record_id(source, today.date, len(rows) + number + 1)
        model = rows[number * len(rows) // len(spoils)]
        records.append(spoil(Donor(model | {id_column: id_of_its_own}, earlier)))
    return records


def _spread(rows: Sequence[Row], planted: Sequence[Row]) -> list[Row]:
    """The planted rows at even distances among the others: none before the first, the last one at the end."""
    spread = list(rows)
    for number in reversed(range(len(planted))):
        spread.insert(max(1, (number + 1) * len(rows) // len(planted)), planted[number])
    return spread


def _encode(name: str, rows: Sequence[Fields], raw_lines: Sequence[bytes], defects: Sequence[Defect]) -> bytes:
    if name.endswith(".parquet"):
        return _parquet(rows)
    if ".csv" in name:
        header = [",".join(rows[0]).encode()]
        lines = header + _spread([_csv(row) for row in rows], raw_lines)
    else:
        lines = _spread([json.dumps(row, ensure_ascii=False).encode() for row in rows], raw_lines)
    content = b"".join(line + b"\n" for line in lines)
    for defect in defects:
        content = defect.reshape(content) if defect.reshape else content
    return _compress(name, content)


def _csv(row: Fields) -> bytes:
    return ",".join(f'"{value}"' if value and "," in value else value or "" for value in row.values()).encode()


def _compress(name: str, content: bytes) -> bytes:
    if name.endswith(".gz"):
        # Without the time of writing, which would make every run's bytes differ.
        return gzip.compress(content, mtime=0)
    if name.endswith(".zst"):
        buffer = pa.BufferOutputStream()
        with pa.CompressedOutputStream(buffer, "zstd") as stream:
            stream.write(content)
        return bytes(buffer.getvalue())
    return content


def _parquet(rows: Sequence[Fields]) -> bytes:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    arrays = {
        name: pa.array([datetime.fromisoformat(value or "") for value in values], pa.timestamp("us", "UTC"))
        if name.endswith("_date")
        else pa.array(values, pa.string())
        for name, values in columns.items()
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays), buffer)
    return buffer.getvalue()
