"""The method of score ballots: it checks them, and counts them as the poll says."""

from decimal import Decimal

import pytest

from django_polls import exceptions
from django_polls.methods.ballots import Ballot, Mark
from django_polls.methods.judgment import majority_judgment
from django_polls.methods.rules import Rules
from django_polls.methods.scored import Score
from django_polls.methods.scores import score_mean, score_median, score_sum
from django_polls.methods.star import star
from tests.methods.score_ballots import Count, tally

BALLOTS = [tally(3, 5, 3, 0), tally(2, 0, 3, 4), tally(2, 0, 2, 3)]


@pytest.mark.parametrize(
    ("way", "count", "counted_as"),
    [
        ("", score_sum, "sum"),
        ("sum", score_sum, "sum"),
        ("mean", score_mean, "mean"),
        ("median", score_median, "median"),
        ("star", star, "star"),
        ("majority_judgment", majority_judgment, "majority_judgment"),
    ],
)
def test_score_counts_as_the_poll_says(way: str, count: Count, counted_as: str) -> None:
    rules = Rules((1, 2, 3), count=way)

    outcome = Score().count(BALLOTS, rules)

    assert outcome == count(BALLOTS, rules)
    assert (outcome.method, outcome.version, outcome.count) == (Score.key, Score.version, counted_as)


def test_score_names_its_ways_of_counting() -> None:
    assert Score.counts == ("sum", "mean", "median", "star", "majority_judgment")


def test_score_checks_the_ballot() -> None:
    Score().check(Ballot((Mark(1, score=Decimal(5)),)), Rules((1, 2, 3)))
    with pytest.raises(exceptions.ScoreOutOfRange):
        Score().check(Ballot((Mark(1, score=Decimal(6)),)), Rules((1, 2, 3)))
