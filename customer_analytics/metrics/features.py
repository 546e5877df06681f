"""Features: what was known of every customer as of the end of a day, for models and for others to build on."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa

from customer_analytics.metrics.as_of import record_days
from customer_analytics.metrics.derived import CUSTOMER_FEATURES
from customer_analytics.metrics.inputs import open_inputs
from customer_analytics.metrics.statements import statement

# Grows with every change of what a column means.
FEATURE_VERSION = 1

# Whoever ordered before the data begin looks new with the first order in them. That fades within a month: of a real
# wholesaler the first month brought twice as many new customers as each of the next, which were alike.
CENSORED_DAYS = 30

# Days are computed together as long as they do not have many more rows than these.
_ROWS_AT_ONCE = 500_000


def build_features(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> None:
    """Make the temporary view ``asked_features``: the rows of ``marts.customer_features`` for ``days``, made anew.

    A row says what was delivered by its day and happened before its end (UTC), of everyone known by then through an
    order, a refund, a ticket or an event; cancelled orders make nobody known. Numbers of what did not happen are 0,
    days since it and means of it are null. ``is_left_censored`` says that the first order lies within the first
    ``CENSORED_DAYS`` of the data, counted from the first delivery of orders: the customer may have ordered before, so
    ``age_days`` and ``order_days`` may be too low. It is null for who has not ordered.
    """
    _build_of_all(connection, days, stored=[])


def features_for(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> None:
    """Make the temporary view ``asked_features`` as ``build_features`` does, of what is stored where that is the same.

    Rows are stored, and the same, where a day was computed from what is published now and is still kept.
    """
    parameters = {
        "asset": CUSTOMER_FEATURES.name,
        "sources": list(CUSTOMER_FEATURES.sources),
        "days": list(days),
        "feature_version": FEATURE_VERSION,
    }
    stored = connection.execute(statement("features/stored_days"), parameters).fetchall()
    _build_of_all(connection, days, [day for (day,) in stored])


def build_ticket_features(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> None:
    """Make the temporary view ``asked_features`` of who opened a ticket in 30 days, as if nothing else were delivered.

    What tickets tell is as ``build_features`` makes it, for a small part of its price.
    """
    _open(connection, stored=[])
    connection.execute(statement("features/customers_with_tickets"), {"days": list(days)})
    _build_of_asked(connection, days, "tickets_of_asked")


def compute_customer_features(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], run_id: str, computed_at: datetime
) -> None:
    """Replace ``days`` in ``marts.customer_features`` by what was known as of the end of each.

    Runs in the caller's transaction. ``computed_at`` is UTC, without a time zone.
    """
    build_features(connection, days)
    connection.execute(statement("features/delete"), {"days": list(days)})
    connection.execute(statement("features/store"))
    record_days(connection, CUSTOMER_FEATURES, days, run_id, computed_at)


def features_as_of(
    connection: duckdb.DuckDBPyConnection, customers: Sequence[str], times: Sequence[datetime]
) -> pa.Table:
    """What was known of each of ``customers`` at the time beside it: one row a pair, in the order given.

    A time sees the last day that was over by then (UTC), which is the row's ``as_of_date``. The columns are those of
    ``marts.customer_features``, computed anew for these customers only, so any past day can be asked for, also of the
    serving snapshot. Of a customer who was not known yet, numbers are 0, ``is_unsubscribed`` is false, and the rest is
    null. An id that was merged into another one has the features of that one. Replaces the temporary view
    ``asked_features``.

    Raises:
        ValueError: a time has no time zone, or there are not as many times as customers.
    """
    if len(customers) != len(times):
        message = f"there are {len(customers)} customers and {len(times)} times; give one time for each customer"
        raise ValueError(message)
    days = [_last_day_over(time) for time in times]
    _open(connection, stored=[])
    connection.register("given_pairs", _numbered(customers, days))
    connection.execute(statement("features/asked_pairs"))
    connection.unregister("given_pairs")
    connection.execute(statement("features/paired_customers"))
    _build_of_asked(connection, days, "records_of_asked")
    return connection.execute(statement("features/of_pairs")).to_arrow_table()


def _build_of_all(connection: duckdb.DuckDBPyConnection, days: Sequence[date], stored: Sequence[date]) -> None:
    _open(connection, stored)
    connection.execute(statement("features/records_of_all"))
    for some in _batches(connection, sorted(set(days).difference(stored))):
        _add_changes(connection, some)
        connection.execute(statement("features/known_customers"), {"days": some})
        _insert(connection)


def _build_of_asked(connection: duckdb.DuckDBPyConnection, days: Sequence[date], records: str) -> None:
    """Of the pairs in the temporary table ``asked_customers`` only, from what the statement ``records`` selects."""
    if days:
        connection.execute(statement(f"features/{records}"))
        _add_changes(connection, days)
        _insert(connection)


def _open(connection: duckdb.DuckDBPyConnection, stored: Sequence[date]) -> None:
    for source in CUSTOMER_FEATURES.sources:
        open_inputs(connection, source)
    connection.execute(statement("features/empty"), {"stored_days": list(stored)})


def _add_changes(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> None:
    connection.execute(statement("features/changes"), {"first_day": min(days), "last_day": max(days)})


def _insert(connection: duckdb.DuckDBPyConnection) -> None:
    parameters = {"feature_version": FEATURE_VERSION, "censored_days": CENSORED_DAYS}
    connection.execute(statement("features/insert"), parameters)


def _batches(connection: duckdb.DuckDBPyConnection, days: Sequence[date]) -> Iterator[Sequence[date]]:
    """The days, ascending, a few or many at a time."""
    size = 1
    if len(days) > 1:
        (customers,) = connection.execute(statement("features/number_of_customers")).fetchone() or (0,)
        size = max(1, _ROWS_AT_ONCE // max(1, customers))
    return (days[start : start + size] for start in range(0, len(days), size))


def _numbered(customers: Sequence[str], days: Sequence[date]) -> pa.Table:
    columns = [range(len(days)), pa.array(customers, pa.string()), pa.array(days, pa.date32())]
    return pa.table(columns, names=["number", "customer_id", "as_of_date"])


def _last_day_over(time: datetime) -> date:
    if time.tzinfo is None:
        message = f"{time.isoformat()} has no time zone; give times like datetime(2024, 3, 1, 9, tzinfo=UTC)"
        raise ValueError(message)
    return time.astimezone(UTC).date() - timedelta(days=1)
