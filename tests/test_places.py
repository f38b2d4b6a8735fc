"""Options with so many places, and polls with so many votes, one voter at a time: the races have a file apart."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from django_polls import definitions, exceptions, lifecycle, results, statements
from django_polls.definitions import Definition
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.methods.ballots import Ballot, Word
from django_polls.models import Poll, PollOption, Vote
from django_polls.models.polls import Electorate, Until
from django_polls.verification import findings_of
from django_polls.voting import cast_vote, replace_vote, vote_of, withdraw_vote
from tests.factories import PollFactory
from tests.races.planted import swapped
from tests.ways import Way, each_way

pytestmark = pytest.mark.django_db


def someone() -> Voter:
    return Voter(uuid4())


def poll_with_places(*capacities: int | None, **fields: object) -> tuple[Poll, list[int]]:
    """Return an open poll whose options have so many places, and the ids of its options."""
    fields = {"title": "Test Poll", "vote_change": Until.CLOSE, "vote_withdrawal": Until.CLOSE, **fields}
    options = [OptionDraft(f"Option {number}", capacity=places) for number, places in enumerate(capacities, 1)]
    poll = lifecycle.create_poll(PollDraft(fields, options))
    return poll, [option.pk for option in poll.options.all()]


def counts(poll: Poll) -> list[int]:
    return [option.vote_count for option in poll.options.all()]


def copy_of(poll: Poll) -> Definition:
    """Return the copy of the poll that this process has now."""
    definition = definitions.load(poll.pk, "default")
    assert definition is not None
    return definition


def votes(poll: Poll) -> list[tuple[str, object]]:
    return sorted((str(vote.ballot), vote.cast_at) for vote in Vote.objects.filter(poll=poll))


def test_last_place_of_an_option_is_given_once() -> None:
    poll, (first, second) = poll_with_places(2, None)
    for _voter in range(2):
        cast_vote(poll, someone(), Ballot.of(first))

    with pytest.raises(exceptions.OptionFull) as refusal:
        cast_vote(poll, someone(), Ballot.of(first))
    cast_vote(poll, someone(), Ballot.of(second))

    assert refusal.value.params == {"option_id": first, "option": "Option 1", "capacity": 2}
    assert str(refusal.value) == "Option 1 is full. Places: 2."
    assert (counts(poll), poll.votes.count(), findings_of(poll.pk)) == ([2, 1], 3, [])


def test_last_vote_of_a_poll_is_given_once() -> None:
    poll, (first, second) = poll_with_places(None, None, max_votes=1, allows_abstention=True)
    cast_vote(poll, someone(), Ballot(word=Word.ABSTAIN))

    with pytest.raises(exceptions.PollFull) as refusal:
        cast_vote(poll, someone(), Ballot.of(first))
    with pytest.raises(exceptions.PollFull):
        replace_vote(poll, someone(), Ballot.of(second))

    assert refusal.value.params == {"max_votes": 1}
    assert (counts(poll), poll.votes.count(), findings_of(poll.pk)) == ([0, 0], 1, [])


@each_way
def test_poll_of_any_way_takes_so_many_votes(way: Way) -> None:
    poll, ballots = way.open_poll(max_votes=2)
    voters = [someone(), someone()]
    for voter, ballot in zip(voters, ballots, strict=False):
        cast_vote(poll, voter, ballot)

    for ballot in ballots:
        with pytest.raises(exceptions.PollFull):
            cast_vote(poll, someone(), ballot)

    assert (results.outcome_of(poll).votes, findings_of(poll.pk)) == (2, [])


def test_vote_that_stands_may_be_sent_again_whatever_is_full() -> None:
    poll, (first, _second) = poll_with_places(1, None, max_votes=1, vote_change=Until.NEVER)
    voter = someone()
    cast = cast_vote(poll, voter, Ballot.of(first))

    again = replace_vote(poll, voter, Ballot.of(first))
    lifecycle.close_poll(poll)
    after_close = replace_vote(poll, voter, Ballot.of(first))

    assert again == cast == after_close
    assert (counts(poll), findings_of(poll.pk)) == ([1, 0], [])


def test_vote_that_stands_may_be_sent_again_by_whoever_may_not_vote_now() -> None:
    poll, (first, second) = poll_with_places(1, None)
    voter = someone()
    cast = cast_vote(poll, voter, Ballot.of(first))
    Poll.objects.update(electorate=Electorate.USERS, revision=100)
    poll.refresh_from_db()

    again = replace_vote(poll, voter, Ballot.of(first), revision=1)
    with pytest.raises(exceptions.AuthenticationRequired):
        replace_vote(poll, voter, Ballot.of(second))

    assert (again, counts(poll)) == (cast, [1, 0])


def test_change_to_a_full_option_is_refused_and_moves_nothing() -> None:
    poll, (first, second) = poll_with_places(1, None)
    voter = someone()
    cast_vote(poll, someone(), Ballot.of(first))
    cast_vote(poll, voter, Ballot.of(second))
    before = votes(poll)

    with pytest.raises(exceptions.OptionFull):
        replace_vote(poll, voter, Ballot.of(first))

    assert (counts(poll), votes(poll)) == ([1, 1], before)


def test_change_within_a_full_poll_is_stored() -> None:
    poll, (first, second) = poll_with_places(None, None, max_votes=2)
    voter = someone()
    for each in (voter, someone()):
        cast_vote(poll, each, Ballot.of(first))

    changed = replace_vote(poll, voter, Ballot.of(second))

    assert (changed.ballot.body, counts(poll), findings_of(poll.pk)) == (str(second), [1, 1], [])


def test_change_keeps_the_places_that_the_voter_has() -> None:
    poll, (first, second, third) = poll_with_places(1, 1, 1, method="approval")
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first, second))

    replace_vote(poll, voter, Ballot.of(first, third))
    cast_vote(poll, someone(), Ballot.of(second))
    with pytest.raises(exceptions.OptionFull) as refusal:
        replace_vote(poll, voter, Ballot.of(first, second, third))

    assert refusal.value.params["option_id"] == second
    assert (counts(poll), findings_of(poll.pk)) == ([1, 1, 1], [])


def test_change_frees_a_place() -> None:
    poll, (first, second) = poll_with_places(1, None)
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first))

    replace_vote(poll, voter, Ballot.of(second))
    cast_vote(poll, someone(), Ballot.of(first))

    assert (counts(poll), findings_of(poll.pk)) == ([1, 1], [])


def test_withdrawal_frees_a_place_and_a_vote() -> None:
    poll, (first, second) = poll_with_places(1, 1, max_votes=1)
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first))

    withdraw_vote(poll, voter)
    cast_vote(poll, someone(), Ballot.of(first))
    with pytest.raises(exceptions.PollFull):
        cast_vote(poll, voter, Ballot.of(second))

    assert (counts(poll), findings_of(poll.pk)) == ([1, 0], [])


def test_second_vote_where_all_is_full_says_that_the_voter_has_voted() -> None:
    poll, (first, second) = poll_with_places(1, None, max_votes=1)
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first))

    for option_id in (first, second):
        with pytest.raises(exceptions.AlreadyVoted):
            cast_vote(poll, voter, Ballot.of(option_id))

    assert counts(poll) == [1, 0]


def test_change_where_votes_stay_says_so_though_the_option_is_full() -> None:
    poll, (first, second) = poll_with_places(1, None, vote_change=Until.NEVER)
    voter = someone()
    cast_vote(poll, someone(), Ballot.of(first))
    cast_vote(poll, voter, Ballot.of(second))

    with pytest.raises(exceptions.ChangeNotAllowed):
        replace_vote(poll, voter, Ballot.of(first))

    assert counts(poll) == [1, 1]


def test_full_poll_that_is_closed_says_that_it_is_closed() -> None:
    poll, (first, second) = poll_with_places(1, None, max_votes=1)
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first))
    definitions.load(poll.pk, "default")
    lifecycle.close_poll(poll)

    with pytest.raises(exceptions.PollClosed):
        cast_vote(poll, someone(), Ballot.of(first))
    with pytest.raises(exceptions.PollClosed):
        replace_vote(poll, voter, Ballot.of(second))

    assert counts(poll) == [1, 0]


def test_copy_read_before_an_option_got_its_places_gives_no_more_of_them() -> None:
    poll = PollFactory()
    first, second = poll.options.all()
    old = copy_of(poll)
    options = [OptionDraft(first.text, first.pk, capacity=1), OptionDraft(second.text, second.pk)]
    lifecycle.edit_poll(poll, PollDraft(options=options))
    definitions._kept["default", poll.pk] = old

    cast_vote(poll, someone(), Ballot.of(first.pk))
    with pytest.raises(exceptions.OptionFull):
        cast_vote(poll, someone(), Ballot.of(first.pk))

    assert (old.is_limited, counts(poll)) == (False, [1, 0])


def test_change_on_a_copy_read_before_an_option_got_its_places_gives_no_more_of_them() -> None:
    poll = PollFactory(accepts_new_options=True, vote_change=Until.CLOSE)
    first, second = (OptionDraft(option.text, option.pk) for option in poll.options.all())
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first.id or 0))
    old = copy_of(poll)
    lifecycle.edit_poll(poll, PollDraft(options=[first, second, OptionDraft("Third", capacity=1)]))
    third = PollOption.objects.get(text="Third")
    cast_vote(poll, someone(), Ballot.of(third.pk))
    definitions._kept["default", poll.pk] = old

    with pytest.raises(exceptions.OptionFull):
        replace_vote(poll, voter, Ballot.of(third.pk))

    assert (counts(poll), vote_of(poll, voter).ballot.body) == ([1, 0, 1], str(first.id))


def test_copy_read_before_an_option_got_more_places_gives_them() -> None:
    poll, (first, second) = poll_with_places(1, None)
    old = copy_of(poll)
    options = [OptionDraft("Option 1", first, capacity=2), OptionDraft("Option 2", second)]
    lifecycle.edit_poll(poll, PollDraft(options=options))

    for _voter in range(2):
        definitions._kept["default", poll.pk] = old
        cast_vote(poll, someone(), Ballot.of(first))

    assert (old.is_limited, counts(poll), findings_of(poll.pk)) == (True, [2, 0], [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("capacity", [None, 1])
def test_vote_withdrawn_while_it_is_being_changed_is_cast_anew(capacity: int | None) -> None:
    poll, (first, second) = poll_with_places(None, capacity)
    voter, read = someone(), statements.standing_vote
    cast_vote(poll, voter, Ballot.of(first))
    withdrawn: list[Vote] = []

    def read_and_withdraw(*which: Any, locked: bool = False) -> Vote | None:
        vote = read(*which, locked=locked)
        if vote is not None and not withdrawn and not connection.in_atomic_block:
            withdrawn.append(vote)
            withdraw_vote(poll, voter)
        return vote

    with swapped(statements, "standing_vote", read_and_withdraw):
        replace_vote(poll, voter, Ballot.of(second))

    assert (len(withdrawn), counts(poll), poll.votes.count()) == (1, [0, 1], 1)
    assert findings_of(poll.pk) == []


@pytest.mark.parametrize(
    ("poll_fields", "places", "statement_counts"),
    [
        ({}, None, {"postgresql": 1, "sqlite": 5, "mysql": 6}),
        ({"max_votes": 9}, None, {"postgresql": 12, "sqlite": 16, "mysql": 18}),
        ({}, 9, {"postgresql": 11, "sqlite": 16, "mysql": 18}),
    ],
)
def test_vote_in_a_poll_without_places_takes_no_statement_for_them(
    poll_fields: dict[str, object],
    places: int | None,
    statement_counts: dict[str, int],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    poll, (first, _second) = poll_with_places(places, None, **poll_fields)
    ballot = Ballot.of(first)
    stored = cast_vote(poll, someone(), ballot).ballot
    copy_of(poll).remember(ballot, Decimal(1), stored.pk)

    with django_assert_num_queries(statement_counts[connection.vendor]):
        cast_vote(poll, someone(), ballot)

    assert counts(poll) == [2, 0]


def test_more_votes_than_places_are_named() -> None:
    poll, (first, second) = poll_with_places(2, None)
    for option_id in (first, first, second):
        cast_vote(poll, someone(), Ballot.of(option_id))
    PollOption.objects.filter(pk=first).update(capacity=1)
    Poll.objects.update(max_votes=2)

    assert [finding.sentence for finding in findings_of(poll.pk)] == [
        "it has 3 votes, and takes 2",
        f"option {first}: it has 2 votes, and takes 1",
    ]


@pytest.mark.parametrize("verb", [cast_vote, replace_vote])
def test_vote_that_waited_for_the_voter_s_own_is_not_told_of_a_full_poll(
    verb: Callable[..., Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, (first, second) = poll_with_places(1, 1, max_votes=1)
    voter, votes_taken = someone(), statements.votes_taken

    def after_another_request(poll_id: UUID, using: str) -> int:
        monkeypatch.setattr(statements, "votes_taken", votes_taken)
        cast_vote(poll, voter, Ballot.of(first))
        return votes_taken(poll_id, using)

    monkeypatch.setattr(statements, "votes_taken", after_another_request)

    # The other vote is one of the same transaction here, and goes with it when the verb begins anew.
    vote = verb(poll, voter, Ballot.of(second))

    assert (str(vote.ballot), counts(poll)) == (str(second), [0, 1])


def test_option_with_more_places_than_a_database_keeps_is_refused() -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        poll_with_places(2**31, 1)

    assert list(refusal.value.errors) == ["options"]
    with pytest.raises(ValidationError):
        PollOption(text="A", capacity=2**31).clean()
