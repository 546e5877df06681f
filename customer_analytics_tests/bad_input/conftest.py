"""The scene that tests of this room play in."""

from customer_analytics_tests.scenario import scene

__all__ = ["scene"]
