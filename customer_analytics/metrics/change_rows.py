"""The change rows of customers: kept equal to the fold of all published orders, whatever the order of arrival."""

import duckdb

from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement

# What a fold sorts and spills grows with the orders that it adds, so more come in several batches; but every batch
# reads and writes the open rows of its customers.
BATCH_ORDERS = 10_000_000

_WHAT_IS_NEW = ("record_day_totals", "pending_days", "pending_aliases")
# Each step, with the rows without which it is left out: what DuckDB 1.5 inserts in bulk into a table that no rows were
# inserted into before, in the same transaction, is not seen until the next checkpoint.
_STEPS = {
    "touched_customers": None,
    "rewind": None,
    "reopen": "from reopened_rows limit 1",
    "changed_rows": None,
    "close": "from changed_rows where valid_to < date '9999-12-31' limit 1",
    "append": "from changed_rows limit 1",
    "record_folded_days": None,
    "record_folded_aliases": None,
}


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
        for step, rows in _STEPS.items():
            if rows is None or connection.execute(rows).fetchone():
                connection.execute(statement(f"fold/{step}"))


def _is_pending(connection: duckdb.DuckDBPyConnection) -> bool:
    (pending,) = connection.execute(statement("fold/pending")).fetchone() or (0,)
    return bool(pending)
