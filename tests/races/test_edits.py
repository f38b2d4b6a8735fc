"""Edits and deletions race votes cast on old copies: each vote that stands is valid under the definition it is in."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from django_polls import definitions, lifecycle, statements
from django_polls.exceptions import (
    InvalidBallot,
    PollFrozen,
    PollNotFound,
    TooManyOptions,
    UnknownOption,
)
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.methods.ballots import Ballot, Mark
from django_polls.models import Ballot as StoredBallot
from django_polls.models import LedgerEntry, Poll, Vote
from django_polls.models.polls import Until
from django_polls.voting import cast_vote, replace_vote, withdraw_vote
from tests.factories import PollFactory
from tests.races import judge, planted
from tests.races.crew import PATIENCE, Crew, repeated, unexpected
from tests.races.locks import Watch, wait_for

pytestmark = pytest.mark.usefixtures("threads_as_processes")

VOTERS = 8
ROUNDS = 5


def option_ids(poll: Poll) -> list[int]:
    return list(poll.options.values_list("pk", flat=True))


def invalid(poll: Poll) -> list[str]:
    """Return each vote that the poll's definition does not allow."""
    fresh = Poll.objects.get(pk=poll.pk)
    found = []
    for body in Vote.objects.filter(poll=poll).values_list("ballot__body", flat=True):
        ballot = Ballot(tuple(Mark(int(option_id)) for option_id in str(body).split()))
        try:
            fresh.voting_method.check(ballot, fresh.rules)
        except InvalidBallot as refusal:
            found.append(f"the vote {body!r} is refused with {refusal.code}")
    return found


def replace_options(poll: Poll, round_number: int) -> Poll | None:
    """Put other options in the place of the poll's, unless somebody has voted."""
    options = [OptionDraft(f"Option {round_number}.{number}") for number in range(2)]
    try:
        return lifecycle.edit_poll(poll, PollDraft(options=options))
    except PollFrozen:
        return None


def vote_for_what_is_shown(poll: Poll) -> Vote:
    """Vote for the first option shown, and look again where it is gone."""
    while True:
        try:
            return cast_vote(poll, Voter(uuid4()), Ballot.of(option_ids(poll)[0]))
        except UnknownOption:
            continue


def test_options_replaced_while_the_first_votes_come_leave_valid_votes(crew: Crew) -> None:
    for number in range(ROUNDS):
        poll = PollFactory(method="approval")

        told = crew.race(
            *[partial(vote_for_what_is_shown, poll)] * VOTERS,
            *[repeated(partial(replace_options, poll, 10 * number + editor), 3) for editor in range(2)],
        )

        assert unexpected(told) + judge.miscounts(poll) + invalid(poll) == []
        assert poll.votes.count() == VOTERS


def stricter_rule_race(crew: Crew) -> list[str]:
    """Let voters with copies that allow three marks vote once the poll allows but one. Return each fault."""
    poll = PollFactory(method="approval", options=3)
    ballot = Ballot.of(*option_ids(poll))
    has_copies, edited = Barrier(VOTERS + 1, timeout=PATIENCE), Event()

    def vote_late() -> Vote:
        definitions.load(poll.pk, connection.alias)
        has_copies.wait()
        edited.wait(PATIENCE)
        return cast_vote(poll, Voter(uuid4()), ballot)

    def edit() -> None:
        has_copies.wait()
        lifecycle.edit_poll(poll, PollDraft({"max_options": 1}))
        edited.set()

    told = crew.race(*[vote_late] * VOTERS, edit)
    return unexpected(told, TooManyOptions) + judge.miscounts(poll) + invalid(poll)


def test_rule_made_stricter_binds_voters_whose_copy_is_old(crew: Crew) -> None:
    assert stricter_rule_race(crew) == []


def test_stricter_rule_race_finds_a_cast_whatever_the_revision(crew: Crew) -> None:
    with planted.cast_whatever_the_revision():
        assert stricter_rule_race(crew) != []


def test_option_added_while_votes_come_is_counted_with_the_others(crew: Crew) -> None:
    poll = PollFactory(accepts_new_options=True, vote_change=Until.CLOSE)
    first, second = option_ids(poll)
    drafts = [OptionDraft("Option 1", first), OptionDraft("Option 2", second), OptionDraft("Option 3")]
    voters = [Voter(uuid4()) for _voter in range(VOTERS)]
    added = Event()

    def vote_and_change(voter: Voter) -> Vote:
        cast_vote(poll, voter, Ballot.of(first))
        added.wait(PATIENCE)
        return replace_vote(poll, voter, Ballot.of(option_ids(poll)[2]))

    def add() -> None:
        lifecycle.edit_poll(poll, PollDraft(options=drafts))
        added.set()

    told = crew.race(*[partial(vote_and_change, voter) for voter in voters], add)

    assert unexpected(told) + judge.miscounts(poll) + invalid(poll) == []
    assert [option.vote_count for option in poll.options.all()] == [0, 0, VOTERS]


def remaining(poll: Poll) -> tuple[int, int, int]:
    """Return what is left of a poll's votes, ballots and ledger."""
    return (
        Vote.objects.filter(poll_id=poll.pk).count(),
        StoredBallot.objects.filter(poll_id=poll.pk).count(),
        LedgerEntry.objects.count(),
    )


def test_poll_deleted_while_votes_come_leaves_nothing(crew: Crew) -> None:
    for _round in range(ROUNDS):
        poll = PollFactory(vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
        ballots = [Ballot.of(option_id) for option_id in option_ids(poll)]
        begun, over = Event(), Event()
        told = crew.race(
            *[partial(come_and_go, poll, ballots, begun, over)] * VOTERS, partial(delete, poll, begun, over)
        )

        assert (unexpected(told, PollNotFound), remaining(poll)) == ([], (0, 0, 0))


def come_and_go(poll: Poll, ballots: list[Ballot], begun: Event, over: Event) -> None:
    """Vote, change and withdraw until the poll is gone, and once more."""
    is_last = False
    while not is_last:
        is_last = over.is_set()
        voter = Voter(uuid4())
        cast_vote(poll, voter, ballots[0])
        begun.set()
        replace_vote(poll, voter, ballots[1])
        withdraw_vote(poll, voter)


def delete(poll: Poll, begun: Event, over: Event) -> None:
    begun.wait(PATIENCE)
    try:
        lifecycle.delete_poll(poll, with_votes=True)
    finally:
        over.set()


def deletion_amid_a_withdrawal(crew: Crew) -> list[str]:
    """Delete a poll while a vote in it, read, is being withdrawn: the deletion waits for that."""
    poll = PollFactory(vote_withdrawal=Until.CLOSE)
    voter, watch, has_read, deleted = Voter(uuid4()), Watch(), Event(), Event()
    cast_vote(poll, voter, Ballot.of(option_ids(poll)[0]))
    read = statements.standing_vote

    def standing_vote(*which: Any, locked: bool = False) -> Vote | None:
        vote = read(*which, locked=locked)
        has_read.set()
        wait_for(lambda: deleted.is_set() or watch.blocked() > 0)
        return vote

    def delete_then() -> None:
        has_read.wait(PATIENCE)
        try:
            with watch.watched():
                lifecycle.delete_poll(poll, with_votes=True)
        finally:
            deleted.set()

    with planted.swapped(statements, "standing_vote", standing_vote):
        told = crew.race(partial(withdraw_vote, poll, voter), delete_then)
    return unexpected(told) + ([] if remaining(poll) == (0, 0, 0) else [f"left behind: {remaining(poll)}"])


def test_poll_deleted_amid_a_withdrawal_waits_for_it(crew: Crew) -> None:
    assert deletion_amid_a_withdrawal(crew) == []


def test_deletion_amid_a_withdrawal_finds_changes_without_locks(crew: Crew) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, whatever the code forgets to lock")
    with planted.changes_without_locks():
        assert deletion_amid_a_withdrawal(crew) != []


def test_first_use_of_a_ballot_in_a_poll_that_another_process_deleted_is_not_found(crew: Crew) -> None:
    poll = PollFactory()
    ballot = Ballot.of(option_ids(poll)[0])
    has_copy, deleted = Event(), Event()

    def vote_late() -> Vote:
        definitions.load(poll.pk, connection.alias)
        has_copy.set()
        deleted.wait(PATIENCE)
        return cast_vote(poll, Voter(uuid4()), ballot)

    def delete() -> None:
        has_copy.wait(PATIENCE)
        lifecycle.delete_poll(poll)
        deleted.set()

    refusal, _deleted = crew.race(vote_late, delete)

    assert isinstance(refusal, PollNotFound)


@pytest.mark.postgres
@pytest.mark.parametrize("verb", [cast_vote, replace_vote])
def test_ballot_that_goes_while_it_is_read_back_is_stored_again(crew: Crew, verb: Callable[..., Vote]) -> None:
    poll = PollFactory(vote_withdrawal=Until.CLOSE)
    first, second = option_ids(poll)
    voter = Voter(uuid4())
    cast_vote(poll, voter, Ballot.of(first))
    withdraw_vote(poll, voter)
    reading, edited = Event(), Event()

    def pause(execute: Callable[..., object], sql: str, *arguments: Any) -> object:
        if sql.startswith("SELECT") and 'FROM "django_polls_ballot"' in sql and not edited.is_set():
            reading.set()
            edited.wait(PATIENCE)
        return execute(sql, *arguments)

    def vote() -> Vote:
        with connection.execute_wrapper(pause):
            return verb(poll, voter, Ballot.of(first))

    def edit() -> None:
        reading.wait(PATIENCE)
        lifecycle.edit_poll(poll, PollDraft(options=[OptionDraft("Other", second), OptionDraft("Option 1", first)]))
        edited.set()

    told = crew.race(vote, edit)

    assert unexpected(told) + judge.miscounts(poll) == []
    assert list(poll.votes.values_list("ballot__body", flat=True)) == [str(first)]
