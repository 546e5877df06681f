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
