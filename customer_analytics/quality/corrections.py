"""Putting corrections in place of the records that they are for; the corrected record is judged like any other."""

import duckdb
import pyarrow as pa

from customer_analytics.contracts.source import Source
from customer_analytics.landing.corrections import PLACE, Correction
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import Delivery
from customer_analytics.quality.compiler import cell, compile_source
from customer_analytics.quality.recalling import recall_texts
from customer_analytics.quality.sql import literal, name

REPLACED = "replaced"

# The raw bytes of a record of ``judged``.
RAW = "coalesce(_bytes, encode(_text))"


def apply_corrections(connection: duckdb.DuckDBPyConnection, source: Source, delivery: Delivery) -> int:
    """Judge each corrected record of a delivery anew, in its place; ``replaced`` keeps the verdict of before.

    Returns how many corrections are for records that are not there, or are not what they were.

    Raises:
        DeliveryRefusedError: the corrections have other columns than the contract.
    """
    if not delivery.corrections:
        return 0
    _assert_columns(source, delivery)
    connection.register("corrections", _as_table(delivery.corrections))
    try:
        recall_texts(connection, [delivery], "(_file, _line) in (select (_file, _line) from corrections)")
        connection.execute(
            f"""insert into {REPLACED}
                select judged.* from judged inner join corrections using (_file, _line)
                where _day = ? and sha256({RAW}) = _raw_sha256""",
            [delivery.day],
        )
        connection.execute(
            f"""delete from judged using {REPLACED} as old
                where judged._day = ? and judged._day = old._day and judged._file = old._file
                  and judged._line = old._line""",
            [delivery.day],
        )
        connection.execute(f"insert into judged {compile_source(source, _cells(source))}", {"day": delivery.day})
    finally:
        connection.unregister("corrections")
    found = connection.execute(f"select count(*) from {REPLACED} where _day = ?", [delivery.day]).fetchone()
    return len(delivery.corrections) - (int(found[0]) if found else 0)


def _cells(source: Source) -> str:
    """Relation ``cells`` of the corrected records; parameter: $day."""
    texts = ", ".join(
        f"{cell(f'_corrected[{literal(column)}]', source)} as {name(column)}" for column in source.contract.column_names
    )
    return f"""
    select old._day, old._file, old._line, old._byte_offset, old._text, old._bytes, null::varchar as _defect,
      old._beside, {texts}
    from {REPLACED} as old inner join corrections using (_file, _line)
    where old._day = $day
    """


def _as_table(corrections: tuple[Correction, ...]) -> pa.Table:
    return pa.table(
        {
            "_file": pa.array([each.file for each in corrections], pa.string()),
            "_line": pa.array([each.line for each in corrections], pa.int64()),
            "_raw_sha256": pa.array([each.raw_sha256 for each in corrections], pa.string()),
            "_corrected": pa.array(
                [list(each.cells.items()) for each in corrections], pa.map_(pa.string(), pa.string())
            ),
        }
    )


def _assert_columns(source: Source, delivery: Delivery) -> None:
    promised = set(source.contract.column_names)
    required = {column.name for column in source.contract.columns if not column.nullable}
    for correction in delivery.corrections[:1]:
        missing, unknown = sorted(required - set(correction.cells)), sorted(set(correction.cells) - promised)
        if missing or unknown:
            words = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has unknown {', '.join(unknown)}"] * bool(
                unknown
            )
            message = (
                f"{delivery.corrections_path}: the header {' and '.join(words)}. Expected are {', '.join(PLACE)} "
                f"and the columns of {source.contract.name}: {', '.join(source.contract.column_names)}."
            )
            raise DeliveryRefusedError(message)
