"""Compiling a contract into one DuckDB query over text records: it types, judges, and gives every reason."""

from dataclasses import dataclass

import duckdb

from customer_analytics.contracts.contract import Column, ContractError
from customer_analytics.contracts.source import Source
from customer_analytics.quality.sql import is_one_of, literal, name, text_map
from customer_analytics.quality.translations import translate
from customer_analytics.quality.types import is_unclear_time, local_day, typed

# The reason of a record that happened too early or too late for its day.
OTHER_DAY = "delivery_day"

# What a record's own shape can have wrong; such a record has no cells that could be judged.
STRUCTURE_MESSAGES = {
    "encoding": "is not UTF-8 text",
    "quotes": "has quotes that do not enclose a whole cell",
    "columns": "has too few or too many columns",
    "repeated_header": "repeats the header",
    "json": "is not one JSON object on one line",
    "json_keys": "has the same key twice",
    "nested": "has an object or an array where a single value is promised",
    "json_number": "has a number of which it cannot be told with which digits it was written",
    "cell_size": "has a cell that is longer than the source's limit",
}


@dataclass(frozen=True)
class Rule:
    """One way in which a record can be wrong. ``column`` is None where it concerns the whole record."""

    name: str
    column: str | None
    message: str
    violated: str

    def reason(self) -> str:
        """The reason as a SQL struct."""
        column = literal(self.column) if self.column else "null::varchar"
        return f"{{'rule': {literal(self.name)}, 'column': {column}, 'message': {literal(self.message)}}}"


def compile_source(source: Source, cells: str, *, keeps_texts: bool = True) -> str:
    """The query that judges the relation ``cells`` by the source's contract and policy.

    ``cells`` is a select that gives _day, _file, _line, _byte_offset, _text, _bytes, _defect, _beside, and the text of
    each column under its name. The query gives the same place columns, every column typed, ``_beside``, ``_cells`` (the
    texts of a bad record) and ``_reasons``; ``_text`` of bad records only, unless it ``keeps_texts``.

    Raises:
        ContractError: the contract has a type or a check that cannot be judged in SQL.
    """
    columns = source.contract.columns
    text = "_text" if keeps_texts else "case when _is_bad then _text end as _text"
    timezone = source.policy.timezone
    types = {column.name: typed(f"c.{name(column.name)}", column.sql_type, timezone) for column in columns}
    rules = (
        *(_structure_rule(defect, message) for defect, message in STRUCTURE_MESSAGES.items()),
        *(rule for column in columns for rule in _column_rules(column, types[column.name].message, timezone)),
        _event_time_rule(source),
        *(_record_rules(source)),
    )
    violated = ",\n    ".join(f"coalesce({rule.violated}, false) as _rule_{n}" for n, rule in enumerate(rules))
    any_violated = " or ".join(f"_rule_{n}" for n in range(len(rules)))
    texts = text_map({column.name: name("_cell_" + column.name) for column in columns})
    reasons = ",\n        ".join(f"case when _rule_{n} then [{rule.reason()}] end" for n, rule in enumerate(rules))
    # Each step selects from the one before, so that nothing is computed twice. A list that is put together from lists
    # takes a fifth of one that is filtered.
    return f"""
with cells as ({cells}), typed as (
  select _day, _file, _line, _byte_offset, _text, _bytes, _defect, _beside,
    {", ".join(f"{types[column.name].sql} as {name(column.name)}" for column in columns)},
    {", ".join(f"c.{name(column.name)} as {name('_cell_' + column.name)}" for column in columns)}
  from cells as c
), ruled as (
  select *,
    {violated}
  from typed
), told as (
  select *, {any_violated} as _is_bad from ruled
)
select _day, _file, _line, _byte_offset, {text}, _bytes,
  {", ".join(name(column.name) for column in columns)}, _beside,
  case when _defect is null and _is_bad then {texts} end as _cells,
  case when _is_bad then list_concat(
        {reasons}
  ) else [] end as _reasons
from told
"""


def structure_reason(defect: str) -> str:
    """The reason of a record's own defect as a SQL struct."""
    return _structure_rule(defect, STRUCTURE_MESSAGES[defect]).reason()


def _structure_rule(defect: str, message: str) -> Rule:
    return Rule(defect, None, f"The record {message}", f"_defect = {literal(defect)}")


def _column_rules(column: Column, type_message: str, timezone: str) -> list[Rule]:
    text, value = name("_cell_" + column.name), name(column.name)
    whole = "_defect is null"
    untyped, missing = f"{text} is not null and {value} is null and {whole}", f"{text} is null and {whole}"
    rules = [Rule("type", column.name, f"{column.name} {type_message}", untyped)]
    if not column.nullable:
        rules.insert(0, Rule("not_null", column.name, f"{column.name} must have a value", missing))
    if column.sql_type == "timestamp" and timezone != "UTC":
        unclear = f"{column.name} does not exist or exists twice in {timezone}, where the clock was changed"
        rules.append(Rule("local_time", column.name, unclear, is_unclear_time(text, timezone)))
    for check in column.checks:
        condition = translate(check, column.name)
        rules.append(Rule(check.name, column.name, f"{column.name} {condition.message}", f"not ({condition.sql})"))
    return rules


def _event_time_rule(source: Source) -> Rule:
    column, policy = source.contract.event_time, source.policy
    return Rule(
        OTHER_DAY,
        column,
        f"{column} must lie between {policy.earliest_days} days before and {policy.latest_days} days after "
        f"the delivery day ({policy.timezone})",
        f"{local_day(name(column), policy.timezone)} "
        f"not between _day - {policy.earliest_days} and _day + {policy.latest_days}",
    )


def _record_rules(source: Source) -> list[Rule]:
    conditions = ((check.name, translate(check, None)) for check in source.contract.checks)
    return [Rule(check, None, condition.message, f"not ({condition.sql})") for check, condition in conditions]


def cell(expression: str, source: Source) -> str:
    """A cell as it is judged: without surrounding spaces, null where it is one of the source's null tokens."""
    edges = " or ".join(
        f"{at}({expression}, {blank})" for at in ("starts_with", "ends_with") for blank in ("' '", "chr(9)")
    )
    # Trimming takes as long as everything else together, and hardly a cell needs it.
    return trimmed_cell(f"case when {edges} then trim({expression}, ' \t') else {expression} end", source)


def trimmed_cell(expression: str, source: Source) -> str:
    """A cell that has no surrounding spaces as it is judged: null where it is one of the source's null tokens."""
    tokens = source.policy.null_tokens
    return f"case when not {is_one_of(expression, tokens)} then {expression} end" if tokens else expression


def assert_judgeable(source: Source) -> None:
    """Try the compiled contract on no records at all.

    Raises:
        ContractError: the contract has a type, a check or a pattern that cannot be judged in SQL.
    """
    columns = ", ".join(f"null::varchar as {name(column.name)}" for column in source.contract.columns)
    cells = f"""select null::date as _day, '' as _file, 0 as _line, 0 as _byte_offset, '' as _text,
      ''::blob as _bytes, null::varchar as _defect, null::map(varchar, varchar) as _beside, {columns}"""
    try:
        with duckdb.connect() as connection:
            connection.execute(compile_source(source, cells))
    except duckdb.Error as error:
        message = f"Contract {source.contract.name} cannot be judged in SQL: {error}"
        raise ContractError(message) from error
