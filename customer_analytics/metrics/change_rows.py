"""The change rows of customers: kept equal to the fold of all published orders, whatever the order of arrival."""

import duckdb

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement

_STEPS = ("touched_customers", "changed_rows", "replace_rows", "record_folded_days")


def fold_pending_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring ``marts.customer_value_history`` up to every published day of orders.

    Only customers with a change on a day that was published, corrected or withdrawn since the last fold are touched,
    each from the first such day on; a day that arrives in order is appended. Runs in the caller's transaction.
    """
    open_inputs(connection, "orders")
    connection.execute(statement("fold/pending_days"))
    pending = connection.execute("select count(*) from pending_days").fetchone()
    if pending and pending[0]:
        for step in _STEPS:
            connection.execute(statement(f"fold/{step}"))
