"""Elections as polls: every ballot of a file cast through `cast_vote`, so that a second run resumes the first."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import router, transaction

from django_polls.elections.files import CountedBallot, Election, UnreadableElection
from django_polls.exceptions import AlreadyVoted, InvalidBallot, InvalidPoll, TryAgain
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, create_poll
from django_polls.methods.ballots import Ballot, Mark
from django_polls.methods.rankings import ballot_of
from django_polls.models import Poll, Vote
from django_polls.models.text import comparison_key
from django_polls.transactions import retried
from django_polls.voting import cast_vote

IMPORTED_FROM = "imported_from"

BATCH = 1_000
ATTEMPTS = 4

# The methods under which a blank ballot is a vote like others: it prefers nothing to anything.
TAKE_BLANKS = frozenset({"ranked", "score"})


@dataclass(frozen=True, slots=True)
class Pile:
    """Equal ballots as a poll takes them, with their numbers in the file, from 1."""

    ballot: Ballot
    numbers: range


@dataclass(frozen=True, slots=True)
class Counting:
    """How a new poll is counted: in one of its method's ways, the first where that is empty, for so many seats."""

    count: str = ""
    seats: int = 1


FIRST_COUNT = Counting()


def poll_of(election: Election, title: str, counting: Counting = FIRST_COUNT) -> Poll:
    """Return the poll that an earlier run made for this election, method and count, else a new one.

    Raises InvalidPoll or MethodUnavailable.
    """
    fields = {"method": election.method, "count": _count(election.method, counting.count), "seats": counting.seats}
    # A user who may write metadata could otherwise have a poll of their own filled.
    made = Poll.objects.using(router.db_for_write(Poll)).filter(created_by=None, **fields)
    begun = made.filter(**{f"metadata__{IMPORTED_FROM}": election.digest}).order_by("created_at").first()
    if begun is not None:
        return begun
    fields |= {"title": title, "metadata": {IMPORTED_FROM: election.digest}, **_rules_that_fit(election)}
    return create_poll(PollDraft(fields, [OptionDraft(text) for text in election.options]))


def _count(method: str, asked: str) -> str:
    """Return the way of counting asked for, else the method's first, so that both are one and the same poll."""
    counts = Poll(method=method).voting_method.counts
    if asked and asked not in counts:
        ways = f"counted by {', '.join(counts)}" if counts else "counted in one way"
        raise InvalidPoll({"count": [f'"{method}" is {ways}, not by "{asked}".']})
    return asked or next(iter(counts), "")


def _rules_that_fit(election: Election) -> dict[str, Any]:
    """Return the fields of a poll that takes every ballot of an election, blank ones where they are votes."""
    if election.method not in TAKE_BLANKS:
        return {}
    has_blanks = any(not ballot.groups and not ballot.scores for ballot in election.ballots)
    fields: dict[str, Any] = {"min_options": 0 if has_blanks else 1}
    if election.max_score is not None:
        return fields | {"max_score": election.max_score}
    return fields | {"equal_ranks": any(len(group) > 1 for ballot in election.ballots for group in ballot.groups)}


def piles_for(election: Election, poll: Poll) -> list[Pile]:
    """Return the ballots that can be expressed in the poll: those that its method accepts.

    Raises UnreadableElection where the poll has another method, or lacks an option.
    """
    if poll.method != election.method:
        raise UnreadableElection("method", f'the poll has "{poll.method}", these ballots need "{election.method}".')
    option_ids, rules = _option_ids(election, poll), poll.rules
    piles, first = [], 1
    for counted in election.ballots:
        pile = Pile(_ballot(counted, election.method, option_ids), range(first, first + counted.count))
        first += counted.count
        with suppress(InvalidBallot):
            poll.voting_method.check(pile.ballot, rules)
            piles.append(pile)
    return piles


def _ballot(counted: CountedBallot, method: str, option_ids: Sequence[int]) -> Ballot:
    """Return a ballot of the file as the method has it: of a ranking all groups, or the first where only one counts."""
    if counted.scores:
        return Ballot(tuple(Mark(option_ids[place], score=Decimal(score)) for place, score in counted.scores))
    groups = [[option_ids[place] for place in group] for group in counted.groups]
    first = groups[0] if groups else ()
    return ballot_of(groups) if method == "ranked" else Ballot.of(*first)


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
