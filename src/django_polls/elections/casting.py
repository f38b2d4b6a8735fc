"""Elections as polls: every ballot of a file cast through `cast_vote`, so that a second run resumes the first."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db import router, transaction

from django_polls.elections.files import Election, UnreadableElection
from django_polls.exceptions import AlreadyVoted, InvalidBallot, TryAgain
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, create_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.text import comparison_key
from django_polls.transactions import retried
from django_polls.voting import cast_vote

IMPORTED_FROM = "imported_from"

BATCH = 1_000
ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Pile:
    """Equal ballots as a poll takes them, with their numbers in the file, from 1."""

    ballot: Ballot
    numbers: range


def poll_of(election: Election, title: str) -> Poll:
    """Return the poll that an earlier run made for this election and method, else a new one. Raises InvalidPoll."""
    mark = {IMPORTED_FROM: election.digest}
    # A user who may write metadata could otherwise have a poll of their own filled.
    made = Poll.objects.using(router.db_for_write(Poll)).filter(created_by=None, method=election.method)
    begun = made.filter(**{f"metadata__{IMPORTED_FROM}": election.digest}).order_by("created_at").first()
    if begun is not None:
        return begun
    fields = {"title": title, "method": election.method, "metadata": mark}
    return create_poll(PollDraft(fields, [OptionDraft(text) for text in election.options]))


def piles_for(election: Election, poll: Poll) -> list[Pile]:
    """Return the ballots that can be expressed in the poll: those whose first group its method accepts.

    Raises UnreadableElection where the poll has another method, or lacks an option.
    """
    if poll.method != election.method:
        raise UnreadableElection("method", f'the poll has "{poll.method}", these ballots need "{election.method}".')
    option_ids = _option_ids(election, poll)
    piles, first = [], 1
    for counted in election.ballots:
        marked = counted.groups[0] if counted.groups else ()
        pile = Pile(Ballot.of(*(option_ids[place] for place in marked)), range(first, first + counted.count))
        first += counted.count
        with suppress(InvalidBallot):
            poll.voting_method.check(pile.ballot, poll.rules)
            piles.append(pile)
    return piles


def cast_piles(piles: Sequence[Pile], poll: Poll, digest: str, *, advance: Callable[[int], None]) -> None:
    """Cast every ballot of the piles through `cast_vote`, those aside that stand, and tell how many are done.

    The voter is made of the file's digest and the ballot's number, and a thousand ballots are one transaction, so
    what is interrupted is resumed by the same call. Raises what `cast_vote` raises but AlreadyVoted.
    """
    using = router.db_for_write(Vote, instance=poll)
    # A process keeps the ids of ballots that are committed: one of each goes ahead, and the rest are one statement.
    ahead = {pile.ballot: Pile(pile.ballot, pile.numbers[:1]) for pile in piles}
    for batch in _batches(ahead.values(), digest):
        _cast_batch(batch, poll, using)
    for batch in _batches(piles, digest):
        _cast_batch(batch, poll, using)
        advance(len(batch))


def _batches(piles: Iterable[Pile], digest: str) -> Iterator[dict[UUID, Ballot]]:
    votes = ((_voter_key(digest, number), pile.ballot) for pile in piles for number in pile.numbers)
    while batch := dict(islice(votes, BATCH)):
        yield batch


def _cast_batch(batch: Mapping[UUID, Ballot], poll: Poll, using: str) -> None:
    """Cast a batch in one transaction, again if the database gave up on it."""
    for _attempt in range(ATTEMPTS):
        with suppress(TryAgain):
            return retried(lambda: _cast_missing(batch, poll, using), using)
    raise TryAgain


def _cast_missing(batch: Mapping[UUID, Ballot], poll: Poll, using: str) -> None:
    with transaction.atomic(using=using):
        votes = Vote.objects.using(using).filter(poll_id=poll.pk, voter_key__in=list(batch))
        standing = set(votes.values_list("voter_key", flat=True))
        for voter_key, ballot in batch.items():
            # Another import of the same file may run now.
            with suppress(AlreadyVoted):
                if voter_key not in standing:
                    cast_vote(poll, Voter(voter_key), ballot)


def _voter_key(digest: str, number: int) -> UUID:
    seed = hashlib.sha256(f"django_polls:election:{digest}:{number}".encode()).digest()
    return UUID(bytes=seed[:16], version=4)


def _option_ids(election: Election, poll: Poll) -> list[int]:
    by_key = {option.text_key: option.pk for option in poll.options.all()}
    missing = [text for text in election.options if comparison_key(text) not in by_key]
    if missing:
        raise UnreadableElection("options", f"the poll has no option {missing[0]!r}.")
    return [by_key[comparison_key(text)] for text in election.options]
