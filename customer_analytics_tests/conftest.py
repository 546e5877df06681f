"""What every test may use."""

import pytest

from customer_analytics_tests.components.conftest import company

__all__ = ["company"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits most begins first."""
    items.sort(key=lambda item: "end_to_end" not in item.nodeid)
