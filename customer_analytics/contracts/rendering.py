"""The Python source of a contract: a pandera model like those that people write here.

A contract may come from a stranger's file. Every name must be one that Python and this project allow, and every text
is written as a literal, so that nothing in it becomes code.
"""

import keyword
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandera.pandas as pa

from customer_analytics.contracts.contract import (
    Check,
    Column,
    Contract,
    ContractError,
    decimal_size,
    is_column_name,
    is_source_name,
)
from customer_analytics.contracts.fields import MAX_IDENTIFIER_LENGTH
from customer_analytics.contracts.odcs.values import to_plain

_LINE_LENGTH = 120
_INDENT = "    "
_ANNOTATIONS = {"varchar": "str", "bigint": "int", "boolean": "bool", "timestamp": "pd.DatetimeTZDtype"}
_CONSTRUCTORS = {
    "decimal": "decimal.Decimal",
    "timestamp": "pd.Timestamp",
    "datetime": "datetime.datetime.fromisoformat",
    "date": "datetime.date.fromisoformat",
    "tuple": "tuple",
    "set": "set",
    "frozenset": "frozenset",
}
# As the name of an attribute they would hide what the lines below need, or what pandera's models have.
_TAKEN = {
    *("bool", "datetime", "decimal", "frozenset", "identifier", "int", "pa", "pd", "set", "str", "tuple"),
    *("utc_timestamp", *keyword.kwlist, *dir(pa.DataFrameModel)),
}
_IDENTIFIER_CHECKS = (
    Check("str_length", (("max_value", MAX_IDENTIFIER_LENGTH), ("min_value", 1))),
    Check("visible_characters", (("visible", True),)),
)
# pandera's checks by the argument of a field, with the parameter that the argument may be by itself.
_ARGUMENTS = {
    "equal_to": ("eq", "value"),
    "not_equal_to": ("ne", "value"),
    "greater_than": ("gt", "min_value"),
    "greater_than_or_equal_to": ("ge", "min_value"),
    "less_than": ("lt", "max_value"),
    "less_than_or_equal_to": ("le", "max_value"),
    "in_range": ("in_range", ""),
    "isin": ("isin", "allowed_values"),
    "notin": ("notin", "forbidden_values"),
    "str_contains": ("str_contains", "pattern"),
    "str_endswith": ("str_endswith", "string"),
    "str_length": ("str_length", ""),
    "str_matches": ("str_matches", "pattern"),
    "str_startswith": ("str_startswith", "string"),
}


@dataclass(frozen=True)
class _Group:
    """Code in brackets, which stands on one line where it fits and on several where it does not."""

    opening: str
    items: "Sequence[_Code]"
    closing: str


_Code: TypeAlias = str | _Group


def render_model(contract: Contract, name: str) -> str:
    """The source of ``contracts/<name>.py``; reading its model gives an equal contract.

    Raises:
        ContractError: a name cannot stand in Python, or a check or a value cannot be written.
    """
    if not is_source_name(name) or keyword.iskeyword(name):
        message = f"{name!r} cannot name a module. Choose a name in lower_snake_case that is no keyword of Python."
        raise ContractError(message)
    if not (contract.name.isascii() and contract.name.isidentifier()) or keyword.iskeyword(contract.name):
        message = f"{contract.name!r} cannot name a class. Choose a name like Orders, in ASCII letters."
        raise ContractError(message)
    fields = "\n".join(line for code in _fields(contract) for line in _lines(code, _INDENT))
    settings = "\n".join(line for code in _settings(contract) for line in _lines(code, _INDENT * 2))
    about = "Rules over several columns, and what" if contract.checks else "What"
    return f'''\
"""{name.replace("_", " ").capitalize()}: what the source promises."""

{_imports(contract, fields + settings)}


class {contract.name}(pa.DataFrameModel):
    """One record of {name}."""

{fields}

    class Config:
        """{about} the contract says of itself."""

{settings}
'''


def _imports(contract: Contract, code: str) -> str:
    modules = [f"import {module}" for module in ("datetime", "decimal") if f"{module}." in code]
    has_decimals = any(decimal_size(column.sql_type) for column in contract.columns)
    helpers = [helper for helper in ("identifier", "utc_timestamp") if f" = {helper}(" in code]
    blocks = (
        [*modules, "from typing import ClassVar"],
        [
            *("import pandas as pd", "import pandera.pandas as pa"),
            *(["from pandera.engines.pandas_engine import Decimal"] if has_decimals else []),
        ],
        [f"from customer_analytics.contracts.fields import {', '.join(helpers)}"] if helpers else [],
    )
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _fields(contract: Contract) -> Iterator[_Group]:
    names = set(contract.column_names)
    for column in contract.columns:
        where = f"{contract.name}.{column.name}"
        if not is_column_name(column.name):
            message = f"{where}: no column can have this name. Choose one in lower_snake_case."
            raise ContractError(message)
        attribute = column.name
        while attribute in _TAKEN or (attribute != column.name and attribute in names):
            attribute += "_"
        alias = [] if attribute == column.name else [f"alias={_literal(column.name, where)}"]
        yield _field(column, attribute, alias, is_key=column.name == contract.key, where=where)


def _field(column: Column, attribute: str, alias: list[str], *, is_key: bool, where: str) -> _Group:
    unique, nullable = ["unique=True"] if is_key else [], ["nullable=True"] if column.nullable else []
    description = _literal(column.description, where)
    if column.sql_type == "varchar" and column.checks == _IDENTIFIER_CHECKS and not alias and not nullable:
        return _Group(f"{attribute}: str = identifier(", [description, *unique], ")")
    if column.sql_type == "timestamp" and not (column.checks or alias or unique):
        return _Group(f"{attribute}: pd.DatetimeTZDtype = utc_timestamp(", [description, *nullable], ")")
    decimal = decimal_size(column.sql_type)
    kind = []
    if decimal:
        kind = [_Group("dtype_kwargs={", [f'"precision": {decimal[0]}', f'"scale": {decimal[1]}'], "}")]
    elif column.sql_type == "timestamp":
        kind = [_Group("dtype_kwargs={", ['"unit": "us"', '"tz": "UTC"'], "}")]
    elif column.sql_type not in _ANNOTATIONS:
        message = f"{where}: type {column.sql_type} has no counterpart in pandera."
        raise ContractError(message)
    checks = [_argument(check, where) for check in column.checks]
    words = [f"description={description}"] if column.description else []
    annotation = "Decimal" if decimal else _ANNOTATIONS[column.sql_type]
    items = [*alias, *unique, *nullable, *kind, *checks, *words]
    return _Group(f"{attribute}: {annotation} = pa.Field(", items, ")")


def _argument(check: Check, where: str) -> _Code:
    """A check as an argument of ``pa.Field``."""
    if check.name not in (*_ARGUMENTS, *pa.Check.REGISTERED_CUSTOM_CHECKS):
        raise _unknown(check, where)
    argument, alone = _ARGUMENTS.get(check.name, (check.name, ""))
    parameters = dict(check.parameters)
    if list(parameters) == [alone] and isinstance(parameters[alone], list):
        values = [_literal(value, where) for value in parameters[alone]]
        return _Group(f"{argument}=[", values, "]")
    # pandera would take a tuple apart.
    if list(parameters) == [alone] and not isinstance(parameters[alone], tuple):
        return f"{argument}={_literal(parameters[alone], where)}"
    shown = {name: value for name, value in parameters.items() if not name.startswith("include_") or value is not True}
    return _Group(f"{argument}={{", _entries(shown, where), "}")


def _settings(contract: Contract) -> Iterator[_Code]:
    yield "strict = True"
    about = {"event_time": contract.event_time, "version": contract.version}
    yield _Group("metadata: ClassVar = {", _entries(about, contract.name), "}")
    for check in contract.checks:
        if check.name not in pa.Check.REGISTERED_CUSTOM_CHECKS:
            raise _unknown(check, contract.name)
        yield _Group(f"{check.name}: ClassVar = {{", _entries(dict(check.parameters), contract.name), "}")


def _entries(parameters: dict[str, Any], where: str) -> list[str]:
    """The inside of a dictionary; the smaller end of a range comes first."""
    return [
        f"{_literal(name, where)}: {_literal(value, where)}" for name, value in sorted(parameters.items(), reverse=True)
    ]


def _literal(value: Any, where: str) -> str:
    return _written(to_plain(value, where), where)


def _written(plain: Any, where: str) -> str:
    if isinstance(plain, dict):
        [(name, content)] = plain.items()
        return f"{_CONSTRUCTORS[name]}({_written(content, where)})"
    if isinstance(plain, list):
        return f"[{', '.join(_written(each, where) for each in plain)}]"
    if isinstance(plain, float) and not math.isfinite(plain):
        message = f"{where}: {plain!r} bounds nothing. Remove the check."
        raise ContractError(message)
    if isinstance(plain, str) and '"' not in plain:
        # repr() escapes all that cannot be seen; beside an apostrophe it chooses double quotes.
        return '"' + repr("'" + plain)[2:]
    return repr(plain)


def _lines(code: _Code, indent: str, tail: str = "") -> list[str]:
    flat = indent + _flat(code) + tail
    if isinstance(code, str) or not code.items or len(flat) <= _LINE_LENGTH:
        return [flat]
    inside = [line for item in code.items for line in _lines(item, indent + _INDENT, ",")]
    return [indent + code.opening, *inside, indent + code.closing + tail]


def _flat(code: _Code) -> str:
    return code if isinstance(code, str) else code.opening + ", ".join(map(_flat, code.items)) + code.closing


def _unknown(check: Check, where: str) -> ContractError:
    return ContractError(
        f"{where}: check {check.name!r} cannot be written into a model. Use one of pandera's built-in checks for a "
        "column, or register it in contracts/checks.py."
    )
