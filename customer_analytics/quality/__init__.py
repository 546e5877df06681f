"""Judging records against their contract and auditing days. It decides; it neither publishes nor keeps history."""
