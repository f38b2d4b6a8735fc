"""What every test of this folder is: pure, the same on any database."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test of this folder, so that whoever runs the suite on several databases may run it once."""
    for item in items:
        if "methods" in item.path.parts:
            item.add_marker(pytest.mark.pure)
