"""How each pandera check is said in SQL: a condition that holds for good values, and a message for the others.

A check that is not listed here is refused when its contract is compiled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from customer_analytics.contracts.contract import Check, ContractError
from customer_analytics.quality.sql import is_one_of, literal, name


@dataclass(frozen=True)
class Condition:
    """A SQL condition that holds for good values (null counts as good), and what to say where it does not."""

    sql: str
    message: str


Translation = Callable[[str, Mapping[str, Any]], Condition]


def translate(check: Check, column: str | None) -> Condition:
    """The condition of a check of one column, or of the whole record where ``column`` is None.

    Raises:
        ContractError: the check has no SQL translation.
    """
    translation = (_OF_COLUMNS if column else _OF_RECORDS).get(check.name)
    if translation is None:
        where = f"of column {column!r}" if column else "of the record"
        message = (
            f"Check {check.name!r} {where} has no SQL translation, so it cannot be judged. "
            "Use one of pandera's built-in checks, or add a translation in quality/translations.py."
        )
        raise ContractError(message)
    return translation(name(column) if column else "", dict(check.parameters))


def _comparison(operator: str, parameter: str, words: str) -> Translation:
    def condition(column: str, parameters: Mapping[str, Any]) -> Condition:
        value = parameters[parameter]
        return Condition(f"{column} {operator} {literal(value)}", f"must be {words} {value}")

    return condition


def _in_range(column: str, parameters: Mapping[str, Any]) -> Condition:
    low, high = parameters["min_value"], parameters["max_value"]
    above = ">=" if parameters.get("include_min", True) else ">"
    below = "<=" if parameters.get("include_max", True) else "<"
    return Condition(
        f"{column} {above} {literal(low)} and {column} {below} {literal(high)}",
        f"must be {above} {low} and {below} {high}",
    )


def _isin(column: str, parameters: Mapping[str, Any]) -> Condition:
    allowed = list(parameters["allowed_values"])
    if not allowed:
        message = f"isin of {column} names no value, so that no record could be good. Name those that are allowed."
        raise ContractError(message)
    return Condition(is_one_of(column, allowed), f"must be one of {', '.join(map(str, allowed))}")


def _notin(column: str, parameters: Mapping[str, Any]) -> Condition:
    forbidden = list(parameters["forbidden_values"])
    return Condition(f"not {is_one_of(column, forbidden)}", f"must not be one of {', '.join(map(str, forbidden))}")


def _str_length(column: str, parameters: Mapping[str, Any]) -> Condition:
    exact = parameters.get("exact_value")
    low, high = parameters.get("min_value", exact or 0), parameters.get("max_value", exact)
    if high is None:
        return Condition(f"length({column}) >= {literal(low)}", f"must have at least {low} characters")
    within = f"length({column}) between {literal(low)} and {literal(high)}"
    return Condition(within, f"must have {low} to {high} characters")


def _str_matches(column: str, parameters: Mapping[str, Any]) -> Condition:
    pattern = str(parameters["pattern"])
    return Condition(f"regexp_matches({column}, {literal(f'^(?:{pattern})')})", f"must match {pattern}")


def _str_contains(column: str, parameters: Mapping[str, Any]) -> Condition:
    pattern = str(parameters["pattern"])
    return Condition(f"regexp_matches({column}, {literal(pattern)})", f"must contain {pattern}")


def _str_startswith(column: str, parameters: Mapping[str, Any]) -> Condition:
    text = parameters["string"]
    return Condition(f"starts_with({column}, {literal(text)})", f"must start with {text}")


def _str_endswith(column: str, parameters: Mapping[str, Any]) -> Condition:
    text = parameters["string"]
    return Condition(f"ends_with({column}, {literal(text)})", f"must end with {text}")


def _visible_characters(column: str, parameters: Mapping[str, Any]) -> Condition:
    invisible = rf"regexp_matches({column}, '[\p{{Cc}}\p{{Cf}}\p{{Zl}}\p{{Zp}}]')"
    condition = f"not {invisible}" if parameters["visible"] else invisible
    return Condition(condition, "must not have control, zero-width, direction or line-separating characters")


def _negative_only_where(_: str, parameters: Mapping[str, Any]) -> Condition:
    column, status, allowed = parameters["column"], parameters["status"], parameters["allowed"]
    return Condition(
        f"{name(column)} >= 0 or {is_one_of(name(status), allowed)}",
        f"{column} may be below zero only where {status} is {' or '.join(allowed)}",
    )


def _not_before(_: str, parameters: Mapping[str, Any]) -> Condition:
    column, earlier = parameters["column"], parameters["earlier"]
    return Condition(f"{name(column)} >= {name(earlier)}", f"{column} must not be before {earlier}")


_OF_COLUMNS: Mapping[str, Translation] = {
    "equal_to": _comparison("=", "value", "equal to"),
    "not_equal_to": _comparison("<>", "value", "other than"),
    "greater_than": _comparison(">", "min_value", "above"),
    "greater_than_or_equal_to": _comparison(">=", "min_value", "at least"),
    "less_than": _comparison("<", "max_value", "below"),
    "less_than_or_equal_to": _comparison("<=", "max_value", "at most"),
    "in_range": _in_range,
    "isin": _isin,
    "notin": _notin,
    "str_length": _str_length,
    "str_matches": _str_matches,
    "str_contains": _str_contains,
    "str_startswith": _str_startswith,
    "str_endswith": _str_endswith,
    "visible_characters": _visible_characters,
}

_OF_RECORDS: Mapping[str, Translation] = {
    "negative_only_where": _negative_only_where,
    "not_before": _not_before,
}
