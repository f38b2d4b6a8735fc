"""The one write path of votes: cast, replace, withdraw. Every interface calls these, and nothing else writes votes."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, router, transaction
from django.db.models import Exists, OuterRef

from django_polls import definitions, signals, statements
from django_polls.definitions import Definition
from django_polls.exceptions import (
    AlreadyVoted,
    AuthenticationRequired,
    ChangeNotAllowed,
    NotEligible,
    OptionFull,
    PollChanged,
    PollClosed,
    PollError,
    PollFull,
    PollNotFound,
    PollNotOpen,
    PollUncountable,
    ReasonInvalid,
    ReasonNotAllowed,
    ReasonRequired,
    ReasonTooLong,
    TryAgain,
    VoteNotFound,
    VoterAddressUnknown,
    VoterTokenRequired,
    WithdrawalNotAllowed,
)
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.methods.counting import check_ballot
from django_polls.models import Poll, Vote
from django_polls.models.counting import REASON_LENGTH, Reasons
from django_polls.models.polls import GuestIdentity, PollQuerySet, Status, Until
from django_polls.models.text import normalized, validate_plain_text
from django_polls.policies import current_policy, is_known
from django_polls.transactions import retried

T = TypeVar("T")

ATTEMPTS = 4
LEAST_WEIGHT, MOST_WEIGHT = Decimal("0.000001"), Decimal(10**9)
COMPACT_EVERY = 1_000


class _Undecided(Exception):
    """The database took nothing, and has not said why."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a voter wants to stand."""

    voter: Voter
    ballot: Ballot
    revision: int | None
    reason: str

    def is_met_by(self, vote: Vote) -> bool:
        """Whether this vote is what the voter wants."""
        return vote.ballot is not None and vote.ballot.body == self.ballot.body and reason_of(vote) == self.reason


def cast_vote(poll: Poll, voter: Voter, ballot: Ballot, *, revision: int | None = None, reason: str = "") -> Vote:
    """Cast a voter's vote, and return it once it is committed; it is counted from that instant.

    Raises a child of `PollError` and leaves nothing behind: `InvalidBallot`, `AlreadyVoted`, `NotEligible`,
    `AuthenticationRequired`, `PollNotOpen`, `PollClosed`, `OptionFull`, `PollFull`, `PollNotFound`, `TryAgain`, and
    `PollChanged` where a `revision` is given that is not the poll's.
    """
    using = router.db_for_write(Vote, instance=poll)
    act = partial(_cast, wish=_Wish(voter, ballot, revision, normalized(reason)))
    with refusals_announced(poll, voter):
        return retried(lambda: _decided(poll.pk, voter, using, act), using)


def replace_vote(poll: Poll, voter: Voter, ballot: Ballot, *, revision: int | None = None, reason: str = "") -> Vote:
    """Cast a voter's vote or change it into this one, and return it; what stands already always succeeds.

    So whoever has lost an answer can send the same again. Raises what `cast_vote` raises but `AlreadyVoted`, and
    `ChangeNotAllowed`.
    """
    using = router.db_for_write(Vote, instance=poll)
    wish = _Wish(voter, ballot, revision, normalized(reason))
    act = partial(_replace, wish=wish)
    with refusals_announced(poll, voter):
        try:
            return retried(lambda: _decided(poll.pk, voter, using, act), using)
        except TryAgain:
            raise
        except PollError:
            standing = statements.standing_vote(poll.pk, voter.key, using)
            if standing is None or not wish.is_met_by(standing):
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


def reason_of(vote: Vote) -> str:
    """Return the reason that was given with a vote, the empty text where none was."""
    return vote.reason.text if hasattr(vote, "reason") else ""


def polls_awaiting(user: AbstractBaseUser, polls: PollQuerySet) -> PollQuerySet:
    """Return the open ones of these polls to whose electorate the user belongs, and in which they have not voted."""
    voted = Vote.objects.filter(poll=OuterRef("pk"), voter_key=Voter.from_user(user).key)
    return current_policy().votable_by(user, polls.open()).filter(~Exists(voted))


def voting_refusal(poll: Poll, voter: Voter, vote: Vote | None) -> PollError | None:
    """Return why any vote of this voter's would be refused as the poll was read, None where it depends on the ballot.

    `vote` is the one that stands. It is for showing: nothing but the verbs decides, and they look again.
    """
    try:
        _check_open(poll)
        if not poll.is_countable:
            raise PollUncountable
        _check_voter(poll, voter)
        if vote is None:
            _check_votes(poll, router.db_for_read(Vote, instance=poll))
        elif poll.vote_change == Until.NEVER:
            raise AlreadyVoted
    except PollError as refusal:
        return refusal
    return None


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


def _check(definition: Definition, wish: _Wish) -> None:
    """Raise the refusal that the poll's definition has for this voter and this ballot, if any."""
    poll, voter, policy = definition.poll, wish.voter, current_policy()
    if not policy.may_see(voter.user, poll):
        raise PollNotFound
    if wish.revision is not None and wish.revision != definition.revision:
        raise PollChanged
    _check_voter(poll, voter)
    check_ballot(definition.method, wish.ballot, definition.rules)
    _check_reason(definition, wish)


def _check_voter(poll: Poll, voter: Voter) -> None:
    if voter.guest is not None and voter.guest != poll.guest_identity:
        raise VoterTokenRequired if poll.guest_identity == GuestIdentity.COOKIE else VoterAddressUnknown
    if not current_policy().may_vote(voter, poll):
        raise NotEligible if is_known(voter.user) else AuthenticationRequired


def _check_reason(definition: Definition, wish: _Wish) -> None:
    rule = definition.poll.reasons
    if not wish.reason:
        objects = rule == Reasons.REQUIRED_FOR_DISAGREE and definition.method.objects(wish.ballot, definition.rules)
        if objects or rule == Reasons.REQUIRED:
            raise ReasonRequired
        return
    if rule == Reasons.OFF:
        raise ReasonNotAllowed
    if len(wish.reason) > REASON_LENGTH:
        raise ReasonTooLong(max_length=REASON_LENGTH)
    try:
        validate_plain_text(wish.reason)
    except ValidationError:
        raise ReasonInvalid from None


def _weight(definition: Definition, voter: Voter) -> Decimal:
    """Return what the policy says that the vote weighs. Raises ValueError for what no database keeps exactly."""
    weight = Decimal(current_policy().weight_of(voter, definition.poll))
    if not (weight.is_finite() and 0 < weight < MOST_WEIGHT) or weight != weight.quantize(LEAST_WEIGHT):
        raise ValueError(f"{weight} is no weight of a vote.")
    return weight


def _cast(definition: Definition, wish: _Wish) -> Vote:
    _check(definition, wish)
    weight = _weight(definition, wish.voter)
    ballot_id = definition.ballot_id(wish.ballot, weight)
    if ballot_id is None or definition.is_limited or wish.reason:
        vote = _cast_by_steps(definition, wish, weight)
    else:
        vote = _insert(definition, wish.voter, ballot_id)
    signals.announce(signals.vote_cast, definition.using, poll=definition.poll, vote=vote)
    _compact_at_times(definition)
    return vote


def _cast_by_steps(definition: Definition, wish: _Wish, weight: Decimal) -> Vote:
    """Cast a vote that takes more than a statement: a place, a new ballot, or a reason."""
    using = definition.using
    with transaction.atomic(using=using):
        if definition.is_limited:
            _take_a_place(definition, wish)
        ballot_id = statements.ballot_id_of(wish.ballot, weight, definition.poll.pk, using)
        vote = _insert(definition, wish.voter, ballot_id, is_locked=True)
        if wish.reason:
            statements.store_reason(vote, wish.reason, using)
    _remember(definition, wish.ballot, weight, ballot_id)
    return vote


def _take_a_place(definition: Definition, wish: _Wish) -> None:
    """Hold a poll whose votes are limited until the vote is in. Raises PollFull, OptionFull, or why it is not open."""
    poll = _held(definition)
    if statements.standing_vote(poll.pk, wish.voter.key, definition.using) is not None:
        raise _Undecided
    _check_open(poll)
    try:
        _check_votes(poll, definition.using)
        _check_places(definition, {mark.option_id for mark in wish.ballot.marks})
    except (PollFull, OptionFull):
        # It may have waited for a vote of this very voter's.
        if statements.standing_vote(poll.pk, wish.voter.key, definition.using) is not None:
            raise _Undecided from None
        raise


def _check_votes(poll: Poll, using: str) -> None:
    if poll.max_votes is not None and statements.votes_taken(poll.pk, using) >= poll.max_votes:
        raise PollFull(max_votes=poll.max_votes)


def _check_places(definition: Definition, option_ids: Collection[int]) -> None:
    for option, votes in statements.places_taken(definition.poll.pk, option_ids, definition.using):
        if option.capacity is not None and votes >= option.capacity:
            raise OptionFull(option_id=option.pk, option=option.text, capacity=option.capacity)


def _held(definition: Definition) -> Poll:
    """Return the poll under a shared hold, if it is what the process has a copy of."""
    poll = statements.held_poll(definition.poll.pk, definition.using)
    if poll is None or poll.revision != definition.revision:
        raise _Undecided
    return poll


def _insert(definition: Definition, voter: Voter, ballot_id: int, *, is_locked: bool = False) -> Vote:
    poll = definition.poll
    voter_id = voter.user.pk if voter.user else None
    cast = statements.Cast(poll.pk, definition.revision, voter.key, voter_id, ballot_id, is_locked=is_locked)
    vote = statements.insert_vote(cast, definition.using)
    if vote is None:
        raise _Undecided
    return vote


def _remember(definition: Definition, ballot: Ballot, weight: Decimal, ballot_id: int) -> None:
    transaction.on_commit(partial(definition.remember, ballot, weight, ballot_id), using=definition.using)


def _compact_at_times(definition: Definition) -> None:
    """Compact after every thousandth vote that this process takes in the poll, after its commit."""
    if next(definition.casts) % COMPACT_EVERY == 0:
        compact = partial(statements.compact, definition.poll.pk, definition.using)
        transaction.on_commit(compact, using=definition.using, robust=True)


def _replace(definition: Definition, wish: _Wish) -> Vote:
    try:
        return _cast(definition, wish)
    except (IntegrityError, _Undecided):
        standing = statements.standing_vote(definition.poll.pk, wish.voter.key, definition.using)
        if standing is None:
            raise
    if wish.is_met_by(standing):
        return standing
    return _change(definition, wish)


def _change(definition: Definition, wish: _Wish) -> Vote:
    """Point the voter's vote at another ballot. Locks in the order of a cast: ballot, poll, vote.

    Where places are limited, poll and vote come before them: a cast does not wait for a vote that is merely locked.
    """
    using, weight = definition.using, _weight(definition, wish.voter)
    with transaction.atomic(using=using):
        if definition.is_limited:
            _take_other_places(definition, wish)
        ballot_id = statements.ballot_id_of(wish.ballot, weight, definition.poll.pk, using)
        poll = _held(definition)
        vote = statements.standing_vote(definition.poll.pk, wish.voter.key, using, locked=True)
        if vote is None:
            raise _Undecided
        if wish.is_met_by(vote):
            return vote
        _check_open(poll)
        if poll.vote_change != Until.CLOSE:
            raise ChangeNotAllowed
        if vote.ballot_id != ballot_id:
            statements.move_vote(vote, ballot_id, poll.read_at, using)
        if reason_of(vote) != wish.reason:
            statements.store_reason(vote, wish.reason, using)
    _remember(definition, wish.ballot, weight, ballot_id)
    signals.announce(signals.vote_changed, using, poll=definition.poll, vote=vote)
    return vote


def _take_other_places(definition: Definition, wish: _Wish) -> None:
    """Hold a poll whose options are limited until the vote is changed. Raises OptionFull, or why it may not change."""
    poll = _held(definition)
    # Locked, so that no other change gives up a place that this one is to keep.
    vote = statements.standing_vote(poll.pk, wish.voter.key, definition.using, locked=True)
    if vote is None or vote.ballot is None:
        raise _Undecided
    _check_open(poll)
    if poll.vote_change != Until.CLOSE:
        raise ChangeNotAllowed
    former = {mark.option_id for mark in Ballot.from_body(vote.ballot.body).marks}
    _check_places(definition, {mark.option_id for mark in wish.ballot.marks} - former)


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
