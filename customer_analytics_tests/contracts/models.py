"""Contracts that tests put together column by column."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.engines.pandas_engine import Decimal

from customer_analytics.contracts.contract import Contract, read_model
from customer_analytics.contracts.fields import identifier, utc_timestamp

PromisedColumn = tuple[Any, Any]

KEY: PromisedColumn = (str, identifier("The key", unique=True))
TIME: PromisedColumn = (pd.DatetimeTZDtype, utc_timestamp("When"))


def text(**field: Any) -> PromisedColumn:
    return str, pa.Field(**field)


def whole(**field: Any) -> PromisedColumn:
    return int, pa.Field(**field)


def truth(**field: Any) -> PromisedColumn:
    return bool, pa.Field(**field)


def time(**field: Any) -> PromisedColumn:
    return pd.DatetimeTZDtype, pa.Field(dtype_kwargs={"unit": "us", "tz": "UTC"}, **field)


def amount(precision: int = 18, scale: int = 2, **field: Any) -> PromisedColumn:
    return Decimal, pa.Field(dtype_kwargs={"precision": precision, "scale": scale}, **field)


def promise(
    columns: dict[str, PromisedColumn] | None = None,
    *,
    name: str = "Things",
    version: str = "1.0.0",
    event_time: str = "made_at",
    rules: dict[str, dict[str, Any]] | None = None,
) -> Contract:
    """A contract with these columns after a key and a time; ``rules`` are its checks of the whole record."""
    fields = {"thing_id": KEY, "made_at": TIME} | (columns or {})
    config = type("Config", (), {"metadata": {"version": version, "event_time": event_time}} | (rules or {}))
    annotations = {column: kind for column, (kind, _) in fields.items()}
    body = {column: field for column, (_, field) in fields.items()}
    model = type(name, (pa.DataFrameModel,), body | {"__annotations__": annotations, "Config": config})
    return read_model(model)
