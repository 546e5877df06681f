"""Whether a check lets through at least what another check did: what a change of checks means for a record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from customer_analytics.contracts.contract import Check

# Kinds of demands on a value or its length.
_LOWER, _UPPER = "lower bound", "upper bound"
_SHORTEST, _LONGEST = "lower bound of the length", "upper bound of the length"

_BOUNDS = {
    "greater_than": (_LOWER, "min_value", False),
    "greater_than_or_equal_to": (_LOWER, "min_value", True),
    "less_than": (_UPPER, "max_value", False),
    "less_than_or_equal_to": (_UPPER, "max_value", True),
}


@dataclass(frozen=True)
class Demand:
    """One thing that a check asks of a value; ``kind`` says how ``value`` is meant and compared."""

    kind: str
    value: Any
    inclusive: bool = True


def demands_of(check: Check) -> list[Demand]:
    """What a check asks, in parts that can be compared one by one; a range has two ends."""
    parameters = dict(check.parameters)
    match check.name:
        case "in_range":
            ends = ((_LOWER, "min"), (_UPPER, "max"))
            demands = [
                Demand(kind, parameters[f"{end}_value"], parameters.get(f"include_{end}", True)) for kind, end in ends
            ]
        case "str_length":
            exact = parameters.get("exact_value")
            shortest, longest = parameters.get("min_value", exact) or None, parameters.get("max_value", exact)
            lengths = ((_SHORTEST, shortest), (_LONGEST, longest))
            demands = [Demand(kind, length) for kind, length in lengths if length is not None]
        case "isin":
            demands = [Demand("one of", list(parameters["allowed_values"]))]
        case "notin":
            demands = [Demand("other than", value) for value in parameters["forbidden_values"]]
        case "not_equal_to":
            demands = [Demand("other than", parameters["value"])]
        case "negative_only_where":
            kind = f"{parameters['column']} >= 0 or {parameters['status']}"
            demands = [Demand(kind, list(parameters["allowed"]))]
        case bound if bound in _BOUNDS:
            end, parameter, inclusive = _BOUNDS[bound]
            demands = [Demand(end, parameters[parameter], inclusive)]
        case _:
            demands = [Demand(check.name, check.parameters)]
    return demands


def is_met(demand: Demand, others: Iterable[Demand]) -> bool:
    """Whether every value that meets the others meets the demand; False where that cannot be told."""
    return any(_implies(other, demand) for other in others if other.kind == demand.kind)


def _implies(stronger: Demand, weaker: Demand) -> bool:
    try:
        if stronger.kind in {_LOWER, _UPPER, _SHORTEST, _LONGEST}:
            if stronger.value == weaker.value:
                return weaker.inclusive or not stronger.inclusive
            is_higher = bool(stronger.value > weaker.value)
            return is_higher == (stronger.kind in {_LOWER, _SHORTEST})
        if isinstance(stronger.value, list):
            return all(value in weaker.value for value in stronger.value)
    except TypeError:  # e.g. a bound with a time zone against one without
        return False
    return bool(stronger.value == weaker.value)
