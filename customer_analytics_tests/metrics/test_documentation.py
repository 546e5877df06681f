"""What docs/analytics.md says of columns is what the assets say of them."""

import pytest

from customer_analytics.metrics.columns.registry import DERIVED_COLUMNS
from customer_analytics.settings import PROJECT_ROOT


@pytest.mark.parametrize("asset", DERIVED_COLUMNS)
def test_every_column_is_described_in_its_order(asset: str) -> None:
    section = (PROJECT_ROOT / "docs" / "analytics.md").read_text(encoding="utf-8").split(f"### {asset}\n")[1]
    rows = [line for line in section.split("\n### ")[0].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{column.name}` | {column.description} |" for column in DERIVED_COLUMNS[asset]]
