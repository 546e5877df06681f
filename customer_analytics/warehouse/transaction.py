"""All or nothing: what is written within a transaction is there as a whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A transaction around the block: committed at its end, rolled back when it raises."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.TransactionException):
            connection.rollback()  # A commit that failed has ended it already.
        raise
