"""What every test may count on: hypothesis profiles, and a sentence for each test that its database cannot run."""

import os

import hypothesis
import pytest
from django.db import connection

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_report_header() -> str:
    """Name the database, so that a log shows what was tested."""
    return f"database: {connection.vendor}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip the tests that only another database or server can run."""
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("this test needs PostgreSQL")
