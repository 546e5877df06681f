"""The contracts under which days were loaded: recorded once a version, so that old days stay readable."""

from datetime import datetime

import duckdb

from customer_analytics.contracts.changes import assert_version_raised, version_numbers
from customer_analytics.contracts.contract import Contract, ContractError
from customer_analytics.contracts.source import Source
from customer_analytics.warehouse.errors import WarehouseError


def record_contract(connection: duckdb.DuckDBPyConnection, source: Source, now: datetime) -> None:
    """Record the contract under which a source is loaded; runs inside the caller's transaction. ``now`` is UTC.

    Going back to a version as it was recorded is fine. Under the version that it has, a contract may only change its
    words; the record then follows.

    Raises:
        WarehouseError: the contract changed and its version does not say so, or it cannot be written down.
    """
    contract = source.contract
    fingerprints = dict(
        connection.execute(
            "select version, fingerprint from quality.contracts where source = ?", [source.name]
        ).fetchall()
    )
    if fingerprints.get(contract.version) == contract.fingerprint:
        return
    from customer_analytics.contracts.odcs import export_contract  # noqa: PLC0415 - needed once a version

    try:
        if fingerprints:
            held_to = contract.version if contract.version in fingerprints else max(fingerprints, key=version_numbers)
            before = recorded_contract(connection, source.name, held_to)
            assert_version_raised(before, contract)
        document = export_contract(contract, source.name)
    except ContractError as error:
        message = (
            f"{source.name} was not loaded: {error} Then load it again; `customer-analytics contract diff` says more."
        )
        raise WarehouseError(message) from error
    connection.execute(
        "insert or replace into quality.contracts by name "
        "select $source as source, $version as version, $fingerprint as fingerprint, $document as document, "
        "$now as recorded_at",
        {
            "source": source.name,
            "version": contract.version,
            "fingerprint": contract.fingerprint,
            "document": document,
            "now": now,
        },
    )


def recorded_versions(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The versions of a source's contract under which something was loaded, the lowest first."""
    rows = connection.execute("select version from quality.contracts where source = ?", [source]).fetchall()
    return sorted((version for (version,) in rows), key=version_numbers)


def recorded_contract(connection: duckdb.DuckDBPyConnection, source: str, version: str) -> Contract:
    """A source's contract as it was when days were loaded under this version.

    Raises:
        WarehouseError: nothing was loaded under this version, or the record cannot be read.
    """
    from customer_analytics.contracts.odcs import import_contract  # noqa: PLC0415 - needed where one changed

    row = connection.execute(
        "select document from quality.contracts where source = ? and version = ?", [source, version]
    ).fetchone()
    if row is None:
        known = ", ".join(recorded_versions(connection, source)) or "none, nothing was loaded yet"
        message = f"{source} has no recorded contract {version}. Recorded are: {known}."
        raise WarehouseError(message)
    try:
        return import_contract(row[0])[1]
    except ContractError as error:
        message = f"The recorded contract {version} of {source} cannot be read: {error}"
        raise WarehouseError(message) from error
