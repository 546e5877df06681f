"""The one DuckDB file: connection and lock, its schema (views of derived figures included), publishing. No Dagster."""
