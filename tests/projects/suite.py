"""What holds in every host project; `tests/test_projects.py` runs it under the settings of each."""

from datetime import datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.db import connections, router
from django.utils import timezone

from django_polls import exceptions
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Status
from django_polls.results import compact, outcome_of
from django_polls.voting import cast_vote
from tests.projects.people import member
from tests.projects.polls import make_poll

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

MINUTE = timedelta(minutes=1)


def polls_around(now: datetime) -> dict[Status, Poll]:
    """Store a poll in each status that the clock decides, a minute off the moment of change."""
    return {
        Status.CLOSED: make_poll(opens_at=now - 2 * MINUTE, expires_at=now - MINUTE),
        Status.OPEN: make_poll(opens_at=now - MINUTE, expires_at=now + MINUTE),
        Status.SCHEDULED: make_poll(opens_at=now + MINUTE, expires_at=now + 2 * MINUTE),
    }


def test_host_has_no_pending_migration() -> None:
    written = StringIO()

    call_command("makemigrations", check_changes=True, dry_run=True, stdout=written)

    assert written.getvalue() == "No changes detected\n"


def test_host_passes_the_checks() -> None:
    written = StringIO()

    call_command("check", fail_level="INFO", stdout=written)

    assert written.getvalue() == "System check identified no issues (0 silenced).\n"


def test_host_is_told_what_it_lacks_for_a_public_site() -> None:
    alias = router.db_for_write(Poll)

    found = checks.run_checks(include_deployment_checks=True, databases=[alias])

    # The cache of one process, the cookie over HTTP; on PostgreSQL no lock_timeout, and no function without migrations.
    expected = ["W002", "W004"]
    if connections[alias].vendor == "postgresql":
        expected += ["W006"] + ["W008"] * ("django_polls" in settings.MIGRATION_MODULES)
    ours = [message for message in found if str(message.id).startswith("django_polls.")]
    assert sorted(str(message.id) for message in ours) == [f"django_polls.{number}" for number in expected]


def test_vote_of_a_user_is_counted_once() -> None:
    poll = make_poll()
    first, second = poll.options.all()
    user = member("anna@example.org")

    before = timezone.now()
    vote = cast_vote(poll, Voter.from_user(user), Ballot.of(second.pk))
    after = timezone.now()
    with pytest.raises(exceptions.AlreadyVoted):
        cast_vote(poll, Voter.from_user(user), Ballot.of(first.pk))

    kept = Vote.objects.get()
    assert (kept.pk, kept.voter, kept.cast_at) == (vote.pk, user, vote.cast_at)
    assert vote.cast_at is not None
    assert before <= vote.cast_at <= after
    assert (first.vote_count, second.vote_count, compact(poll), second.vote_count) == (0, 1, 1, 1)


def test_poll_is_open_and_closed_by_the_clock() -> None:
    polls = polls_around(timezone.now())

    seen = {status: Poll.objects.get(pk=poll.pk).status for status, poll in polls.items()}
    found = {status: list(Poll.objects.having_status(status)) for status in polls}

    assert seen == {status: status for status in polls}
    assert found == {status: [poll] for status, poll in polls.items()}
    assert abs(database_now(router.db_for_read(Poll)) - timezone.now()) < MINUTE


def test_vote_is_accepted_and_refused_by_the_clock() -> None:
    polls = polls_around(timezone.now())
    voter = Voter(uuid4())

    cast_vote(polls[Status.OPEN], voter, Ballot.of(polls[Status.OPEN].options.first().pk))
    with pytest.raises(exceptions.PollClosed):
        cast_vote(polls[Status.CLOSED], voter, Ballot.of(polls[Status.CLOSED].options.first().pk))
    with pytest.raises(exceptions.PollNotOpen):
        cast_vote(polls[Status.SCHEDULED], voter, Ballot.of(polls[Status.SCHEDULED].options.first().pk))

    assert {status: outcome_of(poll).votes for status, poll in polls.items()} == {
        Status.CLOSED: 0,
        Status.OPEN: 1,
        Status.SCHEDULED: 0,
    }
