"""The documented columns are the tables' columns, and their lineage names real ones."""

from collections.abc import Sequence

import duckdb
import pytest

from customer_analytics.contracts.contract import load_contract
from customer_analytics.metrics.columns.column import DerivedColumn
from customer_analytics.metrics.columns.registry import DERIVED_COLUMNS

CONTRACTS = {
    "orders": "customer_analytics.contracts.orders.Orders",
    "support_tickets": "customer_analytics.contracts.support_tickets.SupportTickets",
    "marketing_events": "customer_analytics.contracts.marketing_events.MarketingEvents",
}


@pytest.mark.parametrize(
    ("relation", "columns"),
    [
        *((f"marts.{name}", columns) for name, columns in DERIVED_COLUMNS.items()),
        ("marts.customer_lifetime_value_as_of('2024-03-01')", DERIVED_COLUMNS["customer_lifetime_value"]),
    ],
)
def test_names_types_and_order(
    warehouse: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[DerivedColumn]
) -> None:
    described = warehouse.execute(f"describe from {relation}").fetchall()
    assert [(name, kind.lower()) for name, kind, *_ in described] == [(c.name, c.sql_type) for c in columns]


@pytest.mark.parametrize("columns", DERIVED_COLUMNS.values(), ids=DERIVED_COLUMNS)
def test_lineage_names_columns_of_the_contracts(columns: Sequence[DerivedColumn]) -> None:
    promised = {(source, column) for source, path in CONTRACTS.items() for column in load_contract(path).column_names}
    assert {pair for column in columns for pair in column.lineage} <= promised
