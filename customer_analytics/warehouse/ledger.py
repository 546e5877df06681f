"""Reading the ledger: what is published of each source."""

from datetime import date

import duckdb

from customer_analytics.contracts.source import Source


def published_fingerprints(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[date, tuple[str, str]]:
    """By published day, the fingerprints of its delivery and of the rules it was judged by."""
    rows = connection.execute(
        "select delivery_day, fingerprint, rules_fingerprint from quality.deliveries where source = ?", [source.name]
    ).fetchall()
    return {day: (fingerprint, rules) for day, fingerprint, rules in rows}


def latest_published(connection: duckdb.DuckDBPyConnection | None, source: str) -> tuple[date | None, int]:
    """The latest published day of a source, and its highest revision; (None, 0) while there is none."""
    if connection is None:
        return None, 0
    row = connection.execute(
        "select max(delivery_day), coalesce(max(revision), 0) from quality.deliveries where source = ?", [source]
    ).fetchone()
    return (row[0], int(row[1])) if row else (None, 0)
