"""SQL that cuts the raw records of each format into cells; the text of a cell is never changed on the way."""

from collections.abc import Callable, Sequence

from customer_analytics.contracts.source import Source
from customer_analytics.landing.layout import Layout
from customer_analytics.quality.compiler import cell, trimmed_cell
from customer_analytics.quality.sql import listing, literal, name, text_map

# What DuckDB's JSON reader forgives though it is not JSON: a trailing comma, NaN and Infinity.
_FORGIVEN = r"(?i),\s*[}\]]|[:,\[]\s*-?(?:nan|inf)"
_JSON_TEXT = r'"(?:[^"\\]|\\.)*"'
# A double holds any number of this many digits exactly.
EXACT_DIGITS = 15
_NOTHING = "null::map(varchar, varchar)"
_MAY_BE_NUMBERS = ("decimal", "bigint", "varchar")


def csv_cells(source: Source, layout: Layout) -> str:
    """Relation ``cells`` from ``records`` of a CSV file that are cut; parameters: $header, $first.

    ``$first`` is the first name of ``$header``: what has another first cell, as nearly all records have, is no header.
    """
    values = {
        column: "null::varchar" if position is None else f"cell_{position + 1}"
        for column, position in layout.positions.items()
    }
    beside = {column: f"cell_{layout.unknown[column] + 1}" for column in source.kept_beside(layout.unknown)}
    judged = """case
        when defect <> 'cell_size' then defect
        when coalesce(lower(cell_1) = $first, true) and lower(trim(text)) = $header then 'repeated_header'
        else defect
      end"""
    return _cells(source, values, beside, judged, "from records", cell=trimmed_cell)


def jsonl_cells(source: Source) -> str:
    """Relation ``cells`` from ``records`` of a JSONL file."""
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
    values = {column.name: exact.get(column.name, f"texts[{n}]") for n, column in numbered}
    unclear = " or ".join(_is_unclear_number(column, n) for n, column in may_be_numbers) or "false"
    defect = f"""case
        when text is null then 'encoding'
        when json is null or json_type(json) <> 'OBJECT' then 'json'
        when len(list_distinct(keys)) <> len(keys) then 'json_keys'
        when list_contains(kinds, 'OBJECT') or list_contains(kinds, 'ARRAY') then 'nested'
        when {unclear} then 'json_number'
        when {_too_long(source, "json_extract_string(json, '$.*')")} then 'cell_size'
      end"""
    return _cells(source, values, {}, defect, _with_values(checked, source.contract.column_names))


def jsonl_beside(source: Source, columns: Sequence[str]) -> tuple[str, str]:
    """Texts of keys that are not promised, as a map, and whether one is a number of which the text is not clear.

    Both are expressions of ``_text``, a whole JSON object: which keys there are is known only after a file was read.
    """
    numbered = list(enumerate(columns, start=1))
    # A cell names its text several times: planning a hundred long expressions in each other's place takes seconds.
    texts = ", ".join(f"{_exact_text(column, n)} as _value_{n}" for n, column in numbered)
    values = text_map({column: cell(f"_value_{n}", source) for n, column in numbered})
    unclear = " or ".join(_is_unclear_number(column, n) for n, column in numbered)
    record = _with_values("select _text as json", columns)
    return (
        f"(select {values} from (select {texts} from ({record})))",
        f"(select coalesce({unclear}, false) from ({record}))",
    )


def parquet_cells(source: Source, layout: Layout) -> str:
    """Relation ``cells`` of Parquet files; parameters, one for each file: $days, $files (names), $paths."""
    record = ", ".join(f"{literal(column)}: {name(column)}" for column in layout.delivered)
    delivered = {
        column: "null" if position is None else f"record[{literal(layout.delivered[position])}]"
        for column, position in layout.positions.items()
    }
    values = {column: f"{value}::varchar" for column, value in delivered.items()}
    beside = {
        column: f"record[{literal(layout.delivered[layout.unknown[column]])}]::varchar"
        for column in source.kept_beside(layout.unknown)
    }
    texts = "json_extract_string(text, '$.*')"
    defect = f"case when {_too_long(source, texts)} then 'cell_size' end"
    rows = f"""
      select list_extract($days, file + 1) as day, list_extract($files, file + 1) as file, file_row_number + 1 as line,
        null::bigint as byte_offset, to_json(record)::varchar as text, null::blob as bytes, record
      from (
        select file_index::bigint as file, file_row_number, {{{record}}} as record
        from read_parquet($paths, file_row_number = true, hive_partitioning = false)
      )
    """
    return _cells(source, values, beside, defect, rows)


def _cells(
    source: Source,
    values: dict[str, str],
    beside: dict[str, str],
    defect: str,
    rows: str,
    cell: Callable[[str, Source], str] = cell,
) -> str:
    """Relation ``cells``: each step selects from the one before, so that nothing is computed twice."""
    texts = {f"_value_{n}": value for n, value in enumerate([*values.values(), *beside.values()])}
    whole = ", ".join(f"case when _defect is null then {value} end as {text}" for text, value in texts.items())
    cells = [cell(text, source) for text in texts]
    kept = text_map(dict(zip(beside, cells[len(values) :], strict=True)))
    judged = ", ".join(f"{each} as {name(column)}" for column, each in zip(values, cells, strict=False))
    return f"""
    select day as _day, file as _file, line as _line, byte_offset as _byte_offset, text as _text,
      bytes as _bytes, _defect, {f"case when _defect is null then {kept} end" if beside else _NOTHING} as _beside,
      {judged}
    from (
      select day, file, line, byte_offset, text, bytes, _defect, {whole}
      from (select *, {defect} as _defect from ({rows}))
    )
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
    is_other = " and ".join(f"not contains(json, {each})" for each in _shortest(column, position))
    is_written = f"kinds[{position}] = 'DOUBLE' and {is_other} and {_is_plain(column, position)}"
    return f"case when {is_written} then {_written(column)} else texts[{position}] end"


def _shortest(column: str, position: int) -> list[str]:
    """How a number stands in a record that is written as parsing gives it: soon seen, and nearly always so."""
    return [
        f"""{literal(f'"{column}":{space}')} || texts[{position}] || {literal(end)}"""
        for space in ("", " ")
        for end in ",}"
    ]


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
