"""Closing races voters: the count at the close never changes, every acknowledged vote is in it, none comes later."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from threading import Event, Semaphore
from uuid import uuid4

import pytest
from django.db import connection, transaction

from django_polls import lifecycle, results, statements
from django_polls.exceptions import PollClosed, PollNotClosed
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, PollOutcome, Vote
from django_polls.models.clock import database_now
from django_polls.voting import cast_vote
from tests import databases
from tests.factories import PollFactory
from tests.races import judge, planted
from tests.races.crew import PATIENCE, Crew, unexpected
from tests.races.locks import Watch, wait_for, wait_until

VOTERS = 16
FEW = 4
ROUNDS = 40
A_MOMENT = timedelta(milliseconds=20)

Bug = Callable[[], AbstractContextManager[None]]


def warm_poll() -> tuple[Poll, list[Ballot]]:
    """Return a poll with a vote for each option, so that this process knows its ballots; and the ballots."""
    poll = PollFactory()
    ballots = [Ballot.of(option.pk) for option in poll.options.all()]
    for ballot in ballots:
        cast_vote(poll, Voter(uuid4()), ballot)
    return poll, ballots


def vote_ids(poll: Poll) -> list[int]:
    return sorted(Vote.objects.filter(poll=poll).values_list("pk", flat=True))


def faults(poll: Poll, told: list[object], before: list[int]) -> list[str]:
    """Return what is wrong after a race: errors, counts that differ, votes that are not those acknowledged."""
    acknowledged = sorted(before + [vote.pk for vote in told if isinstance(vote, Vote)])
    standing = vote_ids(poll)
    lost = [] if standing == acknowledged else [f"L1, L3: acknowledged {acknowledged}, standing {standing}"]
    return unexpected(told, PollClosed) + judge.miscounts(poll) + lost


def close_races(crew: Crew) -> Iterator[str]:
    """Race a close against sixteen voters: after the first answer, after the second, and so on. Yield each fault."""
    for number in range(ROUNDS):
        poll, ballots = warm_poll()
        before = vote_ids(poll)
        answered = Semaphore(0)
        voters = [partial(vote, poll, ballots[voter % 2], answered) for voter in range(VOTERS)]
        told = crew.race(*voters, partial(close, poll, answered, number % VOTERS))
        yield from faults(poll, told, before)


def vote(poll: Poll, ballot: Ballot, answered: Semaphore) -> Vote:
    try:
        return cast_vote(poll, Voter(uuid4()), ballot)
    finally:
        answered.release()


def close(poll: Poll, answered: Semaphore, answers: int) -> Poll:
    """Close the poll after so many answers."""
    for _answer in range(answers):
        answered.acquire(timeout=PATIENCE)
    return lifecycle.close_poll(poll)


def test_close_races_sixteen_voters_and_the_count_at_close_stands(crew: Crew) -> None:
    assert list(close_races(crew)) == []


def test_close_races_find_an_outcome_counted_before_the_close(crew: Crew) -> None:
    with planted.outcome_counted_before_close():
        assert next(close_races(crew), None) is not None


def close_amid_a_vote(crew: Crew) -> list[str]:
    """Close a poll while a vote, found good, is being inserted: it waits for another with its key to be undone."""
    poll, ballots = warm_poll()
    before = vote_ids(poll)
    voter, watch, rival_is_in, closed = Voter(uuid4()), Watch(), Event(), Event()

    def undone_rival() -> None:
        rival = Vote(poll=poll, voter_key=voter.key, ballot=poll.ballots.get(body=ballots[0].body))
        with transaction.atomic():
            rival.save()
            rival_is_in.set()
            wait_for(lambda: watch.blocked() == 2 or closed.is_set())
            transaction.set_rollback(True)

    def late_vote() -> Vote:
        rival_is_in.wait(PATIENCE)
        return cast_vote(poll, voter, ballots[0])

    def close() -> None:
        wait_for(lambda: watch.blocked() == 1)
        try:
            lifecycle.close_poll(poll)
        finally:
            closed.set()

    return faults(poll, crew.race(undone_rival, late_vote, close), before)


@pytest.mark.postgres
def test_close_amid_a_vote_waits_for_it(crew: Crew) -> None:
    assert close_amid_a_vote(crew) == []


@pytest.mark.postgres
def test_close_amid_a_vote_finds_a_cast_without_hold(crew: Crew) -> None:
    with planted.cast_without_hold():
        assert close_amid_a_vote(crew) != []


def end_by_hand(poll: Poll) -> None:
    Poll.objects.filter(pk=poll.pk).update(closed_at=database_now())


def end_by_deadline(poll: Poll) -> None:
    """Move the deadline to a moment from now, and let it pass."""
    expires_at = database_now() + A_MOMENT
    Poll.objects.filter(pk=poll.pk).update(expires_at=expires_at)
    wait_until(expires_at)


def end_while_voters_wait(crew: Crew, end: Callable[[Poll], None]) -> list[str]:
    """End a poll while voters wait for the hold, and return each fault: all of them are too late."""
    poll, ballots = warm_poll()
    before = vote_ids(poll)
    watch, held = Watch(), Event()

    def late_vote() -> Vote:
        held.wait(PATIENCE)
        with watch.watched():
            return cast_vote(poll, Voter(uuid4()), ballots[0])

    def hold() -> None:
        with transaction.atomic():
            statements.held_poll(poll.pk, connection.alias, exclusively=True)
            held.set()
            wait_for(lambda: watch.blocked() >= FEW)
            end(poll)

    told = crew.race(*[late_vote] * FEW, hold)

    return faults(poll, told, before) + let_in(poll, before)


def let_in(poll: Poll, before: list[int]) -> list[str]:
    """Return how many votes came to those of before, where none should have."""
    late = len(vote_ids(poll)) - len(before)
    return [f"{late} late votes"] if late else []


@pytest.mark.postgres
@pytest.mark.parametrize("end", [end_by_hand, end_by_deadline])
def test_end_while_voters_wait_lets_none_in_without_the_function(crew: Crew, end: Callable[[Poll], None]) -> None:
    with databases.without_cast_function():
        assert end_while_voters_wait(crew, end) == []


@pytest.mark.parametrize("end", [end_by_hand, end_by_deadline])
def test_end_while_voters_wait_lets_none_in(crew: Crew, end: Callable[[Poll], None]) -> None:
    assert end_while_voters_wait(crew, end) == []


@pytest.mark.parametrize(
    ("end", "bug"),
    [
        (end_by_hand, planted.cast_checked_before_hold),
        (end_by_deadline, planted.cast_checked_before_hold),
        (end_by_deadline, planted.cast_by_clock_before_hold),
    ],
)
def test_end_while_voters_wait_finds(crew: Crew, end: Callable[[Poll], None], bug: Bug) -> None:
    with bug():
        assert end_while_voters_wait(crew, end) != []


def write_amid_votes(crew: Crew) -> list[str]:
    """Let the host's own code end a poll, with no lock but that of the row it writes, before voters come."""
    poll, ballots = warm_poll()
    before = vote_ids(poll)
    watch, written, answered = Watch(), Event(), Event()

    def late_vote() -> Vote:
        written.wait(PATIENCE)
        try:
            with watch.watched():
                return cast_vote(poll, Voter(uuid4()), ballots[0])
        finally:
            answered.set()

    def write() -> None:
        with transaction.atomic():
            end_by_hand(poll)
            written.set()
            wait_for(lambda: watch.blocked() >= FEW or answered.is_set())

    return faults(poll, crew.race(*[late_vote] * FEW, write), before) + let_in(poll, before)


def test_host_s_own_write_ends_a_poll_for_voters_who_come_after_it(crew: Crew) -> None:
    assert write_amid_votes(crew) == []


@pytest.mark.postgres
def test_host_s_own_write_finds_a_cast_held_by_the_advisory_lock_alone(crew: Crew) -> None:
    with planted.cast_held_by_advisory_lock_alone():
        assert write_amid_votes(crew) != []


def expiry_race(crew: Crew) -> list[str]:
    """Let a deadline pass among voters, while two others ask again and again for the final outcome."""
    poll, ballots = warm_poll()
    before = vote_ids(poll)
    expires_at = database_now() + 5 * A_MOMENT
    Poll.objects.filter(pk=poll.pk).update(expires_at=expires_at)

    told = crew.race(*[partial(vote_until_the_end, poll, ballots[0])] * FEW, *[partial(finalise, poll)] * 2)

    votes = [vote for votes in told if isinstance(votes, list) for vote in votes]
    late = [f"cast at {vote.cast_at}, due {expires_at}" for vote in votes if vote.cast_at >= expires_at]
    return faults(poll, [*told, *votes], before) + late


def vote_until_the_end(poll: Poll, ballot: Ballot) -> list[Vote]:
    votes: list[Vote] = []
    while True:
        try:
            votes.append(cast_vote(poll, Voter(uuid4()), ballot))
        except PollClosed:
            return votes


def finalise(poll: Poll) -> PollOutcome:
    """Return the final outcome as soon as there is one."""
    while True:
        try:
            return results.finalise(poll)
        except PollNotClosed:
            wait_until(database_now())


def test_deadline_among_voters_is_final_as_first_stored(crew: Crew) -> None:
    assert [fault for _round in range(3) for fault in expiry_race(crew)] == []
