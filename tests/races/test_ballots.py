"""The first use of a ballot: sixteen voters bring the same one that nobody has brought before."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

from django.db import transaction

from django_polls import definitions
from django_polls.exceptions import TryAgain
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.voting import cast_vote, replace_vote
from tests.factories import PollFactory
from tests.races import judge, planted
from tests.races.crew import Crew, unexpected

VOTERS = 16
ROUNDS = 5
CROSSINGS = 3


def first_use_races(crew: Crew) -> Iterator[str]:
    """Race the first use of a ballot, five times, and yield each fault."""
    for _round in range(ROUNDS):
        poll = PollFactory(method="approval", options=4)
        ballot = Ballot.of(*[option.pk for option in poll.options.all()])
        told = crew.race(*[partial(cast_vote, poll, Voter(uuid4()), ballot) for _voter in range(VOTERS)])

        yield from unexpected(told) + judge.miscounts(poll)
        bodies = list(poll.ballots.values_list("body", flat=True))
        if bodies != [ballot.body] or poll.votes.count() != VOTERS:
            yield f"ballots {bodies}, votes {poll.votes.count()}"


def test_first_use_of_a_ballot_by_sixteen_voters_stores_it_once(crew: Crew) -> None:
    assert list(first_use_races(crew)) == []


def test_first_use_race_finds_ballots_that_are_not_unique(crew: Crew) -> None:
    with planted.ballots_not_unique():
        assert next(first_use_races(crew), None) is not None


def test_first_uses_of_two_ballots_crosswise_do_not_deadlock(crew: Crew) -> None:
    for _round in range(CROSSINGS):
        poll = PollFactory(method="approval", options=2, vote_change="until_close")
        first, second = (Ballot.of(option.pk) for option in poll.options.all())
        voters = [Voter(uuid4()) for _voter in range(8)]

        def there_and_back(voter: Voter, here: Ballot, there: Ballot, poll: Poll = poll) -> list[str]:
            return [replace_vote(poll, voter, ballot).ballot.body for ballot in (here, there, here)]

        told = crew.race(
            *[partial(there_and_back, voter, first, second) for voter in voters[::2]],
            *[partial(there_and_back, voter, second, first) for voter in voters[1::2]],
        )

        assert unexpected(told) + judge.miscounts(poll) == []
        assert sorted(poll.votes.values_list("ballot__body", flat=True)) == sorted([first.body] * 4 + [second.body] * 4)


def test_first_uses_crosswise_in_hosts_transactions_are_counted_once_each_is_repeated(crew: Crew) -> None:
    poll = PollFactory(method="approval", options=2)
    first, second = (Ballot.of(option.pk) for option in poll.options.all())
    definitions.load(poll.pk, "default")

    def both(*ballots: Ballot) -> int:
        for attempt in range(1, 100):
            try:
                with transaction.atomic():
                    for ballot in ballots:
                        cast_vote(poll, Voter(uuid4()), ballot)
            except TryAgain:
                continue
            return attempt
        return 0

    told = crew.race(*[partial(both, first, second)] * 2, *[partial(both, second, first)] * 2)

    assert unexpected(told) + judge.miscounts(poll) == []
    assert Vote.objects.filter(poll=poll).count() == 8
