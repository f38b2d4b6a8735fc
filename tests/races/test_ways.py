"""The races under every way of voting, once each: what holds for one method's ballots holds for all."""

from collections.abc import Callable
from functools import partial
from random import Random
from threading import Semaphore
from uuid import uuid4

from django_polls.exceptions import AlreadyVoted, PollClosed, VoteNotFound
from django_polls.identity import Voter
from django_polls.models import Poll, PollOutcome, Vote
from django_polls.models.polls import Until
from django_polls.verification import findings_of
from django_polls.voting import cast_vote
from tests.races import judge, test_changes, test_closes
from tests.races.crew import Crew, repeated, unexpected
from tests.ways import WAYS, Way

VOTERS = 8
ACTS = 4


def outcome_faults(poll: Poll) -> list[str]:
    """Return whether the stored outcome is not the recount, and whatever else is not as it should be."""
    stored, recounted = PollOutcome.objects.get(poll=poll).outcome, judge.recount(poll)
    wrongly = [] if stored == recounted else [f"L6: stored {stored.to_json()}, recounted {recounted.to_json()}"]
    return wrongly + [finding.sentence for finding in findings_of(poll.pk)]


def under_every_way(race: Callable[[Way], list[str]]) -> list[str]:
    """Return each fault of a race that is run once under every way of voting."""
    return [f"{way}: {fault}" for way in WAYS for fault in race(way)]


def double_vote_race(crew: Crew, way: Way) -> list[str]:
    """Let one voter vote many times at once, and return each fault."""
    poll, ballots = way.open_poll()
    voter = Voter(uuid4())

    told = crew.race(*[partial(cast_vote, poll, voter, ballots[turn % len(ballots)]) for turn in range(2 * VOTERS)])

    acknowledged = [(vote.pk, vote.ballot_id) for vote in told if isinstance(vote, Vote)]
    standing = list(Vote.objects.filter(poll=poll).values_list("pk", "ballot_id"))
    wrongly = [] if len(acknowledged) == 1 and standing == acknowledged else [f"{acknowledged}, standing {standing}"]
    return unexpected(told, AlreadyVoted) + judge.miscounts(poll) + wrongly


def test_voter_who_votes_many_times_at_once_has_one_vote(crew: Crew) -> None:
    assert under_every_way(partial(double_vote_race, crew)) == []


def close_race(crew: Crew, way: Way) -> list[str]:
    """Close a poll in the midst of its voters, and return each fault."""
    poll, ballots = way.open_poll()
    cast_vote(poll, Voter(uuid4()), ballots[0])
    before, answered = test_closes.vote_ids(poll), Semaphore(0)
    voters = [partial(test_closes.vote, poll, ballots[turn % len(ballots)], answered) for turn in range(VOTERS)]

    told = crew.race(*voters, partial(test_closes.close, poll, answered, VOTERS // 2))

    return test_closes.faults(poll, told, before) + outcome_faults(poll)


def test_close_races_voters_and_the_count_at_close_stands(crew: Crew) -> None:
    assert under_every_way(partial(close_race, crew)) == []


def change_race(crew: Crew, way: Way) -> list[str]:
    """Let eight threads vote, change and withdraw for three voters, and close the poll; return each fault."""
    poll, ballots = way.open_poll(vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
    voters = [Voter(uuid4()) for _voter in range(3)]
    jobs = [
        repeated(partial(test_changes.act, poll, voters[turn % 3], ballots, Random(turn)), ACTS)
        for turn in range(VOTERS)
    ]

    told = crew.race(*jobs, partial(test_changes.close_in_turn, poll, voters[0], ballots, Random(VOTERS)))

    answers = [answer for results in told if isinstance(results, list) for answer in results]
    errors = unexpected([*told, *answers], AlreadyVoted, VoteNotFound, PollClosed)
    return errors + judge.miscounts(poll) + outcome_faults(poll)


def test_votes_changes_withdrawals_and_a_close_leave_what_is_counted(crew: Crew) -> None:
    assert under_every_way(partial(change_race, crew)) == []
