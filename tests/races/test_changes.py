"""Votes, changes and withdrawals race each other and a close: the counts are the votes, and nobody meets a deadlock."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from random import Random
from threading import Event, get_ident
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from django_polls import lifecycle, statements
from django_polls.exceptions import AlreadyVoted, PollClosed, VoteNotFound
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, PollOutcome, Vote
from django_polls.models.counting import Reasons
from django_polls.models.polls import Until
from django_polls.voting import cast_vote, replace_vote, vote_of, withdraw_vote
from tests import ways
from tests.factories import PollFactory
from tests.races import judge, planted
from tests.races.crew import PATIENCE, Crew, repeated, unexpected
from tests.races.judge import Answer, Attempt
from tests.races.locks import Watch, wait_for

THREADS = 8
ROUNDS = 6
ACTS = 8

Bug = Callable[[], AbstractContextManager[None]]


def open_poll() -> tuple[Poll, list[Ballot]]:
    """Return a poll in which votes may be changed and withdrawn, and ballots for it."""
    poll = PollFactory(method="approval", options=3, vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
    first, second, third = [option.pk for option in poll.options.all()]
    return poll, [Ballot.of(first), Ballot.of(second), Ballot.of(first, third)]


def act(poll: Poll, voter: Voter, ballots: list[Ballot], chance: Random) -> object:
    """Vote, change or withdraw, by chance."""
    ballot = chance.choice(ballots)
    acts: list[Callable[[], object]] = [
        partial(cast_vote, poll, voter, ballot),
        partial(replace_vote, poll, voter, ballot),
        partial(withdraw_vote, poll, voter),
    ]
    return chance.choice(acts)()


def shared_voter_races(crew: Crew) -> Iterator[str]:
    """Let eight threads act for the same three voters, and one of them close the poll. Yield each fault."""
    for number in range(ROUNDS):
        poll, ballots = open_poll()
        voters = [Voter(uuid4()) for _voter in range(3)]
        chances = [Random(100 * number + thread) for thread in range(THREADS)]
        jobs = [
            repeated(partial(act, poll, voters[thread % 3], ballots, chances[thread]), ACTS)
            for thread in range(THREADS)
        ]
        told = crew.race(*jobs, partial(close_in_turn, poll, voters[0], ballots, chances[0]))

        answers = [answer for results in told if isinstance(results, list) for answer in results]
        yield from unexpected([*told, *answers], AlreadyVoted, VoteNotFound, PollClosed) + judge.miscounts(poll)
        if PollOutcome.objects.get(poll=poll).outcome != judge.recount(poll):
            yield "L6: the stored outcome is not the recount"


def close_in_turn(poll: Poll, voter: Voter, ballots: list[Ballot], chance: Random) -> Poll:
    """Act half as often as the others, and close."""
    repeated(partial(act, poll, voter, ballots, chance), ACTS // 2)()
    return lifecycle.close_poll(poll)


def test_votes_changes_withdrawals_and_a_close_leave_counts_equal_to_the_votes(crew: Crew) -> None:
    assert list(shared_voter_races(crew)) == []


def own_voter_race(crew: Crew) -> list[str]:
    """Let each thread act for one voter alone, and return where the votes are not the last that it was told of."""
    poll, ballots = open_poll()
    told = crew.race(*[partial(story, poll, ballots, Random(thread)) for thread in range(THREADS)])
    history = [attempt for attempts in told if isinstance(attempts, list) for attempt in attempts]
    return unexpected(told) + judge.miscounts(poll) + judge.broken_promises(poll, history)


def story(poll: Poll, ballots: list[Ballot], chance: Random) -> list[Attempt]:
    """Return what one voter did, and was told."""
    voter = Voter(uuid4())
    return [attempt(poll, voter, ballots, chance) for _act in range(2 * ACTS)]


def attempt(poll: Poll, voter: Voter, ballots: list[Ballot], chance: Random) -> Attempt:
    """Return an act of the voter with its answer; a withdrawal has no body."""
    try:
        vote = act(poll, voter, ballots, chance)
    except (AlreadyVoted, VoteNotFound) as refusal:
        return Attempt(voter.key, "", Answer.REFUSED, refusal.code)
    return Attempt(voter.key, vote.ballot.body if isinstance(vote, Vote) else "", Answer.ACKNOWLEDGED)


def test_every_change_stands_as_acknowledged(crew: Crew) -> None:
    assert own_voter_race(crew) == []


def same_change_twice(crew: Crew) -> list[str]:
    """Change one vote twice at the same instant: whoever has read it goes on when the other has, or waits for it."""
    poll, ballots = open_poll()
    voter = Voter(uuid4())
    cast_vote(poll, voter, ballots[0])
    cast_vote(poll, Voter(uuid4()), ballots[1])  # nobody waits for who is first to store the ballot
    read, watch = statements.standing_vote, Watch()
    askers: set[int] = set()
    readers: set[int] = set()

    def standing_vote(*which: Any, locked: bool = False) -> Vote | None:
        vote = read(*which, locked=locked)
        if locked:
            readers.add(get_ident())
            wait_for(lambda: len(readers) == 2 or is_waited_for())
        return vote

    def is_waited_for() -> bool:
        return watch.blocked() > 0 if connection.vendor == "postgresql" else len(askers) == 2

    def notice(execute: Callable[..., object], sql: str, *arguments: Any) -> object:
        if sql.startswith("BEGIN") or "FOR UPDATE" in sql:
            askers.add(get_ident())
        return execute(sql, *arguments)

    def change() -> Vote:
        with connection.execute_wrapper(notice):
            return replace_vote(poll, voter, ballots[1])

    with planted.swapped(statements, "standing_vote", standing_vote):
        told = crew.race(change, change)
    wrongly = [f"told {vote.ballot}" for vote in told if isinstance(vote, Vote) and str(vote.ballot) != ballots[1].body]
    return unexpected(told) + judge.miscounts(poll) + wrongly


def test_the_same_change_twice_at_once_counts_once(crew: Crew) -> None:
    assert same_change_twice(crew) == []


def test_same_change_twice_finds_changes_without_locks(crew: Crew) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, whatever the code forgets to lock")
    with planted.changes_without_locks():
        assert same_change_twice(crew) != []


def test_change_that_waits_for_another_leaves_the_reason_it_came_with(crew: Crew) -> None:
    poll, ballots = ways.BY_METHOD["yes_no"].open_poll(reasons=Reasons.REQUIRED, vote_change=Until.CLOSE)
    voter, watch, is_moving = Voter(uuid4()), Watch(), Event()
    cast_vote(poll, voter, ballots[0], reason="first")
    move = statements.move_vote

    def move_vote(*arguments: Any) -> None:
        if not is_moving.is_set():
            is_moving.set()
            wait_for(lambda: watch.blocked() > 0)
        move(*arguments)

    def change_later() -> Vote:
        is_moving.wait(PATIENCE)
        with watch.watched():
            return replace_vote(poll, voter, ballots[2], reason="first")

    with planted.swapped(statements, "move_vote", move_vote):
        told = crew.race(partial(replace_vote, poll, voter, ballots[1], reason="second"), change_later)

    standing = vote_of(poll, voter)
    assert unexpected(told) + judge.miscounts(poll) == []
    assert (str(standing.ballot), str(standing.reason)) == (ballots[2].body, "first")
