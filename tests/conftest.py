"""What every test may count on: hypothesis profiles, and a sentence for each test that its database cannot run."""

import os
import socket
from urllib.parse import urlsplit

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


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Return the URL of a Redis server: of REDIS_URL, else on the usual port; skip where there is none."""
    pytest.importorskip("redis")
    url = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=2).close()
    except OSError:
        pytest.skip(f"no Redis answers at {parts.hostname}, and REDIS_URL names no other")
    return url
