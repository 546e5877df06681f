"""The warehouse's own version: numbered SQL files, applied once each, in one transaction."""

from importlib import resources

import duckdb

from customer_analytics.warehouse.errors import WarehouseVersionError
from customer_analytics.warehouse.transaction import transaction

# What made older files has been written anew since: they lack what later versions build on.
OLDEST = 10

_VERSION_TABLE = "create table if not exists main.warehouse_version (version integer primary key, applied_at timestamp)"


def migrations() -> dict[int, str]:
    """The SQL of every migration by its version, ascending."""
    folder = resources.files("customer_analytics.warehouse") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return {int(file.name.split("_")[0]): file.read_text(encoding="utf-8") for file in files}


def current_version(connection: duckdb.DuckDBPyConnection) -> int:
    """The version that the open warehouse has; 0 where it is new."""
    known = connection.execute(
        """select count(*) from information_schema.tables
           where table_schema = 'main' and table_name = 'warehouse_version'"""
    ).fetchone()
    if not known or known[0] == 0:
        return 0
    row = connection.execute("select coalesce(max(version), 0) from main.warehouse_version").fetchone()
    return int(row[0]) if row else 0


def is_current(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the open warehouse has this code's version; False where it is still empty.

    Raises:
        WarehouseVersionError: it is older or newer.
    """
    newest, current = max(migrations()), current_version(connection)
    _assert_known(current, newest)
    if 0 < current < newest:
        message = (
            f"The warehouse has schema version {current}: `customer-analytics upgrade` migrates it to {newest}, and so "
            "does the next run that writes it."
        )
        raise WarehouseVersionError(message)
    return current == newest


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the open warehouse to this code's version, in one transaction.

    Raises:
        WarehouseVersionError: the warehouse was written by a newer version of this project, or by one that is too old.
    """
    steps = migrations()
    newest, current = max(steps), current_version(connection)
    _assert_known(current, newest)
    if current == newest:
        return
    with transaction(connection):
        connection.execute(_VERSION_TABLE)
        for version, sql in steps.items():
            if version > current:
                connection.execute(sql)
                connection.execute("insert into main.warehouse_version values (?, now()::timestamp)", [version])


def _assert_known(current: int, newest: int) -> None:
    if current > newest:
        message = (
            f"The warehouse has schema version {current}, this code knows versions up to {newest}. "
            "Update customer-analytics, or point CUSTOMER_ANALYTICS_DATA_DIR at another folder."
        )
        raise WarehouseVersionError(message)
    if 0 < current < OLDEST:
        message = (
            f"The warehouse has schema version {current}, this code upgrades from version {OLDEST} on. Move "
            "warehouse.duckdb away: what lies in landing/ is loaded anew."
        )
        raise WarehouseVersionError(message)
