"""Records that are read from files on their way into DuckDB, a batch at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from customer_analytics.landing.folder import DeliveredFile

# Arrow's own allocator would keep what it has read for what it may read next; the system's takes back what is freed.
pa.set_memory_pool(pa.system_memory_pool())

# What stands before the columns of a raw record: where it comes from.
PLACE_FIELDS = (pa.field("day", pa.date32()), pa.field("file", pa.string()))


def placed(day: date, file: DeliveredFile, columns: Sequence[pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    """Columns of records of a file, behind ``PLACE_FIELDS``."""
    place = [pa.repeat(pa.scalar(day, pa.date32()), len(columns[0])), pa.repeat(file.name, len(columns[0]))]
    return pa.RecordBatch.from_arrays([*place, *columns], schema=schema)


def feed(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, object],
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
) -> None:
    """Run a query once over relation ``records``, which has all batches.

    Raises:
        DeliveryRefusedError: a file that they come from cannot be used.
        OSError: the machine cannot read it.
    """
    errors: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except GeneratorExit:
            raise
        except BaseException as error:  # Also a signal to end: DuckDB would call it invalid input.
            errors.append(error)
            raise

    with pa.RecordBatchReader.from_batches(schema, watched()) as reader:
        # As a bare stream; Arrow would read ahead of the reader itself, by up to a gigabyte.
        connection.register("records", reader.__arrow_c_stream__())
        try:
            connection.execute(query, dict(parameters) or None)
        except duckdb.Error:
            if errors:
                raise errors[0] from None
            raise
        finally:
            connection.unregister("records")
            pa.default_memory_pool().release_unused()
