"""The last place: of all who come for it at once one is acknowledged, whatever else happens to the poll meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from random import Random
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from django_polls import lifecycle, statements
from django_polls.exceptions import (
    AlreadyVoted,
    OptionFull,
    PollClosed,
    PollError,
    PollFull,
    VoteNotFound,
)
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, PollOutcome, Vote
from django_polls.models.polls import Until
from django_polls.verification import findings_of
from django_polls.voting import cast_vote, replace_vote, withdraw_vote
from tests.races import judge, planted
from tests.races.crew import PATIENCE, Crew, repeated, unexpected
from tests.races.locks import Watch, wait_for

# Fifty voters, and connections for two such crews at once on a server that takes a hundred.
THREADS = 25
VOTERS_OF_A_THREAD = 2
CROSSING = 8
ROUNDS = 4
ACTS = 6

Bug = Callable[[], AbstractContextManager[None]]

NEEDS_ROW_LOCKS = "SQLite has one writer at a time, whatever the code forgets to lock"


@pytest.fixture
def crowd() -> Iterator[Crew]:
    """Twenty-five threads, each of which votes for two."""
    with Crew(THREADS) as crew:
        yield crew


def poll_with_places(*capacities: int | None, **fields: object) -> tuple[Poll, list[int]]:
    """Return an open poll whose options have so many places, and the ids of its options."""
    fields = {"title": "Test Poll", "vote_change": Until.CLOSE, "vote_withdrawal": Until.CLOSE, **fields}
    options = [OptionDraft(f"Option {number}", capacity=places) for number, places in enumerate(capacities, 1)]
    poll = lifecycle.create_poll(PollDraft(fields, options))
    return poll, [option.pk for option in poll.options.all()]


def one_place() -> tuple[Poll, list[int], type[PollError]]:
    return *poll_with_places(1, None), OptionFull


def one_vote() -> tuple[Poll, list[int], type[PollError]]:
    return *poll_with_places(None, None, max_votes=1), PollFull


Last = Callable[[], tuple[Poll, list[int], type[PollError]]]

each_last = pytest.mark.parametrize("last", [one_place, one_vote])


def overbooked(poll: Poll) -> list[str]:
    """Return each cap that is broken, and whatever else is not as it should be."""
    return judge.miscounts(poll) + [finding.sentence for finding in findings_of(poll.pk)]


def last_race(crowd: Crew, last: Last) -> list[str]:
    """Let fifty voters come for the last place, and return each fault."""
    poll, (first, _second), refusal = last()
    job = repeated(lambda: cast_vote(poll, Voter(uuid4()), Ballot.of(first)), VOTERS_OF_A_THREAD)

    told = crowd.race(*[job] * THREADS)

    answers = [answer for results in told if isinstance(results, list) for answer in results]
    acknowledged = [vote.pk for vote in answers if isinstance(vote, Vote)]
    refused = sum(type(answer) is refusal for answer in answers)
    standing = list(Vote.objects.filter(poll=poll).values_list("pk", flat=True))
    fair = (len(acknowledged), refused, standing) == (1, THREADS * VOTERS_OF_A_THREAD - 1, acknowledged)
    wrongly = [] if fair else [f"acknowledged {acknowledged}, refused {refused}, standing {standing}"]
    return unexpected([*told, *answers], refusal) + overbooked(poll) + wrongly


@each_last
def test_last_place_that_fifty_voters_come_for_is_given_once(crowd: Crew, last: Last) -> None:
    assert [fault for _round in range(2) for fault in last_race(crowd, last)] == []


@each_last
def test_last_race_finds_places_counted_before_the_vote(crowd: Crew, last: Last) -> None:
    with planted.places_counted_before_the_vote():
        assert last_race(crowd, last) != []


@each_last
def test_last_race_finds_places_without_locks(crowd: Crew, last: Last) -> None:
    if connection.vendor == "sqlite":
        pytest.skip(NEEDS_ROW_LOCKS)
    with planted.places_without_locks():
        assert any(last_race(crowd, last) for _attempt in range(5))


@pytest.mark.postgres
@each_last
def test_last_race_finds_places_counted_before_their_locks(crowd: Crew, last: Last) -> None:
    with planted.places_counted_before_their_locks():
        assert any(last_race(crowd, last) for _attempt in range(5))


class Errors:
    """Notes what the database could not do for a voter: a deadlock, after which the verbs begin anew."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the errors of this thread's statements."""
        with connection.execute_wrapper(self._note):
            yield

    def _note(self, execute: Callable[..., object], sql: str, *arguments: Any) -> object:
        try:
            return execute(sql, *arguments)
        except OperationalError as error:
            self.found.append(str(error))
            raise


def crossing_race(crew: Crew, voters: int) -> list[str]:
    """Let voters take places of the same options, marked in opposite orders; return each fault and each deadlock."""
    poll, option_ids = poll_with_places(100, 100, 100, method="approval")
    ballots = [Ballot.of(*option_ids), Ballot.of(*reversed(option_ids)), Ballot.of(*option_ids[1:])]
    errors = Errors()

    def come(ballot: Ballot, other: Ballot) -> None:
        voter = Voter(uuid4())
        with errors.noted():
            cast_vote(poll, voter, ballot)
            replace_vote(poll, voter, other)

    told = crew.race(*[partial(come, ballots[turn % 2], ballots[turn % 2 + 1]) for turn in range(voters)])
    return unexpected(told) + overbooked(poll) + errors.found


def test_places_of_the_same_options_taken_in_opposite_orders_do_not_deadlock(crew: Crew) -> None:
    assert [fault for voters in (2, CROSSING, 2 * CROSSING) for fault in crossing_race(crew, voters)] == []


@pytest.mark.postgres
def test_crossing_race_finds_places_locked_crosswise(crew: Crew) -> None:
    with planted.places_locked_crosswise():
        assert ["deadlock detected" in fault for fault in crossing_race(crew, 2)] == [True]


def lost_place_race(crew: Crew) -> list[str]:
    """Change a vote in two ways at once, of which one keeps a place that the other gives up, and let others come."""
    poll, (first, second, third) = poll_with_places(1, 1, None, method="approval")
    voter, watch, has_looked, given_up = Voter(uuid4()), Watch(), Event(), Event()
    cast_vote(poll, voter, Ballot.of(first))
    look = statements.places_taken

    def places_taken(poll_id: UUID, option_ids: set[int], using: str) -> object:
        if second in option_ids:
            has_looked.set()
            wait_for(lambda: watch.blocked() > 0 or given_up.is_set())
        return look(poll_id, option_ids, using)

    def give_up_and_take() -> list[object]:
        has_looked.wait(PATIENCE)
        try:
            with watch.watched():
                replace_vote(poll, voter, Ballot.of(third))
                return repeated(partial(cast_vote, poll, Voter(uuid4()), Ballot.of(first)), 1)()
        finally:
            given_up.set()

    with planted.swapped(statements, "places_taken", places_taken):
        told = crew.race(partial(replace_vote, poll, voter, Ballot.of(first, second)), give_up_and_take)
    return unexpected(told) + overbooked(poll)


def test_place_that_a_change_keeps_is_not_given_up_meanwhile(crew: Crew) -> None:
    assert lost_place_race(crew) == []


@pytest.mark.postgres
def test_lost_place_race_finds_votes_read_without_locks(crew: Crew) -> None:
    with planted.votes_read_without_locks():
        assert lost_place_race(crew) != []


def act(poll: Poll, voter: Voter, chance: Random) -> object:
    """Vote, change or withdraw, by chance, for one or two of the options that the poll has now."""
    option_ids = list(poll.options.order_by("pk").values_list("pk", flat=True))
    ballot = Ballot.of(*chance.sample(option_ids, chance.choice([1, 2])))
    acts: list[Callable[[], object]] = [
        partial(cast_vote, poll, voter, ballot),
        partial(replace_vote, poll, voter, ballot),
        partial(withdraw_vote, poll, voter),
    ]
    return chance.choice(acts)()


def add_and_close(poll: Poll, places: int) -> Poll:
    """Add an option with places, look whether all caps hold, and close the poll."""
    options = [OptionDraft(option.text, option.pk, option.capacity) for option in poll.options.all()]
    lifecycle.edit_poll(poll, PollDraft(options=[*options, OptionDraft("Added", capacity=places)]))
    assert findings_of(poll.pk) == []
    return lifecycle.close_poll(poll)


def limited_races(crew: Crew) -> Iterator[str]:
    """Let eight threads act for five voters in polls with few places, to which options are added. Yield each fault."""
    for number in range(ROUNDS):
        fields = {"method": "approval", "max_votes": 4, "accepts_new_options": True}
        poll, _option_ids = poll_with_places(1, 2, None, **fields)
        voters = [Voter(uuid4()) for _voter in range(5)]
        chances = [Random(100 * number + thread) for thread in range(CROSSING)]
        jobs = [repeated(partial(act, poll, voters[turn % 5], chance), ACTS) for turn, chance in enumerate(chances)]

        told = crew.race(*jobs, partial(add_and_close, poll, 1))

        answers = [answer for results in told if isinstance(results, list) for answer in results]
        refusals = (AlreadyVoted, VoteNotFound, PollClosed, OptionFull, PollFull)
        yield from unexpected([*told, *answers], *refusals) + overbooked(poll)
        if PollOutcome.objects.get(poll=poll).outcome != judge.recount(poll):
            yield "L6: the stored outcome is not the recount"


@pytest.mark.usefixtures("threads_as_processes")
def test_caps_hold_whatever_votes_changes_withdrawals_edits_and_a_close_come(crew: Crew) -> None:
    assert list(limited_races(crew)) == []


@pytest.mark.usefixtures("threads_as_processes")
def test_limited_races_find_places_without_locks(crew: Crew) -> None:
    if connection.vendor == "sqlite":
        pytest.skip(NEEDS_ROW_LOCKS)
    with planted.places_without_locks():
        assert any(next(limited_races(crew), None) for _attempt in range(5))
