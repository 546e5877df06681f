"""How fast the project is, as ratios: against DuckDB's own limit, Dagster's floor, and other tools doing the same job.

Each module measures one thing and yields results; what runs is in ``jobs`` (ours and the limits) and ``peers`` (other
tools). Whether results are right belongs to the tests, not here.
"""
