"""What other ways of counting the same ballots would have said of a closed poll."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from django_polls import counts, exceptions, lifecycle
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot, CountedBallot, Word
from django_polls.methods.counting import count_ballots
from django_polls.models import Ballot as StoredBallot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Until
from django_polls.voting import cast_vote, withdraw_vote
from tests.ways import BY_METHOD, Way, each_way, scored

pytestmark = pytest.mark.django_db

RANKED = ["irv", "borda", "schulze", "ranked_pairs", "copeland", "stv", "stv_meek"]
SCORE = ["sum", "mean", "median", "star", "majority_judgment"]


def closed(way: Way, *ballots: Ballot, **fields: object) -> Poll:
    """Return a closed poll of this way, with a vote for each of the way's ballots or of these."""
    poll, own = way.open_poll(**fields)
    for ballot in ballots or own:
        cast_vote(poll, Voter(uuid4()), ballot)
    return lifecycle.close_poll(poll)


def ways(poll: Poll) -> list[tuple[str, str]]:
    return [(outcome.method, outcome.count) for outcome in counts.other_outcomes(poll)]


@pytest.mark.parametrize("count", ["", *RANKED])
def test_ranked_poll_is_counted_by_each_other_count(count: str) -> None:
    others = [("ranked", other) for other in RANKED if other != (count or "irv")]

    assert ways(closed(BY_METHOD["ranked"], count=count)) == others


@pytest.mark.parametrize("count", ["", *SCORE])
def test_score_poll_is_counted_by_each_other_count(count: str) -> None:
    others = [("score", other) for other in SCORE if other != (count or "sum")]

    assert ways(closed(BY_METHOD["score"], count=count)) == others


def test_score_poll_whose_ballots_deal_out_points_is_counted_as_dots_too() -> None:
    way = BY_METHOD["score"]
    others = [("score", other) for other in SCORE[1:]]

    assert ways(closed(way, points=8)) == [*others, ("dots", "")]
    assert ways(closed(way, points=7)) == others


def test_dots_are_counted_as_scores_where_they_are_scores() -> None:
    poll, _ballots = BY_METHOD["dots"].open_poll()
    first, second, _third = (option.pk for option in poll.options.all())
    cast_vote(poll, Voter(uuid4()), scored({first: 5, second: 1}))
    fitting = ways(lifecycle.close_poll(poll))

    assert fitting == [("score", count) for count in SCORE]
    assert ways(closed(BY_METHOD["dots"])) == []  # 6 points on one option are more than the highest score


@pytest.mark.parametrize("method", ["single", "approval", "yes_no"])
def test_poll_whose_ballots_no_other_method_takes_has_no_other_outcome(method: str) -> None:
    assert ways(closed(BY_METHOD[method])) == []


@each_way
def test_other_outcomes_are_those_of_the_same_ballots_under_the_other_rules(way: Way) -> None:
    poll = closed(way, allows_abstention=way.method != "yes_no")
    rows = StoredBallot.objects.filter(poll=poll)
    ballots = [CountedBallot(row.body, 1) for row in rows]

    for outcome in counts.other_outcomes(poll):
        now = Poll.objects.get(pk=poll.pk)
        now.method, now.count = outcome.method, outcome.count
        now.seats = now.seats if "stv" in outcome.count else 1
        assert outcome == count_ballots(now.voting_method, ballots, now.final_rules)


def test_other_outcomes_ask_for_no_quorum_and_count_words_and_weights_as_they_are() -> None:
    way = BY_METHOD["ranked"]
    poll, ballots = way.open_poll(allows_abstention=True, quorum=9, pass_threshold="1/2", vote_withdrawal=Until.CLOSE)
    voter = Voter(uuid4())
    cast_vote(poll, voter, ballots[2])
    withdraw_vote(poll, voter)
    for ballot in (*ballots[:2], Ballot(word=Word.ABSTAIN)):
        cast_vote(poll, Voter(uuid4()), ballot)
    StoredBallot.objects.filter(body=ballots[1].body).update(weight=Decimal("2.5"))

    others = counts.other_outcomes(lifecycle.close_poll(poll))

    facts = {(each.votes, each.abstentions, each.weight, each.verdict) for each in others}
    assert (len(others), facts) == (len(RANKED) - 1, {(3, 1, "3.5", None)})


def test_open_poll_has_no_other_outcomes_yet() -> None:
    poll, _ballots = BY_METHOD["ranked"].open_poll()
    with pytest.raises(exceptions.PollNotClosed):
        counts.other_outcomes(poll)
    Poll.objects.filter(pk=poll.pk).update(expires_at=database_now() - timedelta(seconds=1))

    assert len(counts.other_outcomes(Poll.objects.get(pk=poll.pk))) == len(RANKED) - 1
