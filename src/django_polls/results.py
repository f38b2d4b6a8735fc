"""Results: who may see them, and the outcome that is stored once a poll is closed."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import router, transaction

from django_polls import signals, statements
from django_polls.conf import voting_methods
from django_polls.counts import knows_options_of, outcomes_as_they_stand, renew_options, votes_in
from django_polls.exceptions import (
    MethodUnavailable,
    PollNotClosed,
    PollNotFound,
    PollUncountable,
    ResultsHidden,
)
from django_polls.identity import Voter
from django_polls.methods.outcomes import Outcome
from django_polls.models import Ballot, Poll, PollOutcome, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, Status, Visibility
from django_polls.policies import current_policy
from django_polls.transactions import retried


def results_visible_to(viewer: Voter | None, poll: Poll) -> bool:
    """Whether this viewer may see this poll's results now. Every surface asks this, or its plural below."""
    return poll.pk in polls_with_visible_results({poll: viewer})


def polls_with_visible_results(viewers: Mapping[Poll, Voter | None]) -> set[UUID]:
    """Return the ids of those polls whose results their viewer may see now; at most one statement."""
    policy = current_policy()
    voted = polls_voted_in(
        {poll: viewer for poll, viewer in viewers.items() if poll.visibility == Visibility.AFTER_VOTE}
    )
    return {
        poll.pk
        for poll, viewer in viewers.items()
        if policy.sees_results(viewer, poll, status=poll.status, has_voted=poll.pk in voted)
    }


def visible_votes(viewers: Mapping[Poll, Voter | None]) -> dict[UUID, int]:
    """Return the number of votes of those polls whose results their viewer may see now; at most two statements."""
    visible = polls_with_visible_results(viewers)
    polls = [poll for poll in viewers if poll.pk in visible]
    return votes_in(polls, polls[0]._state.db or router.db_for_read(Poll)) if polls else {}


def polls_voted_in(viewers: Mapping[Poll, Voter | None]) -> set[UUID]:
    """Return the ids of those polls that their viewer has voted in; at most one statement."""
    keys = {poll.pk: viewer.key for poll, viewer in viewers.items() if viewer is not None}
    if not keys:
        return set()
    votes = Vote.objects.using(router.db_for_write(Vote)).filter(poll_id__in=keys, voter_key__in=set(keys.values()))
    return {poll_id for poll_id, key in votes.values_list("poll_id", "voter_key") if keys[poll_id] == key}


def visible_outcome(viewer: Voter | None, poll: Poll) -> Outcome:
    """Return the outcome of a poll to somebody who may see it. Raises ResultsHidden."""
    if not results_visible_to(viewer, poll):
        raise ResultsHidden
    return outcome_of(poll)


def outcome_of(poll: Poll) -> Outcome:
    """Return the outcome of a poll as it stands: the stored one, else the ballots counted now. It asks nobody.

    Where none is stored, raises MethodUnavailable if the site has not the poll's method, and PollUncountable.
    """
    outcome = outcomes_of([poll]).get(poll.pk)
    if outcome is None:
        raise MethodUnavailable(method=poll.method) if poll.method not in voting_methods() else PollUncountable
    return outcome


def outcomes_of(polls: Iterable[Poll]) -> dict[UUID, Outcome]:
    """Return the outcome of each poll that can be counted, by its id, in at most five statements for any number.

    One more for each poll of many distinct ballots whose votes have changed since this process counted them. The polls
    are of one database. Their options are read too, where they were not prefetched.
    """
    by_id = {poll.pk: poll for poll in polls}
    if not by_id:
        return {}
    using = next(iter(by_id.values()))._state.db or router.db_for_read(Poll)
    stored = PollOutcome.objects.using(using).filter(poll_id__in=by_id)
    outcomes = {row.poll_id: row.outcome for row in stored}
    methods = voting_methods()
    counted = [poll for poll_id, poll in by_id.items() if poll_id not in outcomes and poll.method in methods]
    outcomes |= outcomes_as_they_stand(counted, using)
    # They were counted, or stored, after the polls were read.
    renew_options([by_id[poll_id] for poll_id, each in outcomes.items() if not knows_options_of(by_id[poll_id], each)])
    return outcomes


def compact(poll: Poll) -> int:
    """Add the poll's ledger into its ballots, and return how many entries that were; no result changes by it."""
    using = router.db_for_write(Ballot, instance=poll)
    return retried(lambda: statements.compact(poll.pk, using), using)


def finalise(poll: Poll) -> PollOutcome:
    """Store the outcome of a closed poll, and return it; one that is stored already stands, whoever calls again.

    Records the close first, where it was the deadline that closed the poll. The counting follows without a lock: no
    vote comes or goes after a close. Raises PollNotClosed or PollNotFound.
    """
    using = router.db_for_write(PollOutcome, instance=poll)
    retried(lambda: _record_close(poll.pk, using), using)
    compact(poll)
    closed = Poll.objects.using(using).prefetch_related("options").filter(pk=poll.pk).first()
    if closed is None:
        raise PollNotFound
    stored, is_new = retried(lambda: _stored(closed, outcome_of(closed), using), using)
    if is_new:
        signals.announce(signals.results_finalised, using, poll=closed, outcome=stored)
    return stored


def _stored(poll: Poll, outcome: Outcome, using: str) -> tuple[PollOutcome, bool]:
    """Return the outcome that stands, and whether it is this one. The hold keeps a deletion out."""
    with transaction.atomic(using=using):
        if statements.held_poll(poll.pk, using) is None:
            raise PollNotFound
        return PollOutcome.objects.using(using).get_or_create(
            poll=poll, defaults={"body": outcome.to_json(), "finalised_at": database_now(using)}
        )


def record_close(poll: Poll, using: str) -> None:
    """Store that a poll, held exclusively, is closed, and how many could vote, where its quorum is a share of them."""
    if _needs_electorate(poll):
        poll.electorate_size = current_policy().electorate_size(poll)
    names = ("closed_at", "closed_by_id", "close_reason", "electorate_size")
    Poll.objects.using(using).filter(pk=poll.pk).update(**{name: getattr(poll, name) for name in names})


def _needs_electorate(poll: Poll) -> bool:
    return bool(poll.quorum_share) and poll.electorate == Electorate.GROUPS


def _record_close(poll_id: UUID, using: str) -> None:
    """Make a close by the deadline a stored one. The hold waits for the last vote that was cast in time."""
    with transaction.atomic(using=using):
        poll = statements.held_poll(poll_id, using, exclusively=True)
        if poll is None:
            raise PollNotFound
        if poll.status != Status.CLOSED:
            raise PollNotClosed
        if poll.closed_at is None:
            if poll.opened_at is None:
                # It opened and closed by its schedule, and nobody has told of either.
                Poll.objects.using(using).filter(pk=poll_id).update(opened_at=poll.read_at)
                signals.announce(signals.poll_opened, using, poll=poll)
            poll.closed_at = poll.expires_at
            record_close(poll, using)
            signals.announce(signals.poll_closed, using, poll=poll)
        elif poll.electorate_size is None and _needs_electorate(poll):
            # The host's own code has closed it: without the number a quorum that is a share of it never was decided.
            record_close(poll, using)
