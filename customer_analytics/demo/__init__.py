"""Seeded generator of realistic landing data, planted defects included, and the demo run on it. It judges nothing."""
