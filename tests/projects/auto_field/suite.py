"""The host's own table has the host's kind of key, and the polls' tables have theirs."""

import pytest
from django.db.models import BigAutoField, SmallAutoField

from django_polls.lifecycle import delete_poll
from django_polls.models import LedgerEntry, Mark, PollOption, Vote
from tests.projects.auto_field.models import Agenda
from tests.projects.polls import make_poll


def test_keys_are_of_the_kind_that_each_app_wants() -> None:
    kinds = {type(model._meta.pk) for model in (LedgerEntry, Mark, PollOption, Vote)}

    assert (kinds, type(Agenda._meta.pk)) == ({BigAutoField}, SmallAutoField)


@pytest.mark.django_db
def test_what_the_host_attaches_to_a_poll_goes_with_it() -> None:
    poll, other = make_poll(), make_poll()
    Agenda._default_manager.create(poll=poll, meeting="March")
    kept = Agenda._default_manager.create(poll=other, meeting="April")

    delete_poll(poll)

    assert list(Agenda._default_manager.all()) == [kept]
