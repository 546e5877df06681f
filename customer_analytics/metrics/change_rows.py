"""The change rows of customers: kept equal to the fold of all published orders, whatever the order of arrival."""

import duckdb

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement

_STEPS = ("touched_customers", "changed_rows", "replace_rows", "record_folded_days", "record_folded_aliases")


def fold_pending_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring ``marts.customer_value_history`` up to every published day of orders and to the present aliases.

    Only customers with a change on a day that was published, corrected or withdrawn since the last fold are touched,
    each from the first such day on, and those who were merged or parted since; a day that arrives in order is appended.
    Runs in the caller's transaction.
    """
    open_inputs(connection, "orders")
    connection.execute(statement("fold/record_day_totals"))
    connection.execute(statement("fold/pending_days"))
    connection.execute(statement("fold/pending_aliases"))
    (pending,) = connection.execute(statement("fold/pending")).fetchone() or (0,)
    if pending:
        for step in _STEPS:
            connection.execute(statement(f"fold/{step}"))
