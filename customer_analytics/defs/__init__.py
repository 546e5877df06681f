"""Dagster definitions only: one folder a source or topic; what they do lives in the rooms below."""
