"""A new warehouse for a test that changes it, and for the others a company with its report."""

from collections.abc import Iterator

import duckdb
import pytest

from customer_analytics.reporting.health.page import HealthReport
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.reporting.health.html import Element, read_html
from customer_analytics_tests.reporting.health.scenario import TODAY, a_company, write

__all__ = ["warehouse"]


@pytest.fixture(scope="session")
def company() -> Iterator[duckdb.DuckDBPyConnection]:
    """Nobody changes it."""
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        a_company(connection)
        yield connection


@pytest.fixture(scope="session")
def report(company: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> HealthReport:
    return write(company, TODAY, tmp_path_factory.mktemp("reports"))[0]


@pytest.fixture(scope="session")
def text(report: HealthReport) -> str:
    return report.path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def page(text: str) -> Element:
    return read_html(text)
