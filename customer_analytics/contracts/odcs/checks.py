"""A column's checks in the Open Data Contract Standard: in its own fields where these say exactly the same.

All other checks stand as quality rules of the engine pandera. What the standard's fields mean here:

- ``minimum`` with ``maximum`` is one range; alone, each is one bound.
- ``pattern`` is searched for anywhere in the text; written as ``^(?:...)`` it must match from the start.
- ``enum``, or the library's metric ``invalidValues`` with ``validValues`` and ``mustBe: 0``, is what is allowed.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
from open_data_contract_standard.model import DataQuality, SchemaProperty

from customer_analytics.contracts.contract import Check, Column, ContractError
from customer_analytics.contracts.odcs.rules import (
    BUILT_IN_CHECKS,
    as_pandera_has_it,
    read_rule,
    write_rule,
)

_ALLOWED = "validValues"
_BOUNDS = {
    "minimum": ("greater_than_or_equal_to", "min_value"),
    "exclusiveMinimum": ("greater_than", "min_value"),
    "maximum": ("less_than_or_equal_to", "max_value"),
    "exclusiveMaximum": ("less_than", "max_value"),
}
_ENDS = {"min_value": ("minimum", "exclusiveMinimum"), "max_value": ("maximum", "exclusiveMaximum")}
_FROM_START = re.compile(r"\^\(\?:(.*)\)", re.DOTALL)
_PLAIN_TYPES: Mapping[str, type] = {"varchar": str, "bigint": int, "boolean": bool}
# They say how a value is written, which is the reader's business here.
_WORDS_ONLY = {"format", "timezone"}


def write_checks(column: Column) -> tuple[dict[str, Any], list[DataQuality]]:
    """The column's ``logicalTypeOptions`` and its quality rules.

    Raises:
        ContractError: a check has a parameter that YAML cannot say exactly.
    """
    fields: dict[str, Any] = {}
    said: list[Check] = []
    rules: list[DataQuality] = []
    for check in column.checks:
        more = fields | _standard_fields(check, column.sql_type)
        if _read_back(more, column) == sorted(map(repr, [*said, check])):
            fields, said = more, [*said, check]
        else:
            rules.append(write_rule(check, column.name))
    allowed = fields.pop(_ALLOWED, None)
    if allowed is not None:
        rule = {"type": "library", "metric": "invalidValues", "arguments": {_ALLOWED: allowed}, "mustBe": 0}
        rules.insert(0, DataQuality.model_validate(rule))
    return fields, rules


def read_checks(found: SchemaProperty, sql_type: str, where: str) -> tuple[Check, ...]:
    """The checks that a property asks for.

    Raises:
        ContractError: it asks for something that has no counterpart; the message says what to do.
    """
    fields = {name: value for name, value in (found.logicalTypeOptions or {}).items() if name not in _WORDS_ONLY}
    if str(fields.pop("defaultTimezone", "UTC")) not in ("UTC", "Etc/UTC"):
        message = f"{where}: defaultTimezone has no counterpart here. Remove it, and say it in the source's policy."
        raise ContractError(message)
    if found.enum:
        fields[_ALLOWED] = [each.value for each in found.enum]
    checks = []
    for rule in found.quality or []:
        if rule.metric == "invalidValues" and rule.mustBe == 0 and set(rule.arguments or ()) == {_ALLOWED}:
            if fields.setdefault(_ALLOWED, (rule.arguments or {})[_ALLOWED]) != (rule.arguments or {})[_ALLOWED]:
                message = f"{where}: enum and validValues name different values. Keep one of them."
                raise ContractError(message)
        else:
            checks += read_rule(rule, where)
    return tuple(sorted([*_read_fields(fields, sql_type, where), *checks], key=_rank))


def _standard_fields(check: Check, sql_type: str) -> dict[str, Any]:
    """The standard's fields that come closest to a check; whether they are exact shows when they are read back."""
    parameters = dict(check.parameters)
    if check.name == "isin":
        allowed = parameters["allowed_values"]
        plain = [_plain(value, sql_type) for value in allowed] if isinstance(allowed, list) else [None]
        return {} if None in plain else {_ALLOWED: plain}
    if sql_type == "varchar":
        return _text_fields(check.name, parameters)
    if check.name == "in_range":
        ends = {_ENDS[end][not parameters.get(f"include_{end[:3]}", True)]: parameters[end] for end in _ENDS}
    else:
        ends = {field: parameters[end] for field, (name, end) in _BOUNDS.items() if name == check.name}
    fields = {field: _plain(value, sql_type) for field, value in ends.items()}
    return {} if None in fields.values() else fields


def _text_fields(check: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if check == "str_length":
        exact = parameters.get("exact_value")
        ends = {"minLength": parameters.get("min_value", exact), "maxLength": parameters.get("max_value", exact)}
        return {field: value for field, value in ends.items() if value is not None}
    if check == "str_contains" and isinstance(parameters["pattern"], str):
        return {"pattern": parameters["pattern"]}
    if check == "str_matches" and isinstance(parameters["pattern"], str):
        return {"pattern": f"^(?:{parameters['pattern']})"}
    return {}


def _read_fields(fields: Mapping[str, Any], sql_type: str, where: str) -> list[Check]:
    """The checks that the standard's fields ask for, each field understood or refused."""
    left = dict(fields)
    checks = []
    if _ALLOWED in left:
        allowed = left.pop(_ALLOWED)
        if not isinstance(allowed, list):
            message = f"{where}: {_ALLOWED} must be a list of values, unlike {allowed!r}."
            raise ContractError(message)
        checks.append(Check("isin", (("allowed_values", [_value(each, sql_type, where) for each in allowed]),)))
    if sql_type == "varchar":
        shortest, longest = left.pop("minLength", None), left.pop("maxLength", None)
        if not all(end is None or type(end) is int for end in (shortest, longest)):
            message = f"{where}: minLength and maxLength are whole numbers, unlike {shortest!r} and {longest!r}."
            raise ContractError(message)
        if shortest is not None and shortest == longest:
            checks.append(Check("str_length", (("exact_value", shortest),)))
        elif shortest is not None or longest is not None:
            ends = (("max_value", longest), ("min_value", shortest))
            checks.append(Check("str_length", tuple((name, value) for name, value in ends if value is not None)))
        if "pattern" in left:
            checks.append(_pattern(left.pop("pattern"), where))
    else:
        bounds = {field: _value(left.pop(field), sql_type, where) for field in _BOUNDS if field in left}
        checks += _bounds(bounds)
    if left:
        message = f"{where}: {', '.join(sorted(left))} has no counterpart for {sql_type}. Remove it, or add a check."
        raise ContractError(message)
    return [as_pandera_has_it(check, where) for check in checks]


def _bounds(fields: Mapping[str, Any]) -> list[Check]:
    lower, upper = ([field for field in _ENDS[end] if field in fields] for end in _ENDS)
    if len(lower) == len(upper) == 1:
        parameters = {
            "include_max": upper == ["maximum"],
            "include_min": lower == ["minimum"],
            "max_value": fields[upper[0]],
            "min_value": fields[lower[0]],
        }
        return [Check("in_range", tuple(parameters.items()))]
    return [Check(_BOUNDS[field][0], ((_BOUNDS[field][1], value),)) for field, value in fields.items()]


def _pattern(pattern: Any, where: str) -> Check:
    if not isinstance(pattern, str):
        message = f"{where}: pattern must be a text, unlike {pattern!r}. Put it in quotes."
        raise ContractError(message)
    anchored = _FROM_START.fullmatch(pattern)
    if anchored and _is_regular(anchored[1]):
        return Check("str_matches", (("pattern", anchored[1]),))
    return Check("str_contains", (("pattern", pattern),))


def _is_regular(pattern: str) -> bool:
    """Whether it is a regular expression by itself, so that the group around it is really one."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _plain(value: Any, sql_type: str) -> Any:
    """A value as the standard's fields have it; None where its type is not the column's own."""
    kind = type(value)
    if sql_type.startswith("decimal"):
        return float(value) if kind is Decimal else value if kind is int else None
    if sql_type == "timestamp":
        return value.isoformat() if kind is pd.Timestamp else None
    return value if kind is _PLAIN_TYPES[sql_type] else None


def _value(plain: Any, sql_type: str, where: str) -> Any:
    """A value of the standard's fields as the column has it."""
    try:
        if sql_type.startswith("decimal") and type(plain) in (int, float):
            return plain if type(plain) is int else Decimal(repr(plain))
        if sql_type == "timestamp" and isinstance(plain, str | date):
            moment = pd.Timestamp(plain)
            return moment.tz_convert("UTC") if moment.tzinfo else moment.tz_localize("UTC")
        if type(plain) is _PLAIN_TYPES.get(sql_type):
            return plain
    except ValueError as error:
        message = f"{where}: {plain!r} cannot be read as {sql_type}: {error}."
        raise ContractError(message) from error
    message = (
        f"{where}: {plain!r} ({type(plain).__name__}) is no value of {sql_type}. Write one; text stands in quotes."
    )
    raise ContractError(message)


def _read_back(fields: Mapping[str, Any], column: Column) -> list[str]:
    """The checks that would be read, in any order, the types of their parameters included; none where it would fail."""
    try:
        return sorted(map(repr, _read_fields(fields, column.sql_type, column.name)))
    except ContractError:  # e.g. two bounds that would make an empty range
        return []


def _rank(check: Check) -> int:
    return BUILT_IN_CHECKS.index(check.name) if check.name in BUILT_IN_CHECKS else len(BUILT_IN_CHECKS)
