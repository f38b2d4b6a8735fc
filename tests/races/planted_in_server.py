"""Planted bugs of a whole server: they show only when its processes or its connections die."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.utils import timezone

from django_polls.api import views
from django_polls.exceptions import PollError
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.voting import cast_vote
from tests.races.planted import swapped

#: Votes that this process has acknowledged, and not stored yet.
pending: deque[Callable[[], Vote]] = deque()


@contextmanager
def acknowledged_before_commit() -> Iterator[None]:
    """A process answers first, and stores the vote when the next one comes, or when it is told to stop."""

    def acknowledge(poll: Poll, voter: Voter, ballot: Ballot, **_options: Any) -> Vote:
        pending.append(partial(cast_vote, poll, voter, ballot))
        store(all_but=1)
        return Vote(poll=poll, voter_key=voter.key, cast_at=timezone.now())

    with swapped(views, "cast_vote", acknowledge):
        yield


def store(*, all_but: int = 0) -> None:
    """Store the pending votes, the oldest first, all but some."""
    while len(pending) > all_but:
        with suppress(PollError):
            pending.popleft()()
