"""Tests of what Dagster sees: assets, checks, sensors, schedules."""
