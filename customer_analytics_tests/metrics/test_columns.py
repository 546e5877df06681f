"""The documented columns are the tables' columns, and their lineage names real ones."""

from collections.abc import Sequence

import duckdb
import pytest

from customer_analytics.contracts.contract import load_contract
from customer_analytics.metrics.columns import (
    AT_RISK_CUSTOMERS_COLUMNS,
    CUSTOMER_LIFETIME_VALUE_COLUMNS,
    DerivedColumn,
)

CONTRACTS = {
    "orders": "customer_analytics.contracts.orders.Orders",
    "support_tickets": "customer_analytics.contracts.support_tickets.SupportTickets",
}


@pytest.mark.parametrize(
    ("relation", "columns"),
    [
        ("marts.customer_lifetime_value", CUSTOMER_LIFETIME_VALUE_COLUMNS),
        ("marts.customer_lifetime_value_as_of('2024-03-01')", CUSTOMER_LIFETIME_VALUE_COLUMNS),
        ("marts.at_risk_customers", AT_RISK_CUSTOMERS_COLUMNS),
    ],
)
def test_names_types_and_order(
    warehouse: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[DerivedColumn]
) -> None:
    described = warehouse.execute(f"describe from {relation}").fetchall()
    assert [(name, kind.lower()) for name, kind, *_ in described] == [(c.name, c.sql_type) for c in columns]


@pytest.mark.parametrize("columns", [CUSTOMER_LIFETIME_VALUE_COLUMNS, AT_RISK_CUSTOMERS_COLUMNS])
def test_lineage_names_columns_of_the_contracts(columns: Sequence[DerivedColumn]) -> None:
    promised = {(source, column) for source, path in CONTRACTS.items() for column in load_contract(path).column_names}
    assert {pair for column in columns for pair in column.lineage} <= promised
