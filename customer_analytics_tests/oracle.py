"""pandera's verdict on text records, the long way round: cells are parsed in plain Python, then the model validates.

Nothing here is shared with the judge but the contract: the strict grammar of cells (documented in ``quality/types.py``)
and the rule of uniqueness are written a second time.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.engines import pandas_engine
from pandera.errors import SchemaErrors

Cells = Mapping[str, str | None]

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d):?(\d\d)?)?)?)?",
    re.ASCII,
)
_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?", re.ASCII)


class UntypableError(ValueError):
    """The text is not of the promised type."""


def bad_records(
    model: type[pa.DataFrameModel], records: Sequence[Cells], day: date, *, earliest_days: int, latest_days: int
) -> set[int]:
    """The positions of the records that the contract refuses, delivered on one day."""
    schema = model.to_schema()
    [key] = [name for name, column in schema.columns.items() if column.unique]
    event_time = str((model.Config.metadata or {})["event_time"])
    typed: dict[int, dict[str, Any]] = {}
    for position, record in enumerate(records):
        try:
            typed[position] = {name: _typed(record.get(name), column.dtype) for name, column in schema.columns.items()}
        except UntypableError:
            continue
    refused = _refused(schema.update_column(key, unique=False), typed)
    good: dict[int, dict[str, Any]] = {}
    for position, row in typed.items():
        happened = row[event_time]
        in_window = happened is not None and timedelta(-earliest_days) <= happened.date() - day <= timedelta(
            latest_days
        )
        if position not in refused and in_window and row[key] not in {kept[key] for kept in good.values()}:
            good[position] = row
    assert _refused(schema, good) == set(), "what is kept must satisfy the whole contract"
    return set(range(len(records))) - set(good)


def _refused(schema: pa.DataFrameSchema, rows: Mapping[int, Mapping[str, Any]]) -> set[int]:
    positions = list(rows)
    frame = pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows.values()], dtype=_storage(column.dtype))
            for name, column in schema.columns.items()
        }
    )
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        failures = error.failure_cases
        assert failures["index"].notna().all(), f"the oracle built a wrong frame: {failures}"
        return {positions[index] for index in failures["index"].astype(int)}
    return set()


def _storage(dtype: Any) -> Any:
    return object if isinstance(dtype, pandas_engine.Decimal) else dtype.type


def _typed(text: str | None, dtype: Any) -> Any:
    if text is not None and any(unicodedata.category(character) == "Cs" for character in text):
        raise UntypableError(text)
    text = None if text is None else text.strip(" \t")
    if text is None or text in ("", "NULL", "null"):
        return None
    if isinstance(dtype, pandas_engine.Decimal):
        return _decimal(text, dtype.precision, dtype.scale)
    if isinstance(dtype, pandas_engine.DateTime):
        return _time(text)
    if "\0" in text:
        raise UntypableError(text)
    return text


def _decimal(text: str, precision: int, scale: int) -> Decimal:
    match = _NUMBER.fullmatch(text)
    if not match or len(match[1]) > precision - scale or len((match[2] or "").rstrip("0")) > scale:
        raise UntypableError(text)
    return Decimal(text).quantize(Decimal(1).scaleb(-scale))


def _time(text: str) -> datetime:
    match = _TIME.fullmatch(text)
    if not match or not 1900 <= int(match[1]) < 2200:
        raise UntypableError(text)
    if (match[7] or "")[6:].strip("0"):
        raise UntypableError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    sign, hours, minutes = match[9], int(match[10] or 0), int(match[11] or 0)
    if hours > 14 or minutes > 59:
        raise UntypableError(text)
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1)
    microsecond = int((match[7] or "").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, microsecond, timezone(offset)).astimezone(UTC)
    except ValueError as error:
        raise UntypableError(text) from error
