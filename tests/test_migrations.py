"""The migrations go back and forth, and what they make is whole."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from django_polls import lifecycle, statements
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
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


def test_polls_of_before_0002_go_on_as_they_were_and_get_seeds_of_their_own(migrated: None) -> None:
    call_command("migrate", "django_polls", "0001", verbosity=0)
    state = MigrationExecutor(connection).loader.project_state(("django_polls", "0001_initial"))
    former = state.apps.get_model("django_polls", "Poll")
    ids = [former.objects.create(title=title).pk for title in ("Tea?", "Coffee?")]

    call_command("migrate", "django_polls", verbosity=0)

    polls = [Poll.objects.get(pk=pk) for pk in ids]
    assert [(poll.final_ties, poll.tie_seed, poll.tie_seed_hash) for poll in polls] == [("declare", None, "")] * 2
    for poll in polls:
        poll.options.create(text="Yes")
        poll.options.create(text="No")
        lifecycle.edit_poll(poll, lifecycle.PollDraft({"description": "Edited."}))
    assert len({Poll.objects.get(pk=pk).tie_seed_hash for pk in ids}) == 2
    assert [Poll.objects.get(pk=pk).final_ties for pk in ids] == ["declare"] * 2


def test_a_process_of_before_0002_may_still_create_polls(migrated: None) -> None:
    state = MigrationExecutor(connection).loader.project_state(("django_polls", "0001_initial"))

    pk = state.apps.get_model("django_polls", "Poll").objects.create(title="Tea?").pk

    poll = Poll.objects.get(pk=pk)
    assert (poll.final_ties, poll.seats, poll.max_score, poll.count) == ("declare", 1, 5, "")
