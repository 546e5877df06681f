"""Records that are read from files on their way into DuckDB, a bounded number of bytes with each query."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

import duckdb
import pyarrow as pa

from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile

# Arrow's own allocator would keep what it has read for what it may read next; the system's takes back what is freed.
pa.set_memory_pool(pa.system_memory_pool())

# One query reads as many bytes of batches, because Arrow reads ahead of it, by up to a gigabyte.
QUERY_BYTES = 256 * 1024 * 1024
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
    """Run a query over relation ``records``, as often as it takes to read all batches.

    Raises:
        DeliveryRefusedError: a file that they come from cannot be used.
        OSError: the machine cannot read it.
    """
    errors: list[DeliveryRefusedError | OSError] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except (DeliveryRefusedError, OSError) as error:
            errors.append(error)
            raise

    waiting = watched()
    for batch in waiting:
        with pa.RecordBatchReader.from_batches(schema, _of_one_query(batch, waiting)) as reader:
            connection.register("records", reader)
            try:
                connection.execute(query, dict(parameters) or None)
            except duckdb.Error:
                if errors:
                    raise errors[0] from None
                raise
            finally:
                connection.unregister("records")
    pa.default_memory_pool().release_unused()


def _of_one_query(first: pa.RecordBatch, following: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The first batch, and as many of those that follow as are read with it."""
    size = 0
    for batch in chain([first], following):
        yield batch
        size += batch.nbytes
        if size >= QUERY_BYTES:
            return
