"""Each row is in the database that the router names, and in no other."""

import pytest
from django.contrib.auth.models import Group
from django.db import connections

from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, close_poll, copy_poll, create_poll, delete_poll, edit_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.polls import Electorate
from django_polls.voting import cast_vote
from tests.projects.people import member

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DRAFT = PollDraft({"title": "Lunch", "is_draft": True}, [OptionDraft("Soup"), OptionDraft("Salad")])


def test_tables_are_in_one_database_each() -> None:
    tables = {alias: set(connections[alias].introspection.table_names()) for alias in ("default", "polls")}

    assert tables["default"] & tables["polls"] == {"django_migrations"}
    assert {"django_polls_poll", "django_polls_vote", "auth_user", "django_admin_log"} <= tables["polls"]
    assert "django_session" in tables["default"]


def test_every_verb_works_in_the_second_database() -> None:
    board = Group.objects.create(name="board")
    user = member("anna")
    user.groups.add(board)

    poll = create_poll(DRAFT, created_by=user)
    edited = edit_poll(poll, PollDraft({"is_draft": False, "electorate": Electorate.GROUPS}, groups=[board]))
    cast_vote(edited, Voter.from_user(user), Ballot.of(edited.options.first().pk))
    closed = close_poll(edited, closed_by=user, reason="Enough")
    copy = copy_poll(closed, created_by=user)
    delete_poll(closed, with_votes=True)

    assert list(Poll.objects.using("polls").values_list("pk", "created_by")) == [(copy.pk, user.pk)]
    assert list(copy.groups.all()) == [board]
    assert Vote.objects.using("polls").count() == 0
