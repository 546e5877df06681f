"""How the text of a cell becomes a typed value: strictly, so that nothing is rounded, cut off, shifted or guessed."""

from customer_analytics.contracts.contract import ContractError, decimal_size
from customer_analytics.quality.sql import literal
from customer_analytics.quality.translations import Condition

_TIMESTAMP = (
    r"(19|20|21)\d\d-\d\d-\d\d"
    r"([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6}0*)?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?)?)?"
)
_OFFSET = r".*:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)"
# The times that the pattern knows.
_EARLIEST, _LATEST = "timestamp '1900-01-01'", "timestamp '2199-12-31 23:59:59.999999'"
_CLOCK_CHANGES = ("30 minutes", "1 hour", "2 hours")


def typed(cell: str, sql_type: str, timezone: str = "UTC") -> Condition:
    """The SQL that types the text expression ``cell`` (null where it cannot), and what to say then.

    Times without an offset are local to ``timezone``; all are kept as UTC.

    Raises:
        ContractError: the type has no strict reading.
    """
    if sql_type == "varchar":
        return Condition(f"case when not contains({cell}, chr(0)) then {cell} end", "must not have NUL characters")
    if sql_type == "timestamp":
        value = f"make_timestamp(epoch_us(try_cast({cell} as timestamptz)))"
        message = "must be a time like 2026-01-31 10:00:00 or 2026-01-31T10:00:00+01:00"
        if timezone == "UTC":
            return _matching(cell, _TIMESTAMP, value, message, plain="timestamp")
        local = f"make_timestamp(epoch_us({_instant(cell, timezone)}))"
        return _matching(cell, _TIMESTAMP, f"case when {_has_offset(cell)} then {value} else {local} end", message)
    if sql_type == "bigint":
        return _matching(cell, r"-?\d{1,19}", f"try_cast({cell} as bigint)", "must be a whole number", "bigint")
    if sql_type == "boolean":
        return _matching(cell, r"true|false", f"try_cast({cell} as boolean)", "must be true or false")
    if decimal := decimal_size(sql_type):
        precision, scale = decimal
        fraction = rf"(\.\d{{1,{scale}}}0*)?" if scale else r"(\.0*)?"
        return _matching(
            cell,
            rf"-?\d{{1,{precision - scale}}}{fraction}",
            f"try_cast({cell} as {sql_type})",
            f"must be a plain number with at most {scale} decimals, like 12.50",
            plain=sql_type,
        )
    message = f"Type {sql_type} has no strict reading."
    raise ContractError(message)


def is_unclear_time(cell: str, timezone: str) -> str:
    """SQL: whether the text is a local time that does not exist in ``timezone``, or exists twice: at a clock change."""
    local, instant = f"try_cast({cell} as timestamp)", _instant(cell, timezone)
    others = [f"{instant} {sign} interval '{change}'" for change in _CLOCK_CHANGES for sign in "+-"]
    exists_again = " or ".join(f"timezone({literal(timezone)}, {other}) = {local}" for other in others)
    is_skipped = f"timezone({literal(timezone)}, {instant}) <> {local}"
    return f"not {_has_offset(cell)} and ({is_skipped} or {exists_again})"


def local_day(value: str, timezone: str) -> str:
    """SQL: the day in ``timezone`` of a time that is kept as UTC."""
    if timezone == "UTC":
        return f"{value}::date"
    return f"timezone({literal(timezone)}, timezone('UTC', {value}))::date"


def _instant(cell: str, timezone: str) -> str:
    return f"timezone({literal(timezone)}, try_cast({cell} as timestamp))"


def _has_offset(cell: str) -> str:
    return f"regexp_full_match({cell}, {literal(_OFFSET)})"


def _matching(cell: str, pattern: str, value: str, message: str, plain: str = "") -> Condition:
    """The value of a cell that matches the pattern.

    A cell that is what its value of type ``plain`` is written as needs no pattern: that is soon seen, and mostly so.
    """
    strict = f"when regexp_full_match({cell}, {literal(pattern)}) then {value}"
    if not plain:
        return Condition(f"case {strict} end", message)
    cast = f"try_cast({cell} as {plain})"
    written = f"{cast}::varchar = {cell}"
    if plain == "timestamp":
        written = f"{written} and {cast} between {_EARLIEST} and {_LATEST}"
    return Condition(f"case when {written} then {cast} {strict} end", message)
