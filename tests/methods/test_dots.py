"""Dot voting: which ballots are valid, and how the points are counted."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls import exceptions
from django_polls.methods.ballots import Ballot, Mark, Tally
from django_polls.methods.dots import Dots
from django_polls.methods.outcomes import Outcome, Tie
from django_polls.methods.rules import FinalTies, Rules, Scores, Ties
from django_polls.methods.ties import seed_order
from tests.methods.score_ballots import (
    Paper,
    check_order_and_splitting,
    check_renaming,
    papers,
    points,
    tally,
    unmarked,
)

FIVE = Rules((1, 2, 3), scores=Scores(points=5))


def ballot(*dots: str | int) -> Ballot:
    return Ballot(tuple(Mark(option_id, score=Decimal(number)) for option_id, number in enumerate(dots, 1)))


@pytest.mark.parametrize(
    ("limits", "dots", "refusal", "params"),
    [
        (Scores(points=5), (), exceptions.TooFewOptions, {"min_options": 1, "max_options": 3}),
        (Scores(points=5), (0, 0), exceptions.TooFewOptions, {"min_options": 1, "max_options": 3}),
        (Scores(points=5), ("0.5",), exceptions.InvalidBallot, {}),
        (Scores(points=5), (1, 1, 1, 1), exceptions.UnknownOption, {}),
        (Scores(points=5), (3, 3), exceptions.PointsOverspent, {"points": 5}),
        (Scores(points=5), (6,), exceptions.PointsOverspent, {"points": 5}),
        (Scores(points=5), (6, -1), exceptions.ScoreOutOfRange, {"min_score": 0, "max_score": 5}),
        (Scores(points=5, most_on_one=2), (3,), exceptions.ScoreOutOfRange, {"min_score": 0, "max_score": 2}),
        (Scores(most=4), (5,), exceptions.ScoreOutOfRange, {"min_score": 0, "max_score": 4}),
        (Scores(points=5, must_spend_all=True), (2, 2), exceptions.PointsUnspent, {"points": 5}),
    ],
)
def test_dots_refuses(
    limits: Scores, dots: tuple[int, ...], refusal: type[exceptions.PollError], params: dict[str, int]
) -> None:
    with pytest.raises(refusal) as refused:
        Dots().check(ballot(*dots), Rules((1, 2, 3), scores=limits))

    assert (type(refused.value), refused.value.params) == (refusal, params)


def test_dots_refuses_an_option_marked_twice() -> None:
    with pytest.raises(exceptions.DuplicateOption):
        Dots().check(Ballot((Mark(1, score=Decimal(1)),) * 2), FIVE)


@pytest.mark.parametrize(
    ("limits", "dots"),
    [
        (Scores(points=5), (5,)),
        (Scores(points=5), (1, 0, 1)),
        (Scores(points=5, most_on_one=3), (3, 2)),
        (Scores(points=5, must_spend_all=True), (2, 2, 1)),
        (Scores(most=4), (4, 4, 4)),
        (Scores(must_spend_all=True), (1,)),
    ],
)
def test_dots_takes(limits: Scores, dots: tuple[int, ...]) -> None:
    Dots().check(ballot(*dots), Rules((1, 2, 3), scores=limits))


def test_blank_ballot_is_taken_where_no_option_need_be_marked() -> None:
    Dots().check(Ballot(), Rules((1, 2), min_options=0, scores=Scores(points=5)))


def test_dots_counts_the_points() -> None:
    # Cumulative voting lets a minority of one in three hold one option by putting all its points there.
    ballots = [tally(66, 2, 2, 1), tally(34, 0, 0, 5), Tally("", 4)]

    assert Dots().count(ballots, FIVE) == Outcome(
        method="dots",
        version=1,
        tie_rule="declare",
        votes=104,
        options=unmarked(3),
        winners=(3,),
        ranking=((3,), (1, 2)),
        points=points(132, 132, 236),
    )


def test_tied_options_all_win_or_the_seed_decides() -> None:
    declared = Dots().count([tally(1, 2, 2, 1)], FIVE)
    seeded = Dots().count([tally(1, 2, 2, 1)], Rules((1, 2, 3), ties=Ties(b"seed", FinalTies.SEED)))

    first = seed_order((1, 2), b"seed")[:1]
    assert (declared.winners, declared.ties) == ((1, 2), (Tie((1, 2), "declared", (1, 2)),))
    assert (seeded.winners, seeded.ties) == (first, (Tie((1, 2), "seed", first),))


@pytest.mark.parametrize("unscored_is_zero", [True, False])
@pytest.mark.parametrize("ballots", [[], [Tally("", 3)], [Tally("1=0", 3)]])
def test_nobody_wins_without_a_point(ballots: list[Tally], *, unscored_is_zero: bool) -> None:
    outcome = Dots().count(ballots, Rules((1, 2), scores=Scores(points=5, unscored_is_zero=unscored_is_zero)))

    assert (outcome.winners, outcome.ranking, outcome.points, outcome.ties) == ((), ((1, 2),), points(0, 0), ())


@given(papers(3), st.sampled_from(FinalTies), st.randoms(use_true_random=False))
def test_no_point_vanishes_whatever_the_order_the_splitting_and_the_names(
    cast: list[Paper], final: FinalTies, random: Random
) -> None:
    rules = Rules((3, 1, 2), scores=Scores(points=9, least=1), ties=Ties(b"seed", final))

    outcome = check_order_and_splitting(Dots().count, cast, rules, random)
    check_renaming(Dots().count, cast, rules)

    assert sum(int(option.points) for option in outcome.points) == sum(score or 0 for paper in cast for score in paper)
