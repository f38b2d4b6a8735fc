"""The ways that other tests go through are all that there are, and a vote is counted under each of them."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from django_polls import lifecycle, results
from django_polls.conf import voting_methods
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Mark, Poll, PollOutcome
from django_polls.models.polls import Until
from django_polls.verification import findings_of, strays
from django_polls.voting import cast_vote, replace_vote, vote_of, withdraw_vote
from tests.races import judge
from tests.ways import WAYS, Way, each_method, each_way

pytestmark = pytest.mark.django_db

# The database's function; elsewhere the poll, the vote and its entry, with the transaction's own and MariaDB's hold.
STATEMENTS = {"postgresql": 1, "sqlite": 5, "mysql": 6}


def test_ways_are_all_that_there_are() -> None:
    counts = {(key, count) for key, method in voting_methods().items() for count in method.counts or ("",)}

    assert {(way.method, way.count) for way in WAYS} == counts
    assert len(WAYS) == len(counts)


@each_way
def test_vote_is_stored_as_it_was_cast(way: Way) -> None:
    poll, ballots = way.open_poll()
    voters = [Voter(uuid4()) for _ballot in ballots]

    for voter, ballot in zip(voters, ballots, strict=True):
        cast_vote(poll, voter, ballot)

    stored = [vote_of(poll, voter).ballot for voter in voters]
    assert [ballot.body for ballot in stored] == [ballot.body for ballot in ballots]
    assert [Ballot.from_body(ballot.body).key for ballot in stored] == [ballot.key for ballot in ballots]
    assert [marks_of(ballot.pk) for ballot in stored] == [
        {(mark.option_id, mark.rank, mark.score) for mark in ballot.marks} for ballot in ballots
    ]


def marks_of(ballot_id: int) -> set[tuple[int, int | None, Decimal | None]]:
    return set(Mark.objects.filter(ballot=ballot_id).values_list("option_id", "rank", "score"))


@each_way
def test_votes_changed_withdrawn_and_cast_again_are_counted_as_they_stand(way: Way) -> None:
    poll, ballots = way.open_poll(vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
    voters = [Voter(uuid4()) for _ballot in range(5)]
    for number, voter in enumerate(voters):
        cast_vote(poll, voter, ballots[number % len(ballots)])
    results.compact(poll)
    replace_vote(poll, voters[0], ballots[1])
    withdraw_vote(poll, voters[1])
    cast_vote(poll, voters[1], ballots[2])
    withdraw_vote(poll, voters[4])

    read = results.outcome_of(poll)
    found = [judge.miscounts(poll), findings_of(poll.pk)]
    lifecycle.close_poll(poll)
    found += [judge.miscounts(poll), findings_of(poll.pk), list(strays())]

    assert (read.votes, read.count or way.count) == (4, way.count)
    assert found == [[]] * 5
    closed = Poll.objects.get(pk=poll.pk)
    assert PollOutcome.objects.get().outcome == results.outcome_of(closed) == judge.recount(closed)


@each_method
@pytest.mark.django_db(transaction=True)
def test_vote_for_a_ballot_already_met_takes_as_few_statements_as_ever(
    way: Way, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    poll, ballots = way.open_poll()
    cast_vote(poll, Voter(uuid4()), ballots[0])

    with django_assert_num_queries(STATEMENTS[connection.vendor]):
        cast_vote(poll, Voter(uuid4()), ballots[0])

    assert poll.votes.count() == 2
