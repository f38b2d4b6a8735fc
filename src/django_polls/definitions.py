"""A bounded copy, in each process, of the polls that are being voted in, so that a vote need not read them.

A copy may be old. Nothing is decided by it alone: the statement that inserts a vote checks the revision, and a refusal
found on a copy is decided again on a fresh one.
"""

from collections import OrderedDict
from decimal import Decimal
from itertools import count
from threading import Lock
from uuid import UUID

from django_polls.exceptions import PollUncountable
from django_polls.methods.ballots import Ballot
from django_polls.methods.base import VotingMethod
from django_polls.methods.rules import Rules
from django_polls.models import Poll

POLLS_KEPT = 256
BALLOTS_KEPT = 1_000


class Definition:
    """One poll as it was when it was read, with its options and groups, and the ids of ballots already met.

    Raises MethodUnavailable or PollUncountable for a poll that nobody could count.
    """

    def __init__(self, poll: Poll, using: str) -> None:
        if not poll.is_countable:
            raise PollUncountable
        self.poll = poll
        # Its own: whoever is shown the poll may refresh it.
        self.revision = poll.revision
        self.using = using
        self.rules: Rules = poll.rules
        self.method: VotingMethod = poll.voting_method
        self.is_limited = poll.is_limited
        self.casts = count(1)
        self.ballot_ids: dict[tuple[str, Decimal], int] = {}

    def continue_from(self, former: "Definition") -> None:
        """Go on counting casts, and keep the ballots met, if they are of the same definition."""
        self.casts = former.casts
        if self.revision == former.revision:
            self.ballot_ids = former.ballot_ids

    def ballot_id(self, ballot: Ballot, weight: Decimal) -> int | None:
        """Return the id of a stored ballot that this process has met, else None."""
        return self.ballot_ids.get((ballot.body, weight))

    def remember(self, ballot: Ballot, weight: Decimal, ballot_id: int) -> None:
        """Keep the id of a ballot that is committed."""
        if len(self.ballot_ids) < BALLOTS_KEPT:
            self.ballot_ids[ballot.body, weight] = ballot_id


_kept: OrderedDict[tuple[str, UUID], Definition] = OrderedDict()
_lock = Lock()


def known(poll_id: UUID, using: str) -> Definition | None:
    """Return the copy of the poll that this process has, if any."""
    with _lock:
        definition = _kept.get((using, poll_id))
        if definition is not None:
            _kept.move_to_end((using, poll_id))
    return definition


def load(poll_id: UUID, using: str) -> Definition | None:
    """Read the poll afresh, keep it as this process's copy, and return it; None where there is no such poll."""
    poll = Poll.objects.using(using).prefetch_related("options", "groups").filter(pk=poll_id).first()
    if poll is None:
        forget(poll_id, using)
        return None
    definition = Definition(poll, using)
    with _lock:
        if (former := _kept.get((using, poll_id))) is not None:
            definition.continue_from(former)
        _kept[using, poll_id] = definition
        if len(_kept) > POLLS_KEPT:
            _kept.popitem(last=False)
    return definition


def forget(poll_id: UUID, using: str) -> None:
    """Drop this process's copy of the poll."""
    with _lock:
        _kept.pop((using, poll_id), None)
