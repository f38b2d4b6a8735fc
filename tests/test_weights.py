"""Votes that the host weighs: a ballot for each weight, exact sums, and no weight that a database would round."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from django_polls import lifecycle, results
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot, Word
from django_polls.models import Ballot as StoredBallot
from django_polls.models import Poll, PollOutcome, Vote
from django_polls.models.polls import Until
from django_polls.policies import Policy
from django_polls.verification import findings_of, rebuild
from django_polls.voting import cast_vote, replace_vote, vote_of
from tests.factories import PollFactory, UserFactory
from tests.races import judge
from tests.ways import Way, each_way

pytestmark = pytest.mark.django_db


class SharePolicy(Policy):
    """A company's: each user's vote weighs what is written in place of the first name, another's weighs 1."""

    def weight_of(self, voter: Voter, poll: Poll) -> Decimal:
        return Decimal(voter.user.first_name or 1) if isinstance(voter.user, User) else Decimal(1)


@pytest.fixture(autouse=True)
def company(settings: Settings) -> None:
    settings.DJANGO_POLLS_POLICY = "tests.test_weights.SharePolicy"


def holder_of(shares: str) -> Voter:
    return Voter.from_user(UserFactory(first_name=shares))


def weights(poll: Poll) -> Mapping[tuple[str, Decimal], int]:
    """Return the number of votes of each ballot, by its body and its weight."""
    ballots = StoredBallot.objects.filter(poll=poll)
    return {(each.body, each.weight): each.votes.count() for each in ballots}


def test_votes_of_one_choice_and_two_weights_are_two_ballots() -> None:
    poll = PollFactory()
    first, second = (option.pk for option in poll.options.all())
    for shares, option_id in (("0.1", first), ("0.2", first), ("0.2", first), ("0.4", second), ("", second)):
        cast_vote(poll, holder_of(shares), Ballot.of(option_id))

    outcome = results.outcome_of(poll)

    assert weights(poll) == {
        (str(first), Decimal("0.1")): 1,
        (str(first), Decimal("0.2")): 2,
        (str(second), Decimal("0.4")): 1,
        (str(second), Decimal(1)): 1,
    }
    assert (outcome.votes, outcome.weight, dict(outcome.option_votes)) == (5, "1.9", {first: "0.5", second: "1.4"})
    assert outcome.winners == (second,)


def test_votes_that_all_weigh_one_are_not_weighted() -> None:
    poll = PollFactory()
    first, second = (option.pk for option in poll.options.all())
    for shares in ("1", "1.0", "1.000000"):
        cast_vote(poll, holder_of(shares), Ballot.of(first))

    outcome = results.outcome_of(poll)

    assert weights(poll) == {(str(first), Decimal(1)): 3}
    assert (outcome.weight, dict(outcome.option_votes)) == (None, {first: 3, second: 0})


@pytest.mark.parametrize("shares", ["0.000001", "999999999.999999", "123456789.123456", "0.3"])
def test_weight_within_the_range_is_kept_exactly(shares: str) -> None:
    poll = PollFactory()
    first, second = (option.pk for option in poll.options.all())
    for _time in range(3):
        cast_vote(poll, holder_of(shares), Ballot.of(first))
    cast_vote(poll, holder_of("0.000001"), Ballot.of(second))

    outcome = results.outcome_of(poll)

    tripled = f"{3 * Decimal(shares):f}"
    assert weights(poll) == {(str(first), Decimal(shares)): 3, (str(second), Decimal("0.000001")): 1}
    assert outcome.option_votes == {first: tripled, second: "0.000001"}
    assert judge.recount(poll) == outcome
    assert findings_of(poll.pk) == []


@pytest.mark.parametrize("shares", ["0", "-1", "1000000000", "0.0000001", "1.0000001", "Infinity", "NaN", "sNaN"])
def test_weight_that_no_database_keeps_is_an_error_of_the_host_and_stores_nothing(shares: str) -> None:
    poll = PollFactory(vote_change=Until.CLOSE)
    first, second = (option.pk for option in poll.options.all())
    voter = holder_of("2")
    cast_vote(poll, voter, Ballot.of(first))
    voter.user.first_name = shares

    with pytest.raises(ValueError, match="is no weight of a vote"):
        cast_vote(poll, holder_of(shares), Ballot.of(first))
    with pytest.raises(ValueError, match="is no weight of a vote"):
        replace_vote(poll, voter, Ballot.of(second))

    assert weights(poll) == {(str(first), Decimal(2)): 1}
    assert Vote.objects.count() == 1


def test_change_weighs_the_vote_anew_and_the_same_choice_does_not() -> None:
    poll = PollFactory(vote_change=Until.CLOSE)
    first, second = (option.pk for option in poll.options.all())
    voter = holder_of("2")
    cast_vote(poll, voter, Ballot.of(first))
    voter.user.first_name = "7"

    same = replace_vote(poll, voter, Ballot.of(first))
    kept = results.outcome_of(poll)
    changed = replace_vote(poll, voter, Ballot.of(second))

    assert (same.ballot.weight, changed.ballot.weight) == (Decimal(2), Decimal(7))
    assert [outcome.option_votes for outcome in (kept, results.outcome_of(poll))] == [
        {first: 2, second: 0},
        {first: 0, second: 7},
    ]
    assert findings_of(poll.pk) == []


def test_first_vote_by_replacing_is_weighed() -> None:
    poll = PollFactory()
    first, _second = (option.pk for option in poll.options.all())
    voter = holder_of("2.5")

    replace_vote(poll, voter, Ballot.of(first))
    again = replace_vote(poll, voter, Ballot.of(first))

    assert (again.ballot.weight, vote_of(poll, voter)) == (Decimal("2.5"), again)


def test_words_are_weighed_apart_from_the_options() -> None:
    poll = PollFactory(allows_abstention=True, allows_none_of_these=True, pass_threshold="1/2")
    first, second = (option.pk for option in poll.options.all())
    cast_vote(poll, holder_of("2.5"), Ballot.of(first))
    cast_vote(poll, holder_of("2"), Ballot(word=Word.NONE_OF_THESE))
    cast_vote(poll, holder_of("9"), Ballot(word=Word.ABSTAIN))

    outcome = results.outcome_of(poll)

    assert (outcome.votes, outcome.weight, outcome.base) == (3, "2.5", "2.5")
    assert (outcome.abstentions, outcome.none_of_these, outcome.option_votes) == (1, 1, {first: "2.5", second: 0})
    assert (outcome.verdict.result, outcome.verdict.support, outcome.verdict.base) == ("passed", "2.5", "4.5")
    assert findings_of(poll.pk) == []


@each_way
def test_votes_of_two_weights_are_counted_as_the_sum_of_equal_votes(way: Way) -> None:
    weighted, ballots = way.open_poll()
    equal, same_ballots = way.open_poll()
    for shares, ballot, same in zip(("3", "2", "1"), ballots, same_ballots, strict=False):
        cast_vote(weighted, holder_of(shares), ballot)
        for _vote in range(int(shares)):
            cast_vote(equal, holder_of(""), same)

    outcome, expected = results.outcome_of(weighted), results.outcome_of(equal)

    places = [{option.pk: option.position for option in poll.options.all()} for poll in (weighted, equal)]
    assert [places[0][winner] for winner in outcome.winners] == [places[1][winner] for winner in expected.winners]
    assert [row.points for row in outcome.points] == [row.points for row in expected.points]
    assert [row.votes for row in outcome.options] == [row.votes for row in expected.options]
    assert (outcome.votes, outcome.weight, expected.votes, expected.weight) == (3, 6, 6, None)


@each_way
def test_weighted_votes_are_stored_recounted_and_rebuilt(way: Way) -> None:
    poll, ballots = way.open_poll(vote_change=Until.CLOSE)
    voters = [holder_of(shares) for shares in ("0.25", "1.5", "1", "0.25")]
    for voter, ballot in zip(voters, [*ballots, *ballots], strict=False):
        cast_vote(poll, voter, ballot)
    replace_vote(poll, voters[0], ballots[1])
    read = results.outcome_of(poll)
    rebuild(poll.pk)

    lifecycle.close_poll(poll)

    assert (read.votes, read.weight) == (4, 3)
    assert [judge.miscounts(poll), findings_of(poll.pk)] == [[], []]
    closed = Poll.objects.get(pk=poll.pk)
    assert PollOutcome.objects.get().outcome == judge.recount(closed) == results.outcome_of(closed)
