"""A contract as the other rooms see it: read from a pandera model, which stays the one declaration."""

import hashlib
import importlib
import re
from dataclasses import dataclass
from typing import Any

import pandera.pandas as pa
from pandera import dtypes
from pandera.api.pandas.components import Column as PanderaColumn
from pandera.dtypes import DataType

_SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DELIVERY_DAY = "delivery_day"
_SEMANTIC_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


class ContractError(ValueError):
    """A contract cannot be used; the message names the model, the column and the remedy."""


@dataclass(frozen=True)
class Check:
    """One check of a column or of the whole record: pandera's name and parameters."""

    name: str
    parameters: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Column:
    """One promised column; ``sql_type`` is its type in DuckDB."""

    name: str
    sql_type: str
    nullable: bool
    description: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Contract:
    """What a source promises: its columns, the key that is its grain, and the time at which a record happened."""

    name: str
    version: str
    key: str
    event_time: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in the order of the declaration."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        return {column.name: column for column in self.columns}[name]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over everything that is promised; it changes when the contract does."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def is_semantic_version(text: str) -> bool:
    """Whether the text is a version like 1.0.0."""
    return bool(_SEMANTIC_VERSION.fullmatch(text))


def is_source_name(text: str) -> bool:
    """Whether a source may have this name."""
    return bool(_SOURCE_NAME.fullmatch(text))


def is_column_name(text: str) -> bool:
    """Whether a published table may have a column of this name."""
    return bool(_COLUMN_NAME.fullmatch(text)) and text != _DELIVERY_DAY


def decimal_size(sql_type: str) -> tuple[int, int] | None:
    """Precision and scale of a decimal type; None for any other type."""
    decimal = _DECIMAL.fullmatch(sql_type)
    return (int(decimal[1]), int(decimal[2])) if decimal else None


def load_contract(path: str) -> Contract:
    """Import and read the pandera model at the dotted path, e.g. ``customer_analytics.contracts.orders.Orders``.

    Raises:
        ContractError: there is no such model, or it promises what cannot be judged.
    """
    module_name, _, class_name = path.rpartition(".")
    try:
        model = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        message = f"No contract at {path!r}: {error}. Write the dotted path of a pandera DataFrameModel."
        raise ContractError(message) from error
    if not (isinstance(model, type) and issubclass(model, pa.DataFrameModel)):
        message = f"{path} is not a pandera DataFrameModel."
        raise ContractError(message)
    return read_model(model)


def read_model(model: type[pa.DataFrameModel]) -> Contract:
    """Read a pandera model.

    Raises:
        ContractError: the model lacks a key, a version or an event time, or has a type that cannot be judged.
    """
    schema = model.to_schema()
    about = model.Config.metadata or {}
    keys = [name for name, column in schema.columns.items() if column.unique]
    if len(keys) != 1:
        message = f"{model.__name__}: exactly one column must be unique, it is the key; found {keys or 'none'}."
        raise ContractError(message)
    for setting in ("version", "event_time"):
        if setting not in about:
            message = f'{model.__name__}: add "{setting}" to Config.metadata.'
            raise ContractError(message)
    if not is_semantic_version(str(about["version"])):
        message = f"{model.__name__}: version {about['version']!r} is not a semantic version like 1.0.0."
        raise ContractError(message)
    contract = Contract(
        name=model.__name__,
        version=about["version"],
        key=keys[0],
        event_time=about["event_time"],
        columns=tuple(_column(model.__name__, column) for column in schema.columns.values()),
        checks=tuple(_check(check) for check in schema.checks),
    )
    wrong = [column for column in contract.column_names if not is_column_name(column)]
    if wrong:
        message = (
            f"{model.__name__}: column names are lower_snake_case, begin with a letter, have at most 63 characters and "
            f"are not {_DELIVERY_DAY}, which stands in every table already; unlike {wrong}."
        )
        raise ContractError(message)
    if schema.unique:
        message = f"{model.__name__}: unique over several columns cannot be judged. Mark one column."
        raise ContractError(message)
    types = {column.name: column.sql_type for column in contract.columns}
    if types.get(contract.event_time) != "timestamp":
        message = f"{model.__name__}: event_time names {contract.event_time!r}, which is not a timestamp column."
        raise ContractError(message)
    return contract


def _column(model: str, column: PanderaColumn) -> Column:
    return Column(
        name=str(column.name),
        sql_type=_sql_type(model, str(column.name), column.dtype),
        nullable=column.nullable,
        description=column.description or "",
        checks=tuple(_check(check) for check in column.checks),
    )


def _check(check: pa.Check) -> Check:
    parameters = {
        # In a set's own order the contract would have another fingerprint in every process.
        name: sorted(value) if isinstance(value, set | frozenset) else value
        for name, value in (check.statistics or {}).items()
        if value is not None
    }
    return Check(name=str(check.name), parameters=tuple(sorted(parameters.items())))


def _sql_type(model: str, column: str, dtype: DataType) -> str:
    if dtypes.is_string(dtype):
        return "varchar"
    if dtypes.is_datetime(dtype) and str(getattr(dtype, "tz", None) or "UTC") == "UTC":
        return "timestamp"
    if isinstance(dtype, dtypes.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    if dtypes.is_int(dtype) and getattr(dtype, "bit_width", None) == 64 and getattr(dtype, "signed", False):
        return "bigint"
    if dtypes.is_bool(dtype):
        return "boolean"
    message = f"{model}.{column}: type {dtype} cannot be judged. Use str, int64, bool, a Decimal or a UTC timestamp."
    raise ContractError(message)
