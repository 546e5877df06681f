"""Seeded generator of realistic landing data, planted defects included; nothing here reads, judges or stores data."""
