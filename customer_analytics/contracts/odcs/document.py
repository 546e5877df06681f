"""Contracts as files that other tools read and write: the Open Data Contract Standard (ODCS), version 3.

What the standard has no field for stands in customProperties of the schema object: ``eventTime`` names the column that
says when a record happened, ``model`` the contract's name.
"""

import re
from typing import Any

import yaml  # type: ignore[import-untyped]
from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty
from pydantic import ValidationError

from customer_analytics.contracts.contract import (
    Column,
    Contract,
    ContractError,
    is_column_name,
    is_semantic_version,
    is_source_name,
)
from customer_analytics.contracts.odcs.checks import read_checks, write_checks
from customer_analytics.contracts.odcs.rules import read_rule, write_rule

# The oldest version that has all that is used here, so that most tools read it.
_API_VERSION = "v3.1.0"
_LOGICAL_TYPES = {"varchar": "string", "bigint": "integer", "boolean": "boolean", "timestamp": "timestamp"}
_SQL_TYPES = {logical: sql for sql, logical in _LOGICAL_TYPES.items()}
_DECIMAL = re.compile(r"(?:decimal|numeric|number)\s*\(\s*(\d{1,2})\s*(?:,\s*(\d{1,2})\s*)?\)", re.IGNORECASE)
_MAX_PRECISION = 38
_LINE_BREAKS = {"\x85", "\u2028", "\u2029"}


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Plain values only, each written out: a few nested aliases would unfold into more than fits into memory."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            message = f"alias *{self.peek_event().anchor}; write out what it stands for"
            raise yaml.YAMLError(message)
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Every text exactly: outside of double quotes, YAML reads a Unicode line break as another one."""

    def represent_str(self, data: str) -> Any:
        style = '"' if _LINE_BREAKS & set(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(str, _Dumper.represent_str)


def export_contract(contract: Contract, name: str) -> str:
    """The contract of the source ``name`` as an ODCS document in YAML; ``import_contract`` gives back both.

    Raises:
        ContractError: it has something that cannot be said exactly.
    """
    document = OpenDataContractStandard(
        version=contract.version,
        kind="DataContract",
        apiVersion=_API_VERSION,
        id=name,
        name=name,
        status="active",
        schema=[
            SchemaObject(
                name=name,
                logicalType="object",
                physicalType="table",
                customProperties=[
                    CustomProperty(property="eventTime", value=contract.event_time),
                    CustomProperty(property="model", value=contract.name),
                ],
                properties=[_property(column, contract.key) for column in contract.columns],
                quality=[write_rule(check, contract.name) for check in contract.checks] or None,
            )
        ],
    )
    plain = document.model_dump(exclude_none=True, by_alias=True)
    text = str(yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True))
    # What is recorded must be readable for as long as its days are; so it is read before anyone relies on it.
    if import_contract(text) != (name, contract):
        message = f"{contract.name}: it would come back otherwise from ODCS. Read it from a pandera model."
        raise ContractError(message)
    return text


def import_contract(text: str) -> tuple[str, Contract]:
    """The name of the source and its contract, from an ODCS document in YAML; nothing in it is executed.

    What only describes (owners, tags, servers, prices, texts) is left out.

    Raises:
        ContractError: it is no such document, or promises what has no counterpart here; the message says what to do.
    """
    document = _parse(text)
    if not re.fullmatch(r"v3\.\d+\.\d+", document.apiVersion or ""):
        message = (
            f"apiVersion {document.apiVersion!r} cannot be read. Write it in version 3 of ODCS, e.g. {_API_VERSION}."
        )
        raise ContractError(message)
    if len(document.schema_ or []) != 1:
        message = f"A contract has exactly one schema object, not {len(document.schema_ or [])}. Split the file."
        raise ContractError(message)
    [table] = document.schema_ or []
    name = _snake_case(table.name or "")
    where = f"schema {name}"
    if not is_semantic_version(document.version or ""):
        message = f"version {document.version!r} is not a semantic version. Write one like 1.0.0."
        raise ContractError(message)
    custom = {
        each.property: each.value for each in [*(document.customProperties or []), *(table.customProperties or [])]
    }
    columns = tuple(_column(found, f"{where}, property {found.name}") for found in table.properties or [])
    contract = Contract(
        name=_model_name(custom.get("model", "".join(word.capitalize() for word in name.split("_"))), where),
        version=document.version or "",
        key=_key(table.properties or [], where),
        event_time=_event_time(custom.get("eventTime"), columns, where),
        columns=columns,
        checks=tuple(check for rule in table.quality or [] for check in read_rule(rule, where)),
    )
    if len(set(contract.column_names)) < len(columns):
        message = f"{where}: two properties have the same name. Rename one."
        raise ContractError(message)
    return name, contract


def _parse(text: str) -> OpenDataContractStandard:
    try:
        return OpenDataContractStandard.model_validate(yaml.load(text, _Loader))  # noqa: S506 - it is a SafeLoader
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        message = f"This is not an ODCS document: {faults}."
        raise ContractError(message) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        message = f"This is not YAML: {error}."
        raise ContractError(message) from error


def _property(column: Column, key: str) -> SchemaProperty:
    options, rules = write_checks(column)
    is_key = column.name == key
    return SchemaProperty(
        name=column.name,
        description=column.description or None,
        logicalType=_LOGICAL_TYPES.get(column.sql_type, "number"),
        physicalType=column.sql_type,
        logicalTypeOptions=options or None,
        required=not column.nullable,
        unique=True if is_key else None,
        primaryKey=True if is_key else None,
        primaryKeyPosition=1 if is_key else None,
        quality=rules or None,
    )


def _column(found: SchemaProperty, where: str) -> Column:
    if not is_column_name(found.name or ""):
        message = f"{where}: no column can have this name. Write lower_snake_case, and not delivery_day."
        raise ContractError(message)
    if found.unique and not found.primaryKey:
        message = f"{where}: only the primary key can be unique. Remove unique, or mark primaryKey instead."
        raise ContractError(message)
    sql_type = _sql_type(found, where)
    return Column(
        name=found.name or "",
        sql_type=sql_type,
        nullable=not (found.primaryKey if found.required is None else found.required),
        description=found.description or "",
        checks=read_checks(found, sql_type, where),
    )


def _sql_type(found: SchemaProperty, where: str) -> str:
    if found.logicalType in _SQL_TYPES:
        return _SQL_TYPES[found.logicalType]
    sized = _DECIMAL.fullmatch(found.physicalType or "")
    if found.logicalType == "number" and sized and int(sized[2] or 0) <= int(sized[1]) <= _MAX_PRECISION:
        return f"decimal({int(sized[1])},{int(sized[2] or 0)})"
    message = (
        f"{where}: logicalType {found.logicalType!r} with physicalType {found.physicalType!r} has no counterpart. "
        f"Use {', '.join(_SQL_TYPES)}, or number with a physicalType like decimal(18,2)."
    )
    raise ContractError(message)


def _key(properties: list[SchemaProperty], where: str) -> str:
    keys = [found.name or "" for found in properties if found.primaryKey]
    if len(keys) != 1:
        message = f"{where}: exactly one property must have primaryKey: true; found {', '.join(keys) or 'none'}."
        raise ContractError(message)
    return keys[0]


def _event_time(named: Any, columns: tuple[Column, ...], where: str) -> str:
    times = [column.name for column in columns if column.sql_type == "timestamp"]
    if not isinstance(named, str) or named not in times:
        message = (
            f"{where}: which column says when a record happened? Add to the schema's customProperties the property "
            f"eventTime with the name of a timestamp column as its value (there are: {', '.join(times) or 'none'})."
        )
        raise ContractError(message)
    return named


def _model_name(name: Any, where: str) -> str:
    if not isinstance(name, str) or not name.isidentifier():
        message = f"{where}: customProperty model is {name!r}. Write a name that a Python class can have, e.g. Orders."
        raise ContractError(message)
    return name


def _snake_case(text: str) -> str:
    """The name of a source, from words in any spelling."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9_]+", "_", text).strip("_").lower()
    name = text if is_source_name(text) else words
    if not is_source_name(name):
        message = f"schema {text!r}: no source can be made of this name. Write lower_snake_case, e.g. orders."
        raise ContractError(message)
    return name
