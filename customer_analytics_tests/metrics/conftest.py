"""A new warehouse for every test."""

from collections.abc import Iterator

import duckdb
import pytest

from customer_analytics.warehouse.schema import migrate


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        yield connection
