"""Counting polls as they stand: afresh, or remembered until their votes change. It asks nobody who may see it."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from django.db import router, transaction
from django.db.models import F, QuerySet, Sum, prefetch_related_objects

from django_polls import statements
from django_polls.conf import voting_methods
from django_polls.exceptions import (
    InvalidBallot,
    PollNotClosed,
    PollUncountable,
    TryAgain,
)
from django_polls.methods.ballots import Ballot as BallotValue
from django_polls.methods.base import VotingMethod
from django_polls.methods.counting import Counted, check_ballot, count_ballots
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Decision, Rules
from django_polls.models import Ballot, LedgerEntry, Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Status
from django_polls.models.votes import CountedRow, votes_of_ballot

OUTCOMES_KEPT = 256

# The number of votes, and the sum over all ballots of their votes times their random id: it changes whenever the votes
# of any ballot do, and compaction leaves it as it is. A database sums the id's two halves, which do not overflow
# 63 bits below 2^32 votes.
Fingerprint = tuple[int, int]
HALF = 31
LOW_HALF = (1 << HALF) - 1

CacheKey = tuple[str, UUID, int, bool, int | None]
"""Database, poll, revision, whether it is closed, and its electorate: the rules by which an outcome was counted."""


def renew_options(polls: Sequence[Poll]) -> None:
    """Read these polls' options again by one statement, for whoever asks the objects for them."""
    for poll in polls:
        getattr(poll, "_prefetched_objects_cache", {}).pop("options", None)
    prefetch_related_objects(polls, "options")


def knows_options_of(poll: Poll, outcome: Outcome) -> bool:
    """Whether the poll's object has every option of an outcome; one with its options still to be read will have."""
    if "options" not in getattr(poll, "_prefetched_objects_cache", {}):
        return True
    return outcome.option_votes.keys() <= {option.pk for option in poll.options.all()}


def outcomes_as_they_stand(polls: Sequence[Poll], using: str) -> dict[UUID, Outcome]:
    """Return the outcomes of polls whose methods are there, by their ids; not of those that cannot be counted."""
    cases = _cases(polls, using)
    few = [case for case in cases if case.method.few_ballots]
    many = [case for case in cases if not case.method.few_ballots]
    return _counted(few, using) | _remembered(many, using)


class _Case(NamedTuple):
    """A poll to be counted, and whether its votes are final."""

    poll: Poll
    is_closed: bool

    @property
    def method(self) -> VotingMethod:
        return self.poll.voting_method

    @property
    def rules(self) -> Rules:
        """The rules by which it is counted now: the seed of its ties stays secret until it is closed.

        Raises PollUncountable.
        """
        try:
            rules = self.poll.final_rules if self.is_closed else self.poll.rules
        except ValueError:
            raise PollUncountable from None
        if self.method.faults(rules):
            raise PollUncountable
        return rules

    def key(self, using: str) -> CacheKey:
        return using, self.poll.pk, self.poll.revision, self.is_closed, self.poll.electorate_size

    def outcome(self, ballots: Sequence[Counted]) -> Outcome:
        """Return what ballots come to that were read after the poll. Raises PollUncountable."""
        weights = {weight for _body, votes, weight in ballots if weight is not None and votes}
        try:
            return count_ballots(self.method, ballots, self.rules, weights)
        except KeyError:
            # One marks an option that the poll did not have when it was read: it was edited before its first vote.
            renew_options([self.poll])
            return count_ballots(self.method, ballots, self.rules, weights)


def _renew_growing(cases: Iterable[_Case]) -> None:
    """Do so for polls that take new options at any time: a ballot just read may mark one of them."""
    renew_options([case.poll for case in cases if case.poll.accepts_new_options])


def _cases(polls: Sequence[Poll], using: str) -> list[_Case]:
    """Return the polls with whether they are closed.

    Waits for votes cast before a deadline and committed after it, so that no final count is short of one. Raises
    TryAgain where whoever was waited for moved the deadline: a poll that is open again may hide its results.
    A replica cannot be waited for; what is read from one may be late.
    """
    timed = [poll for poll in polls if poll.closed_at is None and poll.expires_at is not None]
    if not timed:
        return [_Case(poll, poll.closed_at is not None) for poll in polls]
    now = getattr(timed[0], "read_at", None) or database_now(using)
    cases = [_Case(poll, poll.status_at(now) == Status.CLOSED) for poll in polls]
    for poll, is_closed in cases if using == router.db_for_write(Poll) else ():
        if is_closed and poll.closed_at is None:
            _wait_for_votes(poll.pk, poll.expires_at, using)
    return cases


@lru_cache(maxsize=OUTCOMES_KEPT)
def _wait_for_votes(poll_id: UUID, expires_at: datetime, using: str) -> None:  # noqa: ARG001  part of what is remembered
    """Hold the poll for a moment, once in each process: whoever took its shared hold in time has committed then."""
    with transaction.atomic(using=using):
        poll = statements.held_poll(poll_id, using, exclusively=True)
    if poll is None or poll.status != Status.CLOSED:
        raise TryAgain


def _counted(cases: Sequence[_Case], using: str) -> dict[UUID, Outcome]:
    """Count these polls afresh, by one statement. It starts from their ballots, and reads no vote."""
    if not cases:
        return {}
    counted: dict[UUID, list[Counted]] = defaultdict(list)
    ballots = Ballot.objects.using(using).filter(poll_id__in=[case.poll.pk for case in cases])
    for poll_id, body, votes, weight in ballots.counted_ballots():
        counted[poll_id].append((body, votes, weight))
    _renew_growing(cases)
    return _countable({case.poll.pk: partial(case.outcome, counted[case.poll.pk]) for case in cases})


def _countable(counts: Mapping[UUID, Callable[[], Outcome]]) -> dict[UUID, Outcome]:
    """Return what these counts come to, without those of polls that their method cannot count."""
    outcomes = {}
    for poll_id, count in counts.items():
        with suppress(PollUncountable):
            outcomes[poll_id] = count()
    return outcomes


def _fingerprint_of(rows: Sequence[CountedRow]) -> Fingerprint:
    return sum(votes for _id, _body, votes, _weight in rows), sum(pk * votes for pk, _body, votes, _weight in rows)


class _Remembered:
    """The outcome of one poll under one definition, counted by one thread at a time and kept until the votes change."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.fingerprint: Fingerprint | None = None
        self.outcome: Outcome | None = None

    def get(self, case: _Case, using: str, fingerprint: Fingerprint | None) -> Outcome:
        """Return the outcome under this fingerprint, None if it was not asked for while nothing was remembered."""
        with self.lock:
            if self.outcome is not None and fingerprint is None:
                # Another thread has counted meanwhile, perhaps before the last vote.
                fingerprint = _fingerprints([case.poll], using)[case.poll.pk]
            if self.outcome is None or self.fingerprint != fingerprint:
                # The fingerprint kept is that of the very rows counted: votes may have come since the one asked for.
                rows = Ballot.objects.using(using).filter(poll=case.poll).counted_rows()
                self.fingerprint = _fingerprint_of(rows)
                _renew_growing([case])
                self.outcome = case.outcome([row[1:] for row in rows])
            return self.outcome


_kept: OrderedDict[CacheKey, _Remembered] = OrderedDict()
_kept_lock = Lock()


def _remembered(cases: Sequence[_Case], using: str) -> dict[UUID, Outcome]:
    """Return the outcomes of polls with many distinct ballots, counted only if their votes have changed."""
    slots = {case: _slot(case.key(using)) for case in cases}
    fingerprints = _fingerprints([case.poll for case, slot in slots.items() if slot.outcome is not None], using)
    return _countable(
        {case.poll.pk: partial(slot.get, case, using, fingerprints.get(case.poll.pk)) for case, slot in slots.items()}
    )


def _slot(key: CacheKey) -> _Remembered:
    with _kept_lock:
        slot = _kept.setdefault(key, _Remembered())
        _kept.move_to_end(key)
        if len(_kept) > OUTCOMES_KEPT:
            _kept.popitem(last=False)
    return slot


def _fingerprints(polls: Sequence[Poll], using: str) -> dict[UUID, Fingerprint]:
    """Return the fingerprint of each poll by its id, by one statement: it is linear, so ballots and ledger add up."""
    if not polls:
        return {}
    ids = [poll.pk for poll in polls]
    ballots = Ballot.objects.using(using).filter(poll_id__in=ids)
    ledger = LedgerEntry.objects.using(using).filter(ballot__poll_id__in=ids)
    counted = _sums(ballots, "poll_id", "id", "counted")
    pending = _sums(ledger, "ballot__poll_id", "ballot_id", "delta")
    found = dict.fromkeys(ids, (0, 0))
    for poll_id, votes, low, high in counted.union(pending, all=True):
        total, product = found[poll_id]
        found[poll_id] = total + int(votes), product + (int(high) << HALF) + int(low)
    return found


def _sums(rows: QuerySet[Any], poll: str, ballot: str, votes: str) -> QuerySet[Any, Any]:
    sums = {
        "total": Sum(votes),
        "low": Sum(F(votes) * F(ballot).bitand(LOW_HALF)),
        "high": Sum(F(votes) * F(ballot).bitrightshift(HALF)),
    }
    summed: QuerySet[Any, Any] = rows.order_by().values(poll).annotate(**sums).values_list(poll, *sums)
    return summed


def votes_in(polls: Iterable[Poll], using: str) -> dict[UUID, int]:
    """Return the number of votes of each of these polls, by one statement that reads no vote."""
    ballots = Ballot.objects.using(using).filter(poll__in=[poll.pk for poll in polls]).order_by()
    summed = ballots.annotate(vote_count=votes_of_ballot()).values("poll_id").annotate(total=Sum("vote_count"))
    return dict.fromkeys((poll.pk for poll in polls), 0) | dict(summed.values_list("poll_id", "total"))


def other_outcomes(poll: Poll) -> list[Outcome]:
    """Return what other ways of counting that fit the same ballots would say of a closed poll. They decide nothing.

    Those are the ways of every registered method that takes such ballots and under whose rules each ballot is valid.
    Raises PollNotClosed.
    """
    using = poll._state.db or router.db_for_read(Poll)
    (case,) = _cases([poll], using)
    if not case.is_closed:
        raise PollNotClosed
    rows = Ballot.objects.using(using).filter(poll=poll).counted_rows()
    ballots = [(body, votes, weight) for _id, body, votes, weight in rows if votes]
    weights = {weight for _body, _votes, weight in ballots if weight is not None}
    ways = [(method, rules) for method, rules in _other_ways(case) if _all_fit(ballots, method, rules)]
    return [count_ballots(method, ballots, rules, weights) for method, rules in ways]


def _other_ways(case: _Case) -> Iterator[tuple[VotingMethod, Rules]]:
    """Yield the other methods with the rules of the poll as far as they fit; nothing needs a quorum."""
    rules = replace(case.rules, decision=Decision())
    binding = case.method.key, rules.count or next(iter(case.method.counts), "")
    for method in voting_methods().values():
        if method.fields != case.method.fields or method.is_proposal or case.method.is_proposal:
            continue
        for count in method.counts or ("",):
            tried = replace(rules, count=count)
            fitting = replace(tried, seats=1) if "seats" in method.faults(tried) else tried
            if (method.key, count) != binding and not method.faults(fitting):
                yield method, fitting


def _all_fit(ballots: Iterable[Counted], method: VotingMethod, rules: Rules) -> bool:
    try:
        for body, _votes, _weight in ballots:
            check_ballot(method, BallotValue.from_body(body), rules)
    except InvalidBallot:
        return False
    return True
