"""The one write path of votes: cast, replace, withdraw. Every interface calls these, and nothing else writes votes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, router, transaction
from django.db.models import Exists, OuterRef

from django_polls import definitions, signals, statements
from django_polls.definitions import Definition
from django_polls.exceptions import (
    AlreadyVoted,
    AuthenticationRequired,
    ChangeNotAllowed,
    NotEligible,
    PollChanged,
    PollClosed,
    PollError,
    PollNotFound,
    PollNotOpen,
    TryAgain,
    VoteNotFound,
    VoterAddressUnknown,
    VoterTokenRequired,
    WithdrawalNotAllowed,
)
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.polls import GuestIdentity, Status, Until
from django_polls.policies import current_policy, is_known
from django_polls.transactions import retried

T = TypeVar("T")

ATTEMPTS = 4
COMPACT_EVERY = 1_000


class _Undecided(Exception):
    """The database took nothing, and has not said why."""


def cast_vote(poll: Poll, voter: Voter, ballot: Ballot, *, revision: int | None = None) -> Vote:
    """Cast a voter's vote, and return it once it is committed; it is counted from that instant.

    Raises a child of `PollError` and leaves nothing behind: `InvalidBallot`, `AlreadyVoted`, `NotEligible`,
    `AuthenticationRequired`, `PollNotOpen`, `PollClosed`, `PollNotFound`, `TryAgain`, and `PollChanged` where a
    `revision` is given that is not the poll's.
    """
    using = router.db_for_write(Vote, instance=poll)
    act = partial(_cast, voter=voter, ballot=ballot, revision=revision)
    with refusals_announced(poll, voter):
        return retried(lambda: _decided(poll.pk, voter, using, act), using)


def replace_vote(poll: Poll, voter: Voter, ballot: Ballot, *, revision: int | None = None) -> Vote:
    """Cast a voter's vote or change it into this one, and return it; the ballot that stands already always succeeds.

    So whoever has lost an answer can send the same again. Raises what `cast_vote` raises but `AlreadyVoted`, and
    `ChangeNotAllowed`.
    """
    using = router.db_for_write(Vote, instance=poll)
    act = partial(_replace, voter=voter, ballot=ballot, revision=revision)
    with refusals_announced(poll, voter):
        try:
            return retried(lambda: _decided(poll.pk, voter, using, act), using)
        except TryAgain:
            raise
        except PollError:
            standing = statements.standing_vote(poll.pk, voter.key, using)
            if standing is None or not _is_of(standing, ballot):
                raise
            return standing


def withdraw_vote(poll: Poll, voter: Voter) -> None:
    """Withdraw a voter's vote from an open poll that allows it.

    Raises `VoteNotFound`, `WithdrawalNotAllowed`, `PollClosed`, `PollNotFound` or `TryAgain`.
    """
    using = router.db_for_write(Vote, instance=poll)
    with refusals_announced(poll, voter):
        retried(lambda: _withdraw(poll.pk, voter, using), using)
    signals.announce(signals.vote_withdrawn, using, poll=poll, voter=voter)


def poll_for_voting(poll_id: UUID, *, fresh: bool = False) -> Poll:
    """Return this process's copy of the poll for a vote to come, read where there is none or a `fresh` one is asked.

    The copy may be old, which `cast_vote` finds out. Raises PollNotFound.
    """
    using = router.db_for_write(Poll)
    definition = None if fresh else definitions.known(poll_id, using)
    return (definition or _loaded(poll_id, using)).poll


def vote_of(poll: Poll, voter: Voter) -> Vote | None:
    """Return the voter's vote with its ballot, None where there is none."""
    return statements.standing_vote(poll.pk, voter.key, router.db_for_write(Vote, instance=poll))


@contextmanager
def refusals_announced(poll: Poll, voter: Voter | None = None) -> Iterator[None]:
    """Announce a refusal within the block; the verbs do, an interface does where it refuses before it calls one."""
    try:
        yield
    except PollError as refusal:
        using = router.db_for_write(Vote, instance=poll)
        signals.announce(signals.vote_refused, using, poll=poll, voter=voter, code=refusal.code)
        raise


def _loaded(poll_id: UUID, using: str) -> Definition:
    definition = definitions.load(poll_id, using)
    if definition is None:
        raise PollNotFound
    return definition


def _decided(poll_id: UUID, voter: Voter, using: str, act: Callable[[Definition], T]) -> T:
    """Return what the act returns on this process's copy of the poll; a refusal stands only if the copy is current."""
    definition = definitions.known(poll_id, using) or _loaded(poll_id, using)
    for _attempt in range(ATTEMPTS):
        try:
            return act(definition)
        except (PollError, IntegrityError, ObjectDoesNotExist, _Undecided) as refusal:
            # A ballot does not exist where an edit or a deletion took it while it was being read back.
            current, has_voted = _current(poll_id, voter, using)
            if current.revision == definition.revision:
                _raise_reason(refusal, current, has_voted=has_voted)
        # Perhaps a ballot that this process has met is gone: a database restored or failed over has lost the last ones.
        definition.ballot_ids.clear()
        definition = _loaded(poll_id, using)
    if _is_gone(voter, using):
        raise AuthenticationRequired
    raise TryAgain


def _is_gone(voter: Voter, using: str) -> bool:
    """Whether the voter is a user who was deleted, or whom the database of the votes does not know."""
    users = get_user_model()._default_manager.using(using)  # noqa: SLF001  documented: a host's may have any name
    return voter.user is not None and not users.filter(pk=voter.user.pk).exists()


def _current(poll_id: UUID, voter: Voter, using: str) -> tuple[Poll, bool]:
    """Return the poll as it is now, and whether the voter has a vote in it, by one statement."""
    votes = Vote.objects.filter(poll_id=OuterRef("pk"), voter_key=voter.key)
    poll = Poll.objects.using(using).with_clock().filter(pk=poll_id).annotate(has_voted=Exists(votes)).first()
    if poll is None:
        definitions.forget(poll_id, using)
        raise PollNotFound
    return poll, bool(vars(poll)["has_voted"])


def _raise_reason(refusal: Exception, poll: Poll, *, has_voted: bool) -> None:
    """Raise what the refusal was for; return where nothing now speaks against the vote, so that it is tried again."""
    if isinstance(refusal, PollError):
        raise refusal
    _check_open(poll)
    if has_voted:
        raise AlreadyVoted from None


def _check_open(poll: Poll) -> None:
    if poll.status == Status.CLOSED:
        raise PollClosed
    if poll.status != Status.OPEN:
        raise PollNotOpen


def _check(definition: Definition, voter: Voter, ballot: Ballot, revision: int | None) -> None:
    """Raise the refusal that the poll's definition has for this voter and this ballot, if any."""
    poll, policy = definition.poll, current_policy()
    if not policy.may_see(voter.user, poll):
        raise PollNotFound
    if revision is not None and revision != definition.revision:
        raise PollChanged
    if voter.guest is not None and voter.guest != poll.guest_identity:
        raise VoterTokenRequired if poll.guest_identity == GuestIdentity.COOKIE else VoterAddressUnknown
    if not policy.may_vote(voter, poll):
        raise NotEligible if is_known(voter.user) else AuthenticationRequired
    definition.method.check(ballot, definition.rules)


def _cast(definition: Definition, voter: Voter, ballot: Ballot, revision: int | None) -> Vote:
    _check(definition, voter, ballot, revision)
    ballot_id = definition.ballot_id(ballot)
    if ballot_id is None:
        with transaction.atomic(using=definition.using):
            ballot_id = statements.ballot_id_of(ballot, definition.poll.pk, definition.using)
            vote = _insert(definition, voter, ballot_id, is_locked=True)
        _remember(definition, ballot, ballot_id)
    else:
        vote = _insert(definition, voter, ballot_id)
    signals.announce(signals.vote_cast, definition.using, poll=definition.poll, vote=vote)
    _compact_at_times(definition)
    return vote


def _insert(definition: Definition, voter: Voter, ballot_id: int, *, is_locked: bool = False) -> Vote:
    poll = definition.poll
    voter_id = voter.user.pk if voter.user else None
    cast = statements.Cast(poll.pk, definition.revision, voter.key, voter_id, ballot_id, is_locked=is_locked)
    vote = statements.insert_vote(cast, definition.using)
    if vote is None:
        raise _Undecided
    return vote


def _remember(definition: Definition, ballot: Ballot, ballot_id: int) -> None:
    transaction.on_commit(partial(definition.remember, ballot, ballot_id), using=definition.using)


def _compact_at_times(definition: Definition) -> None:
    """Compact after every thousandth vote that this process takes in the poll, after its commit."""
    if next(definition.casts) % COMPACT_EVERY == 0:
        compact = partial(statements.compact, definition.poll.pk, definition.using)
        transaction.on_commit(compact, using=definition.using, robust=True)


def _replace(definition: Definition, voter: Voter, ballot: Ballot, revision: int | None) -> Vote:
    try:
        return _cast(definition, voter, ballot, revision)
    except (IntegrityError, _Undecided):
        standing = statements.standing_vote(definition.poll.pk, voter.key, definition.using)
        if standing is None:
            raise
    if _is_of(standing, ballot):
        return standing
    return _change(definition, voter, ballot)


def _is_of(vote: Vote, ballot: Ballot) -> bool:
    return vote.ballot is not None and vote.ballot.body == ballot.body


def _change(definition: Definition, voter: Voter, ballot: Ballot) -> Vote:
    """Point the voter's vote at another ballot. Locks in the order of a cast: ballot, poll, vote."""
    using = definition.using
    with transaction.atomic(using=using):
        ballot_id = statements.ballot_id_of(ballot, definition.poll.pk, using)
        poll = statements.held_poll(definition.poll.pk, using)
        vote = statements.standing_vote(definition.poll.pk, voter.key, using, locked=True)
        if poll is None or poll.revision != definition.revision or vote is None:
            raise _Undecided
        if vote.ballot_id == ballot_id:
            return vote
        _check_open(poll)
        if poll.vote_change != Until.CLOSE:
            raise ChangeNotAllowed
        statements.move_vote(vote, ballot_id, poll.read_at, using)
    _remember(definition, ballot, ballot_id)
    signals.announce(signals.vote_changed, using, poll=definition.poll, vote=vote)
    return vote


def _withdraw(poll_id: UUID, voter: Voter, using: str) -> None:
    with transaction.atomic(using=using):
        poll = statements.held_poll(poll_id, using)
        if poll is None:
            raise PollNotFound
        vote = statements.standing_vote(poll_id, voter.key, using, locked=True)
        if vote is None:
            raise VoteNotFound
        _check_open(poll)
        if poll.vote_withdrawal != Until.CLOSE:
            raise WithdrawalNotAllowed
        statements.remove_vote(vote, using)
