"""The one DuckDB file: connection and lock, schema migrations, publishing days. No analytics, no Dagster."""
