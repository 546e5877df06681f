"""A project of its own for each test."""

from pathlib import Path

import pytest

from customer_analytics_tests.end_to_end.project import Project, copy_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return copy_project(tmp_path / "project")
