"""Bringing an earlier serving snapshot up to date by what was added since, so that a long history costs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from customer_analytics.quality.sql import literal, name
from customer_analytics.warehouse.transaction import transaction

# Beside the sources. Of the last three a day's rows are written together, and dropped when the day is no longer kept.
_GROWING = (
    "customer_value_closed",
    "customer_value_open",
    "customer_features",
    "customer_value_forecast",
    "at_risk_customers",
)

_FOLDED_SINCE = "select delivery_day from marts.folded_days except select delivery_day from serving.marts.folded_days"

# Each finds something where the snapshot says what the warehouse no longer says: a day that was withdrawn, corrected or
# derived anew, a day folded between earlier ones, customers who were merged or parted, another version.
_CONTRADICTIONS = (
    """select source, delivery_day, revision, content_hash from serving.quality.deliveries
       except select source, delivery_day, revision, content_hash from quality.deliveries""",
    """select asset, as_of_date, inputs_revision, run_id, computed_at from serving.marts.as_of_days
       except select asset, as_of_date, inputs_revision, run_id, computed_at from marts.as_of_days""",
    "from serving.marts.folded_days except from marts.folded_days",
    f"""select delivery_day from ({_FOLDED_SINCE})
        where delivery_day <= (select max(delivery_day) from serving.marts.folded_days)""",
    "from marts.alias_revisions except from serving.marts.alias_revisions",
    "from marts.folded_aliases except from serving.marts.folded_aliases",
    "from serving.marts.folded_aliases except from marts.folded_aliases",
    "select version from main.warehouse_version except select version from serving.main.warehouse_version",
)


@dataclass(frozen=True)
class Table:
    """A table that readers get."""

    schema: str
    name: str

    @property
    def place(self) -> str:
        """The table as SQL writes it."""
        return f"{name(self.schema)}.{name(self.name)}"


def update_snapshot(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> bool:
    """Make the snapshot attached as ``serving`` say of ``tables`` what the open warehouse says.

    False where not only something was added, or where rows do not add up: then the snapshot is of no use. What a reader
    should no longer see would still stand in its freed blocks; what is replaced here follows from what stays published.
    """
    with transaction(connection):
        if any(_columns(connection, f"serving.{table.place}") != _columns(connection, table.place) for table in tables):
            return False
        if any(connection.execute(f"select 1 from ({query}) limit 1").fetchone() for query in _CONTRADICTIONS):
            return False
        growing = [table for table in tables if table.schema == "sources" or table.name in _GROWING]
        for table in growing:
            _add_what_came(connection, table)
        for table in set(tables).difference(growing):  # Among them what says since when: it must come last.
            _replace_other_content(connection, table)
        return all(_rows(connection, f"serving.{table.place}") == _rows(connection, table.place) for table in tables)


def _add_what_came(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    place = table.place
    if table.schema == "sources":
        _add(connection, place, f"delivery_day in ({_published_since(table.name)})")
    elif table.name == "customer_value_closed":
        _add(connection, place, f"valid_to in ({_FOLDED_SINCE})")
    elif table.name == "customer_value_open":
        changed = f"select customer_id from {place} where valid_from in ({_FOLDED_SINCE})"
        connection.execute(f"delete from serving.{place} where customer_id in ({changed})")
        _add(connection, place, f"valid_from in ({_FOLDED_SINCE})")
    else:
        connection.execute(f"delete from serving.{place} where as_of_date < (select min(as_of_date) from {place})")
        _add(connection, place, f"as_of_date in ({_computed_since(table.name)})")


def _replace_other_content(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Row by row: of a table that says something of every day, most stays."""
    ours, theirs = (f"{place} as whole_row" for place in (table.place, f"serving.{table.place}"))
    is_other = "hash(whole_row) not in (select hash(whole_row) from {})"
    connection.execute(f"delete from {theirs} where {is_other.format(ours)}")
    connection.execute(f"insert into serving.{table.place} by name from {ours} where {is_other.format(theirs)}")


def _add(connection: duckdb.DuckDBPyConnection, place: str, condition: str) -> None:
    connection.execute(f"insert into serving.{place} by name from {place} where {condition}")


def _published_since(source: str) -> str:
    query = f"select delivery_day from {{}}quality.deliveries where source = {literal(source)}"
    return f"{query.format('')} except {query.format('serving.')}"


def _computed_since(asset: str) -> str:
    query = f"select as_of_date from {{}}marts.as_of_days where asset = {literal(asset)}"
    return f"{query.format('')} except {query.format('serving.')}"


def _columns(connection: duckdb.DuckDBPyConnection, place: str) -> list[tuple[str, str]]:
    """Names and types. DuckDB's own list of all columns takes a quarter of a second."""
    return [row[:2] for row in connection.execute(f"describe {place}").fetchall()]


def _rows(connection: duckdb.DuckDBPyConnection, place: str) -> tuple[int] | None:
    return connection.execute(f"select count(*) from {place}").fetchone()
