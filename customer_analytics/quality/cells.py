"""SQL that cuts the raw records of each format into cells; the text of a cell is never changed on the way."""

from collections.abc import Sequence

from customer_analytics.contracts.source import Source
from customer_analytics.landing.layout import Layout
from customer_analytics.landing.records import CSV_CELL, CSV_RECORD
from customer_analytics.quality.compiler import cell
from customer_analytics.quality.sql import listing, literal, name

# What DuckDB's JSON reader forgives though it is not JSON: a trailing comma, NaN and Infinity.
_FORGIVEN = r"(?i),\s*[}\]]|[:,\[]\s*-?(?:nan|inf)"
_JSON_TEXT = r'"(?:[^"\\]|\\.)*"'
# A double holds any number of this many digits exactly.
EXACT_DIGITS = 15
_MAY_BE_NUMBERS = ("decimal", "bigint", "varchar")


def csv_cells(source: Source, layout: Layout) -> str:
    """Relation ``cells`` from ``records`` of a CSV file; parameters: $day, $file, $header."""
    bare = "trim(cell, ' \t')"
    unquoted = f"""case when starts_with({bare}, '"') then replace({bare}[2:-2], '""', '"') else cell end"""
    # Each cell is found by the comma before it: an empty match would make DuckDB skip the cell that follows.
    parts = f"regexp_extract_all(',' || text, {literal(f',({CSV_CELL})')}, 1)"
    split = f"""
      select *,
        case
          when not contains(text, '"') then string_split(text, ',')
          when regexp_full_match(text, {literal(CSV_RECORD)}) then list_transform({parts}, lambda cell: {unquoted})
        end as parts
      from records
    """
    values = {
        column: "null::varchar" if position is None else cell(f"parts[{position + 1}]", source)
        for column, position in layout.positions.items()
    }
    beside = {
        column: cell(f"parts[{layout.unknown[column] + 1}]", source) for column in source.kept_beside(layout.unknown)
    }
    defect = f"""case
        when text is null then 'encoding'
        when parts is null then 'quotes'
        when len(parts) <> {len(layout.delivered)} then 'columns'
        when lower(trim(text)) = $header then 'repeated_header'
        when {_too_long(source, "parts")} then 'cell_size'
      end"""
    return _cells(values, beside, defect, split)


def jsonl_cells(source: Source) -> str:
    """Relation ``cells`` from ``records`` of a JSONL file; parameters: $day, $file."""
    columns = source.contract.columns
    without_texts = f"""regexp_replace(text, {literal(_JSON_TEXT)}, '""', 'g')"""
    checked = f"""
      select *,
        case
          when not json_valid(text) then null
          when not regexp_matches(text, {literal(_FORGIVEN)}) then text
          when not regexp_matches({without_texts}, {literal(_FORGIVEN)}) then text
        end as json
      from records
    """
    numbered = list(enumerate(columns, start=1))
    may_be_numbers = [(n, column.name) for n, column in numbered if column.sql_type.startswith(_MAY_BE_NUMBERS)]
    exact = {column: _exact_text(column, n) for n, column in may_be_numbers}
    values = {column.name: cell(exact.get(column.name, f"texts[{n}]"), source) for n, column in numbered}
    unclear = " or ".join(_is_unclear_number(column, n) for n, column in may_be_numbers) or "false"
    defect = f"""case
        when text is null then 'encoding'
        when json is null or json_type(json) <> 'OBJECT' then 'json'
        when len(list_distinct(keys)) <> len(keys) then 'json_keys'
        when list_has_any(kinds, ['OBJECT', 'ARRAY']) then 'nested'
        when {unclear} then 'json_number'
        when {_too_long(source, "json_extract_string(json, '$.*')")} then 'cell_size'
      end"""
    return _cells(values, {}, defect, _with_values(checked, source.contract.column_names))


def jsonl_beside(source: Source, columns: Sequence[str]) -> tuple[str, str]:
    """Texts of keys that are not promised, as a map, and whether one is a number of which the text is not clear.

    Both are expressions of ``_text``, a whole JSON object: which keys there are is known only after a file was read.
    """
    numbered = list(enumerate(columns, start=1))
    values = ", ".join(f"{literal(column)}: {cell(_exact_text(column, n), source)}" for n, column in numbered)
    unclear = " or ".join(_is_unclear_number(column, n) for n, column in numbered)
    record = _with_values("select _text as json", columns)
    return f"(select map {{{values}}} from ({record}))", f"(select coalesce({unclear}, false) from ({record}))"


def parquet_cells(source: Source, layout: Layout) -> str:
    """Relation ``cells`` of a Parquet file; parameters: $day, $file, $path."""
    record = ", ".join(f"{literal(column)}: {name(column)}" for column in layout.delivered)
    delivered = {
        column: "null" if position is None else f"record[{literal(layout.delivered[position])}]"
        for column, position in layout.positions.items()
    }
    values = {column: cell(f"{value}::varchar", source) for column, value in delivered.items()}
    beside = {
        column: cell(f"record[{literal(layout.delivered[layout.unknown[column]])}]::varchar", source)
        for column in source.kept_beside(layout.unknown)
    }
    texts = "json_extract_string(text, '$.*')"
    defect = f"case when {_too_long(source, texts)} then 'cell_size' end"
    rows = f"""
      select file_row_number + 1 as line, null::bigint as byte_offset, to_json(record)::varchar as text,
        null::blob as bytes, record
      from (
        select file_row_number, {{{record}}} as record
        from read_parquet($path, file_row_number = true, hive_partitioning = false)
      )
    """
    return _cells(values, beside, defect, rows)


def _cells(values: dict[str, str], beside: dict[str, str], defect: str, rows: str) -> str:
    texts = ", ".join(f"{literal(column)}: {value}" for column, value in beside.items())
    kept = f"case when _defect is null then map {{{texts}}} end" if beside else "null::map(varchar, varchar)"
    judged = ", ".join(
        f"case when _defect is null then {value} end as {name(column)}" for column, value in values.items()
    )
    return f"""
    select $day::date as _day, $file as _file, line as _line, byte_offset as _byte_offset, text as _text,
      bytes as _bytes, _defect, {kept} as _beside, {judged}
    from (select *, {defect} as _defect from ({rows}))
    where text is null or trim(text, ' \t') <> ''
    """


def _too_long(source: Source, cells: str) -> str:
    limit = source.policy.limits.cell_characters
    return f"length(text) > {limit} and list_max(list_transform({cells}, lambda cell: length(cell))) > {limit}"


def _with_values(rows: str, columns: Sequence[str]) -> str:
    """The relation ``rows`` with keys, texts and kinds of its ``json``, the last two in the order of ``columns``.

    All values are taken at once: every function on its own would parse the record once more.
    """
    paths = listing(f'$."{column}"' for column in columns)
    return f"""
      select *, json_keys(json) as keys, json_extract_string(json, [{paths}]) as texts,
        json_type(json, [{paths}]) as kinds
      from ({rows})
    """


def _exact_text(column: str, position: int) -> str:
    """A value as it was written: JSON parsing alone would silently round numbers that are beyond double precision."""
    is_written = f"kinds[{position}] = 'DOUBLE' and {_is_plain(column, position)}"
    return f"case when {is_written} then {_written(column)} else texts[{position}] end"


def _is_unclear_number(column: str, position: int) -> str:
    """Whether a number may have been rounded, and it cannot be told which text it was written as."""
    digits = f"length(regexp_replace(texts[{position}], '[^0-9]', '', 'g'))"
    return f"(kinds[{position}] = 'DOUBLE' and {digits} > {EXACT_DIGITS} and not ({_is_plain(column, position)}))"


def _is_plain(column: str, position: int) -> str:
    """Whether the name stands once before a number in the record, and that is the number."""
    is_once = f"len(regexp_extract_all(json, {_number_pattern(column)})) = 1"
    return f"{is_once} and try_cast({_written(column)} as double) = try_cast(texts[{position}] as double)"


def _written(column: str) -> str:
    return f"regexp_extract(json, {_number_pattern(column)}, 1)"


def _number_pattern(column: str) -> str:
    return literal(rf'"{column}"\s*:\s*(-?[0-9][0-9.eE+-]*)')
