"""The migrations go back and forth, and what they make is whole."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from django_polls import statements
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.voting import cast_vote
from tests.factories import PollFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def migrated() -> Iterator[None]:
    """Leave the tables as they were found, whatever becomes of the test."""
    yield
    call_command("migrate", "django_polls", verbosity=0)
    statements.has_cast_function.cache_clear()


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("django_polls_")}


def has_function() -> bool:
    statements.has_cast_function.cache_clear()
    return connection.vendor == "postgresql" and statements.has_cast_function("default")


def test_migrations_are_reversible(migrated: None) -> None:
    before = tables()

    call_command("migrate", "django_polls", "zero", verbosity=0)
    without = tables(), has_function()
    call_command("migrate", "django_polls", verbosity=0)

    assert (without, tables()) == ((set(), False), before)
    assert has_function() == (connection.vendor == "postgresql")
    option = PollFactory().options.all()[0]
    cast_vote(option.poll, Voter(uuid4()), Ballot.of(option.pk))
    assert option.vote_count == 1
