"""The change rows of customers: kept equal to the fold of all published orders, whatever the order of arrival."""

import duckdb

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement

_STEPS = ("delete_changed_rows", "insert_changed_rows", "relink_previous_rows")


def fold_pending_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring ``marts.customer_value_history`` up to every published day of orders.

    Only customers with a change on a day that was published, corrected or withdrawn since the last fold are touched,
    each from the first such day on; a day that arrives in order is appended. Runs in the caller's transaction.
    """
    open_inputs(connection, "orders")
    connection.execute(statement("fold/pending_days"))
    first_day = connection.execute("select min(delivery_day) from pending_days").fetchone()
    if first_day and first_day[0]:
        connection.execute(statement("fold/touched_customers"))
        for step in _STEPS:
            connection.execute(statement(f"fold/{step}"), {"first_day": first_day[0]})
        connection.execute(statement("fold/record_folded_days"))
        connection.execute("drop table touched_customers")
    connection.execute("drop table pending_days")
