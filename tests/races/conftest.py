"""What every race shares: its mark, a database with real commits, and a crew of threads."""

from collections.abc import Iterator

import pytest
from django.db import connection

from django_polls import definitions
from tests.races.copies import CopiesByThread
from tests.races.crew import Crew


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test of this folder as a race that commits."""
    for item in items:
        if "races" in item.path.parts:
            item.add_marker(pytest.mark.races)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def crew() -> Iterator[Crew]:
    """Seventeen threads: sixteen voters and somebody else."""
    with Crew(17) as crew:
        yield crew


@pytest.fixture(autouse=True)
def commits_need_no_disk(transactional_db: None) -> None:
    """Let PostgreSQL commit before the disk has it: what dies in these tests is a process, never the machine."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")


@pytest.fixture
def threads_as_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no thread know what another has read or edited."""
    monkeypatch.setattr(definitions, "_kept", CopiesByThread())
