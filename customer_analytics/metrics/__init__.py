"""What is derived from published sources: customer value and customers at risk, as of the end of a day. No Dagster."""
