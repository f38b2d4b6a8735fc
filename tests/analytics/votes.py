"""Votes at chosen times: the tests of analytics move them to where they are wanted."""

from datetime import datetime
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.db.models import QuerySet

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.voting import cast_vote
from tests.factories import UserFactory


def vote_at(poll: Poll, moment: datetime, ballot: Ballot | int = 0, voter: Voter | None = None) -> Vote:
    """Cast a vote, of a guest where nobody is named, for a ballot or the option of this number, at this time."""
    chosen = Ballot.of(poll.options.all()[ballot].pk) if isinstance(ballot, int) else ballot
    vote = cast_vote(poll, voter or Voter(uuid4()), chosen)
    QuerySet(Vote).filter(pk=vote.pk).update(cast_at=moment)
    return vote


def members(group: Group, number: int) -> list[User]:
    """Return so many new members of a group."""
    users: list[User] = [UserFactory() for _ in range(number)]
    group.user_set.set(users)
    return users
