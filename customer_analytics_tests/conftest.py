"""What every test may use."""

from customer_analytics_tests.components.conftest import company

__all__ = ["company"]
