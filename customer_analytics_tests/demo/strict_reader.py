"""A small second opinion on deliveries: reads a day's files strictly and sorts raw records into good, bad and blank.

It shares no code with the generator or the pipeline, so that neither can agree with itself.
"""

import csv
import gzip
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Record = dict[str, str | None]

ALLOWED = {
    "status": {"pending", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"},
    "priority": {"low", "medium", "high", "urgent"},
    "event_type": {"email_sent", "email_open", "email_click", "campaign_view", "unsubscribe"},
}
COLUMNS = {
    "orders": ("order_id", "customer_id", "order_date", "total_amount", "status"),
    "support_tickets": ("ticket_id", "customer_id", "created_date", "category", "priority", "resolved_date"),
    "marketing_events": ("event_id", "customer_id", "event_type", "event_date", "campaign_id"),
}
TIMES = {"orders": "order_date", "support_tickets": "created_date", "marketing_events": "event_date"}


class BadRecordError(Exception):
    """A raw record that breaks the contract."""


def verdicts(folder: Path) -> Counter[str]:
    """How many raw records of a day's folder are good, bad and blank; of a repeated id the first is good."""
    source, day = folder.parent.name, date.fromisoformat(folder.name)
    found: Counter[str] = Counter(good=0, bad=0, blank=0)
    seen: set[str] = set()
    for raw in raw_records(folder):
        if raw == b"":
            found["blank"] += 1
            continue
        try:
            record = raw if isinstance(raw, dict) else parsed_line(raw, source)
            judge(record, source, day, seen)
            found["good"] += 1
        except (BadRecordError, ValueError):
            found["bad"] += 1
    return found


def good_records(folder: Path) -> list[Record]:
    """The day's records that keep the contract."""
    source, day = folder.parent.name, date.fromisoformat(folder.name)
    seen: set[str] = set()
    good = []
    for raw in raw_records(folder):
        try:
            record = raw if isinstance(raw, dict) else parsed_line(raw, source)
            judge(record, source, day, seen)
        except (BadRecordError, ValueError):
            continue
        good.append(record)
    return good


def raw_records(folder: Path) -> Iterator[Record | bytes]:
    """Rows of Parquet files, and lines of text files in the promised column order, without headers."""
    for path in sorted(folder.glob("[!.]*.*")):
        if path.suffix == ".flag":
            continue
        if path.suffix == ".parquet":
            for row in pq.read_table(path).to_pylist():
                yield {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
            continue
        lines = content(path).removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").split(b"\n")
        lines = [line.removesuffix(b"\r") for line in lines]
        if ".csv" not in path.name:
            yield from lines
            continue
        header = lines[0].decode().lower().split(",")
        backwards = header != list(COLUMNS[folder.parent.name])
        yield from (b",".join(reversed(line.split(b","))) if backwards else line for line in lines[1:])


def content(path: Path) -> bytes:
    """The decompressed bytes of a text file."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        return bytes(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd").read())
    return path.read_bytes()


def parsed_line(line: bytes, source: str) -> Record:
    """The columns of a CSV or JSON line. Raises BadRecordError or ValueError."""
    text = line.decode()
    if source != "orders":
        parsed = json.loads(text, object_pairs_hook=unique_keys)
        if not isinstance(parsed, dict):
            raise BadRecordError(text)
        return parsed
    cells = next(csv.reader([text]))
    if len(cells) != len(COLUMNS["orders"]):
        raise BadRecordError(text)
    return dict(zip(COLUMNS["orders"], cells, strict=True))


def unique_keys(pairs: list[tuple[str, str | None]]) -> Record:
    """The object, if no key stands twice."""
    if len(dict(pairs)) < len(pairs):
        raise BadRecordError(str(pairs))
    return dict(pairs)


def judge(record: Record, source: str, day: date, seen: set[str]) -> None:
    """Return quietly if the record keeps the contract, and remember its id. Raises BadRecordError or ValueError."""
    ids = [text(record, column) for column in COLUMNS[source] if column.endswith("_id")]
    moment = utc(text(record, TIMES[source]))
    breaches = [
        any(not value or any(unicodedata.category(letter)[0] == "C" for letter in value) for value in ids),
        ids[0] in seen,
        moment.date() != day,
        any(text(record, column) not in values for column, values in ALLOWED.items() if column in COLUMNS[source]),
        source == "orders" and not amount_allowed(text(record, "total_amount"), text(record, "status")),
        bool(record.get("resolved_date")) and utc(text(record, "resolved_date")) < moment,
    ]
    if any(breaches):
        raise BadRecordError(str(record))
    seen.add(ids[0])


def amount_allowed(amount: str, status: str) -> bool:
    """Plain decimal notation with two decimals; negative only where it is a refund."""
    return bool(re.fullmatch(r"-?\d{1,16}\.\d\d", amount)) and (not amount.startswith("-") or status == "refunded")


def text(record: Record, column: str) -> str:
    """The column's text. Raises BadRecordError where there is none."""
    value = record.get(column)
    if not isinstance(value, str):
        raise BadRecordError(column)
    return value


def utc(value: str) -> datetime:
    """An ISO 8601 moment with its offset. Raises ValueError."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)
