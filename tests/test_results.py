"""Counting, visibility, compaction and the stored outcome."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from pytest_django import DjangoAssertNumQueries

from django_polls import counts, exceptions, lifecycle, results, statements
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.methods.rankings import ballot_of
from django_polls.models import LedgerEntry, Poll, PollOutcome, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Status, Until, Visibility
from django_polls.verification import findings_of
from django_polls.voting import cast_vote, replace_vote
from tests.factories import PollFactory, UserFactory
from tests.ways import BY_METHOD

Queries = DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


def approval(size: int = 3) -> Poll:
    return PollFactory(method="approval", options=size, vote_change=Until.CLOSE)


def test_outcome_of_names_every_tied_winner() -> None:
    poll = PollFactory(options=3)
    first, second, third = poll.options.all()
    for option in (first, first, second, second, third):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))

    outcome = results.outcome_of(poll)

    assert outcome.option_votes == {first.pk: 2, second.pk: 2, third.pk: 1}
    assert outcome.winners == (first.pk, second.pk)
    assert outcome.votes == 5


def test_outcome_of_nothing_has_no_winner() -> None:
    outcome = results.outcome_of(PollFactory())

    assert (outcome.votes, outcome.winners) == (0, ())


def test_remembered_outcome_follows_a_change_and_its_reversal() -> None:
    poll = approval()
    first, second, _third = poll.options.all()
    voter = Voter(uuid4())
    cast_vote(poll, voter, Ballot.of(first.pk))
    seen = [results.outcome_of(poll).winners]
    for option in (second, first, second):
        replace_vote(poll, voter, Ballot.of(option.pk))
        seen.append(results.outcome_of(poll).winners)

    assert seen == [(first.pk,), (second.pk,), (first.pk,), (second.pk,)]


def test_remembered_outcome_is_counted_once_while_nothing_changes(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    poll = approval()
    options = [option.pk for option in poll.options.all()]
    cast_vote(poll, Voter(uuid4()), Ballot.of(*options))
    first = results.outcome_of(poll)
    results.compact(poll)

    with django_assert_num_queries(2):
        second = results.outcome_of(poll)

    assert second is first


def test_remembered_outcome_that_another_thread_has_counted_meanwhile_is_checked_first() -> None:
    poll = approval()
    option = poll.options.all()[0]
    slot = counts._Remembered()
    seen = []
    for _voter in range(2):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
        seen += [slot.get(counts._Case(poll, is_closed=False), "default", None) for _time in range(2)]

    assert [outcome.votes for outcome in seen] == [1, 1, 2, 2]
    assert (seen[1] is seen[0], seen[3] is seen[2]) == (True, True)


def test_remembered_outcomes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "OUTCOMES_KEPT", 2)
    monkeypatch.setattr(counts, "_kept", type(counts._kept)())
    polls = [approval() for _ in range(3)]

    outcomes = [results.outcome_of(poll).votes for poll in polls]

    assert outcomes == [0, 0, 0]
    assert [key[1] for key in counts._kept] == [poll.pk for poll in polls[1:]]


def test_compaction_moves_the_ledger_and_no_result() -> None:
    poll = PollFactory()
    first, second = poll.options.all()
    for option in (first, first, second):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
    before = results.outcome_of(poll)

    moved = results.compact(poll), results.compact(poll)

    assert moved == (3, 0)
    assert LedgerEntry.objects.count() == 0
    assert results.outcome_of(poll) == before


def test_finalise_stores_the_bytes_that_reading_gave() -> None:
    poll = PollFactory()
    option = poll.options.first()
    cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
    with pytest.raises(exceptions.PollNotClosed):
        results.finalise(poll)
    Poll.objects.filter(pk=poll.pk).update(expires_at=database_now())
    read = results.outcome_of(Poll.objects.get(pk=poll.pk)).to_json()

    stored = results.finalise(poll)
    again = results.finalise(poll)

    assert (stored.body, again.body) == (read, read)
    assert PollOutcome.objects.get().outcome == results.outcome_of(poll)
    closed = Poll.objects.get(pk=poll.pk)
    assert closed.closed_at == closed.expires_at


def test_results_are_visible_as_the_poll_says() -> None:
    owner = UserFactory()
    voter, other = Voter.from_user(UserFactory()), Voter.from_user(UserFactory())
    viewers = {"guest": None, "voter": voter, "other": other, "owner": Voter.from_user(owner)}
    seen = {}
    for visibility in Visibility:
        poll = PollFactory(visibility=visibility, created_by=owner)
        cast_vote(poll, voter, Ballot.of(poll.options.first().pk))
        while_open = [name for name, viewer in viewers.items() if results.results_visible_to(viewer, poll)]
        closed = lifecycle.close_poll(poll)
        seen[visibility] = (
            while_open,
            [name for name, viewer in viewers.items() if results.results_visible_to(viewer, closed)],
        )

    everyone = list(viewers)
    assert seen == {
        Visibility.ALWAYS: (everyone, everyone),
        Visibility.AFTER_VOTE: (["voter"], everyone),
        Visibility.AFTER_CLOSE: ([], everyone),
        Visibility.MANAGERS: (["owner"], ["owner"]),
        Visibility.NEVER: ([], []),
    }


@pytest.mark.django_db(transaction=True)
def test_closed_poll_is_counted_with_the_vote_that_was_cast_in_time_and_committed_late() -> None:
    poll = PollFactory()
    option = poll.options.all()[0]
    deadline = database_now() + timedelta(seconds=1)
    Poll.objects.filter(pk=poll.pk).update(expires_at=deadline)

    with ThreadPoolExecutor(1) as reader:
        with transaction.atomic():
            cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
            while database_now() < deadline:
                pass
            reading = reader.submit(counted, poll)
            with pytest.raises(TimeoutError):
                reading.result(timeout=0.5)
        read = reading.result(timeout=10)

    assert read == results.outcome_of(Poll.objects.get(pk=poll.pk)).to_json() == results.finalise(poll).body
    assert option.vote_count == 1


def counted(poll: Poll) -> str:
    try:
        return results.outcome_of(Poll.objects.get(pk=poll.pk)).to_json()
    finally:
        connections.close_all()


def test_deadline_moved_while_results_wait_for_its_votes_shows_none() -> None:
    moved = PollFactory(visibility=Visibility.AFTER_CLOSE, expires_at=database_now() - timedelta(seconds=1))
    deleted = PollFactory(expires_at=database_now() - timedelta(seconds=1))
    closed = list(Poll.objects.with_clock())
    Poll.objects.filter(pk=moved.pk).update(expires_at=database_now() + timedelta(hours=1))
    deleted.delete()

    for poll in closed:
        with pytest.raises(exceptions.TryAgain):
            results.visible_outcome(None, poll)


def test_long_ledger_is_compacted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "ENTRIES_AT_ONCE", 2)
    poll = PollFactory()
    first, second = poll.options.all()
    for option in (first, first, second, first, second):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))

    compacted = results.compact(poll), results.compact(poll)

    assert (compacted, first.vote_count, second.vote_count) == ((5, 0), 3, 2)


def test_hidden_results_are_refused() -> None:
    with pytest.raises(exceptions.ResultsHidden):
        results.visible_outcome(None, PollFactory(visibility=Visibility.NEVER))


def test_outcomes_of_many_polls_take_as_many_statements_as_of_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    polls = [PollFactory() for _ in range(3)] + [approval() for _ in range(3)]
    for poll in polls:
        cast_vote(poll, Voter(uuid4()), Ballot.of(poll.options.first().pk))
    loaded = list(Poll.objects.prefetch_related("options"))

    with django_assert_num_queries(2 + 3):  # each of those to be remembered is counted for the first time
        results.outcomes_of(loaded)
    with django_assert_num_queries(3):
        outcomes = results.outcomes_of(loaded)

    assert {poll_id: outcome.votes for poll_id, outcome in outcomes.items()} == {poll.pk: 1 for poll in polls}


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "yes_no"},
        {"method": "dots"},
        {"method": "ranked", "count": "dice"},
        {"method": "single", "seats": 2},
        {"pass_threshold": "most"},
        {"quorum_share": "3/0"},
    ],
)
def test_poll_that_its_method_cannot_count_is_left_out_and_says_so(fields: dict[str, Any]) -> None:
    odd, sound = PollFactory(**fields), PollFactory()
    option = odd.options.all()[0]

    assert set(results.outcomes_of([odd, sound])) == {sound.pk}
    with pytest.raises(exceptions.PollUncountable):
        results.outcome_of(odd)
    with pytest.raises(exceptions.PollUncountable):
        cast_vote(odd, Voter(uuid4()), Ballot.of(option.pk))
    assert Vote.objects.count() == 0
    assert lifecycle.close_poll(odd).status == Status.CLOSED
    assert [str(finding) for finding in findings_of(odd.pk)] == [
        f"poll {odd.pk}: its method {odd.method} does not fit its rules, so nobody can count it"
    ]


@pytest.mark.parametrize("method", ["single", "approval", "ranked", "dots"])
def test_option_that_comes_while_a_poll_is_counted_is_counted_too(method: str) -> None:
    way = BY_METHOD[method]
    poll, ballots = way.open_poll(accepts_new_options=True)
    cast_vote(poll, Voter(uuid4()), ballots[0])
    read, *_others = Poll.objects.prefetch_related("options").filter(pk=poll.pk)
    options = [lifecycle.OptionDraft(option.text, option.pk) for option in poll.options.all()]
    grown = lifecycle.edit_poll(poll, lifecycle.PollDraft(options=[*options, lifecycle.OptionDraft("New")]))
    new = grown.options.last()
    cast_vote(grown, Voter(uuid4()), Ballot.from_body(ballots[0].body.replace(str(options[0].id), str(new.pk), 1)))

    outcome = results.outcome_of(read)

    assert outcome == results.outcome_of(Poll.objects.get(pk=poll.pk))
    assert set(outcome.option_votes) == {option.pk for option in read.options.all()} >= {new.pk}


def test_outcome_stored_after_a_poll_was_read_is_told_with_all_its_options() -> None:
    poll = PollFactory(accepts_new_options=True)
    read, *_others = Poll.objects.prefetch_related("options").filter(pk=poll.pk)
    options = [lifecycle.OptionDraft(option.text, option.pk) for option in poll.options.all()]
    lifecycle.edit_poll(poll, lifecycle.PollDraft(options=[*options, lifecycle.OptionDraft("New")]))
    lifecycle.close_poll(poll)

    outcome = results.outcome_of(read)

    assert set(outcome.option_votes) == {option.pk for option in read.options.all()}


def test_poll_edited_before_its_first_vote_while_it_is_counted_is_counted_as_it_is() -> None:
    poll = PollFactory(method="ranked")
    read, *_others = Poll.objects.prefetch_related("options").filter(pk=poll.pk)
    edited = lifecycle.edit_poll(poll, lifecycle.PollDraft(options=[lifecycle.OptionDraft(text) for text in "ab"]))
    first, _second = edited.options.all()
    cast_vote(edited, Voter(uuid4()), ballot_of([[first.pk]]))

    assert results.outcome_of(read).winners == (first.pk,)
