"""The change rows of customers: kept equal to the fold of all published orders, whatever the order of arrival."""

import duckdb

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement

# What a fold holds in memory grows with the orders that it adds: some 250 bytes each. More come in several batches.
BATCH_ORDERS = 2_000_000

_WHAT_IS_NEW = ("record_day_totals", "pending_days", "pending_aliases")
_STEPS = ("touched_customers", "rewind", "changed_rows", "append", "record_folded_days", "record_folded_aliases")


def fold_pending_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring ``marts.customer_value_history`` up to every published day of orders and to the present aliases.

    What a day adds to a customer's latest change row is appended. Only customers whose rows contradict a published,
    corrected or withdrawn day, or who were merged or parted since, are taken back to before the first such day, and
    their rows made anew from there. Runs in the caller's transaction.
    """
    open_inputs(connection, "orders")
    for step in _WHAT_IS_NEW:
        connection.execute(statement(f"fold/{step}"))
    while _is_pending(connection):
        connection.execute(statement("fold/next_days"), {"batch_orders": BATCH_ORDERS})
        for step in _STEPS:
            connection.execute(statement(f"fold/{step}"))


def _is_pending(connection: duckdb.DuckDBPyConnection) -> bool:
    (pending,) = connection.execute(statement("fold/pending")).fetchone() or (0,)
    return bool(pending)
