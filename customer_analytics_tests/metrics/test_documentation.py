"""What the docs say of columns and tables is what there is."""

import re

import duckdb
import pytest

from customer_analytics.metrics.columns.registry import DERIVED_COLUMNS
from customer_analytics.settings import PROJECT_ROOT
from customer_analytics.warehouse.schema import migrate


@pytest.mark.parametrize("asset", DERIVED_COLUMNS)
def test_every_column_is_described_in_its_order(asset: str) -> None:
    section = (PROJECT_ROOT / "docs" / "analytics.md").read_text(encoding="utf-8").split(f"### {asset}\n")[1]
    rows = [line for line in section.split("\n### ")[0].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{column.name}` | {column.description} |" for column in DERIVED_COLUMNS[asset]]


def test_every_table_and_view_is_described() -> None:
    described = set(re.findall(r"`((?:quality|marts|main)\.\w+)`", (PROJECT_ROOT / "docs" / "tables.md").read_text()))
    with duckdb.connect() as connection:
        migrate(connection)
        rows = connection.execute(
            """select schema_name || '.' || table_name from duckdb_tables()
               union all select schema_name || '.' || view_name from duckdb_views() where not internal"""
        ).fetchall()
    assert described == {name for (name,) in rows}
