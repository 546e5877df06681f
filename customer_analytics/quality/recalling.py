"""Raw texts of records that seemed good while they were read: from their file, once more.

Hardly a good record is set aside later, for a key that stands elsewhere; to keep the texts of all would take as much
memory as all their values.
"""

from collections.abc import Iterator, Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from customer_analytics.landing.folder import DeliveredFile, Delivery
from customer_analytics.landing.records import read_records
from customer_analytics.landing.unchanged import assert_unchanged
from customer_analytics.quality.feeding import PLACE_FIELDS, feed, placed

_SCHEMA = pa.schema([*PLACE_FIELDS, pa.field("line", pa.int64()), pa.field("text", pa.string())])
_BAD = "len(_reasons) > 0"

Wanted = tuple[Delivery, DeliveredFile, npt.NDArray[np.int64]]


def recall_texts(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery], which: str = _BAD) -> None:
    """Give records of ``judged`` the text that they lack; ``which`` is the SQL that says which of them need it.

    Raises:
        DeliveryRefusedError: their file is not what it was when it was judged.
        OSError: the machine cannot read it.
    """
    wanted = list(_wanted(connection, deliveries, which))
    if not wanted:
        return
    feed(
        connection,
        # With a list among what is set, rows are written anew; a text alone would stay in memory to the end.
        """update judged set _text = records.text, _reasons = _reasons from records
           where judged._day = records.day and judged._file = records.file and judged._line = records.line""",
        {},
        _SCHEMA,
        _texts(wanted),
    )
    for delivery in {delivery.day: delivery for delivery, _, _ in wanted}.values():
        assert_unchanged(delivery)


def _wanted(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery], which: str) -> Iterator[Wanted]:
    """Each file with the lines that are looked for, ascending."""
    lacking = connection.execute(
        f"""select _day as day, _file as file, list(_line order by _line) as lines from judged
            where list_contains(?, _day) and _text is null and _bytes is null and {which} group by all""",
        [[delivery.day for delivery in deliveries]],
    ).to_arrow_table()
    files = {(each.day, file.name): (each, file) for each in deliveries for file in each.files}
    for day, name, lines in zip(*lacking.columns, strict=True):
        yield *files[day.as_py(), name.as_py()], lines.values.to_numpy()


def _texts(wanted: Sequence[Wanted]) -> Iterator[pa.RecordBatch]:
    for delivery, file, lines in wanted:
        for batch in read_records(file):
            read = batch.column("line").to_numpy()
            first, end = np.searchsorted(lines, [read[0], read[-1] + 1])
            found = batch.take(pa.array(np.searchsorted(read, lines[first:end])))
            if len(found):
                yield placed(delivery.day, file, [found.column("line"), found.column("text")], _SCHEMA)
            if end == len(lines):
                break
