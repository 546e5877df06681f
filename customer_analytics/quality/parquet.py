"""What a Parquet file promises before it is read: columns, types, how much there is."""

from collections import Counter
from collections.abc import Sequence

import duckdb

from customer_analytics.contracts.contract import Contract
from customer_analytics.landing.content import assert_no_bomb
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile
from customer_analytics.landing.layout import Layout, presentable

# What a column may be, by the promised type; anything else would be changed by turning it into text.
_READABLE = {
    "varchar": ("VARCHAR", "ENUM", "UUID", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U"),
    "timestamp": ("TIMESTAMP", "DATE", "VARCHAR"),
    "decimal": ("DECIMAL", "DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "VARCHAR"),
    "bigint": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "VARCHAR"),
    "boolean": ("BOOLEAN", "VARCHAR"),
}

# What DuckDB calls the number of a file among those that are read together, and of a row in its file.
NUMBERS = ("file_index", "file_row_number")

# A run of equal values takes next to nothing, however long it is: rows are bounded like bytes.
_BYTES_PER_ROW = 1


def describe_parquet(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, path: str
) -> tuple[dict[str, str], int]:
    """The types of a file's columns by name, and its number of rows; ``path`` is where its content lies.

    Raises:
        DeliveryRefusedError: it is a decompression bomb, or has a name twice.
        duckdb.Error: it is not a Parquet file.
    """
    schema = connection.execute("select name, num_children from parquet_schema(?)", [path]).fetchall()
    _assert_usable_names(file, _top_level(schema))
    described = connection.execute(
        "describe select * from read_parquet(?, hive_partitioning = false)", [path]
    ).fetchall()
    size = connection.execute(
        """select any_value(num_rows), any_value(file_size_bytes), sum(total_uncompressed_size)::bigint
           from parquet_file_metadata($path), parquet_metadata($path)""",
        {"path": path},
    ).fetchone()
    rows, stored, content = size or (0, 0, 0)
    assert_no_bomb(file, max(content or 0, (rows or 0) * _BYTES_PER_ROW), stored or 0)
    return {str(row[0]): str(row[1]) for row in described}, int(rows or 0)


def _top_level(schema: list[tuple[str, int | None]]) -> list[str]:
    """The names of a file's own columns; ``schema`` lists each before what it contains, the file itself first."""
    names, inside = [], 0
    for column, children in schema[1:]:
        if inside:
            inside -= 1
        else:
            names.append(column)
        inside += children or 0
    return names


def _assert_usable_names(file: DeliveredFile, names: list[str]) -> None:
    alike = Counter(column.casefold() for column in names)
    twice = [column for column, count in alike.items() if count > 1]
    if twice:
        message = (
            f"{file.path}: the schema has {presentable(twice)} more than once, or in another case. Keep one of each."
        )
        raise DeliveryRefusedError(message)
    reserved = [number for number in NUMBERS if number in alike]
    if reserved:
        message = f"{file.path}: a column is called {reserved[0]}, as a number is while Parquet is read. Rename it."
        raise DeliveryRefusedError(message)


def assert_readable_types(contract: Contract, file: DeliveredFile, layout: Layout, types: Sequence[str]) -> None:
    """Refuse a file with a column that could not become its promised type without a change of values.

    Raises:
        DeliveryRefusedError: names the column and both types.
    """
    for column in contract.columns:
        position = layout.positions[column.name]
        readable = _READABLE[column.sql_type.split("(")[0]]
        if position is not None and (not types[position].startswith(readable) or types[position].endswith("]")):
            message = (
                f"{file.path}: {column.name} is {types[position]}, which cannot be read as "
                f"{column.sql_type} without changing it. Deliver it as {column.sql_type} or as text."
            )
            raise DeliveryRefusedError(message)
