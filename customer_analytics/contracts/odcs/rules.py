"""Quality rules of the Open Data Contract Standard: a check as a rule of the engine pandera, and back."""

import re

import pandera.pandas as pa
from open_data_contract_standard.model import DataQuality

from customer_analytics.contracts.contract import Check, ContractError
from customer_analytics.contracts.odcs.values import from_plain, to_plain

# The order in which pandera keeps the checks of a field, whatever the order they are written in.
BUILT_IN_CHECKS = (
    *("equal_to", "not_equal_to", "greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to"),
    *("in_range", "isin", "notin", "str_contains", "str_endswith", "str_matches", "str_length", "str_startswith"),
)
_ENGINE = "pandera"


def write_rule(check: Check, where: str) -> DataQuality:
    """A check as a quality rule of the engine pandera."""
    parameters = {name: to_plain(value, f"{where}, check {check.name}") for name, value in check.parameters}
    implementation = {"check": check.name, "parameters": parameters}
    rule = {"type": "custom", "name": check.name, "engine": _ENGINE, "implementation": implementation}
    return DataQuality.model_validate(rule)


def read_rule(rule: DataQuality, where: str) -> list[Check]:
    """The check that a quality rule asks for; none where the rule is only text.

    Raises:
        ContractError: the rule is not one of pandera's.
    """
    if rule.type == "text":
        return []
    content = rule.implementation
    if rule.type == "custom" and rule.engine == _ENGINE and isinstance(content, dict):
        name, parameters = content.get("check"), content.get("parameters", {})
        if isinstance(name, str) and isinstance(parameters, dict) and all(isinstance(key, str) for key in parameters):
            read = {key: from_plain(value, f"{where}, check {name}") for key, value in parameters.items()}
            return [as_pandera_has_it(Check(name, tuple(sorted(read.items()))), where)]
    title = rule.name or rule.metric or rule.rule or rule.engine or rule.type
    message = (
        f"{where}: quality rule {title!r} has no counterpart. Remove it and say it with required, primaryKey, "
        "logicalTypeOptions or validValues (mustBe: 0); shares and counts belong to the source's policy in its YAML."
    )
    raise ContractError(message)


def as_pandera_has_it(check: Check, where: str) -> Check:
    """The check with all its parameters, those left out included; a check that pandera does not know stays as it is.

    Raises:
        ContractError: pandera refuses it.
    """
    if check.name not in (*BUILT_IN_CHECKS, *pa.Check.REGISTERED_CUSTOM_CHECKS):
        return check
    try:
        statistics = getattr(pa.Check, check.name)(**dict(check.parameters)).statistics
    except (TypeError, ValueError, re.error) as error:
        message = f"{where}: check {check.name} cannot be made: {error}."
        raise ContractError(message) from error
    parameters = {name: value for name, value in statistics.items() if value is not None}
    unknown = sorted(set(dict(check.parameters)) - set(parameters))
    if unknown:
        message = f"{where}: check {check.name} has no parameter {', '.join(unknown)}. Remove it."
        raise ContractError(message)
    return Check(check.name, tuple(sorted(parameters.items())))
