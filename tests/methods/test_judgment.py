"""Majority judgment: its published example, and the naive rule that takes one grade off at a time."""

from collections.abc import Mapping
from math import lcm
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.judgment import majority_judgment
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

RULES = Rules((1, 2, 3))

# The experiment of Orsay, 22 April 2007, 1,733 ballots: M. Balinski and R. Laraki, "Election by Majority Judgement:
# Experimental Evidence" (2007). In thousandths, from "excellent" to "to reject".
ORSAY = {
    "Besancenot": (41, 99, 163, 160, 226, 311),
    "Buffet": (25, 76, 125, 206, 264, 304),
    "Schivardi": (5, 10, 39, 95, 249, 604),
    "Bayrou": (136, 307, 251, 148, 84, 74),
    "Bové": (15, 60, 114, 160, 257, 395),
    "Voynet": (29, 93, 175, 237, 261, 205),
    "Villiers": (24, 64, 87, 113, 158, 555),
    "Royal": (167, 227, 191, 168, 122, 126),
    "Nihous": (3, 18, 53, 110, 267, 550),
    "Le Pen": (30, 46, 62, 65, 54, 744),
    "Laguiller": (21, 53, 102, 166, 259, 401),
    "Sarkozy": (191, 198, 143, 115, 71, 282),
}


def grades(profile: Mapping[str, tuple[int, ...]]) -> list[Tally]:
    """Return the votes of each grade, each option's on ballots of its own."""
    return [
        Tally(f"{option_id}={len(votes) - place}", number)
        for option_id, votes in enumerate(profile.values(), 1)
        for place, number in enumerate(votes, 1)
    ]


def test_majority_judgment_of_the_orsay_experiment() -> None:
    names = list(ORSAY)
    rules = Rules(tuple(range(1, 13)), scores=Scores(unscored_is_zero=False))

    outcome = majority_judgment(grades(ORSAY), rules)

    assert [names[option_id - 1] for group in outcome.ranking for option_id in group] == [
        "Bayrou",
        "Royal",
        "Sarkozy",
        "Voynet",
        "Besancenot",
        "Buffet",
        "Bové",
        "Laguiller",
        "Nihous",
        "Villiers",
        "Schivardi",
        "Le Pen",
    ]
    assert outcome.points == points(1, 1, 0, 3, 1, 2, 0, 3, 0, 0, 1, 3)
    assert (outcome.winners, outcome.ties) == ((4,), (Tie((4, 8, 12), "grades", (4,)),))


def test_majority_judgment_says_what_it_did() -> None:
    ballots = [tally(1, 3, 2, 0), tally(1, 3, 3, 1), tally(1, 5, 5, 5)]

    assert majority_judgment(ballots, RULES) == Outcome(
        method="score",
        version=1,
        tie_rule="declare",
        votes=3,
        options=unmarked(3),
        winners=(1,),
        count="majority_judgment",
        ranking=((1,), (2,), (3,)),
        points=points(3, 3, 1),
        ties=(Tie((1, 2), "grades", (1,)),),
    )


def test_millions_of_votes_are_compared_to_the_last_grade() -> None:
    millions = 5 * 10**6
    ballots = [tally(millions, 4, 4, 4), tally(millions - 1, 2, 2, 2), tally(1, 2, 1, 2)]

    outcome = majority_judgment(ballots, RULES)

    assert (outcome.votes, outcome.winners, outcome.ranking) == (2 * millions, (1, 3), ((1, 3), (2,)))
    assert outcome.ties == (Tie((1, 2, 3), "grades", (1, 3)), Tie((1, 3), "declared", (1, 3)))


def test_options_with_the_same_grades_tie_to_the_end() -> None:
    ballots = [tally(1, 4, 2, 3), tally(1, 3, 4, 4), tally(1, 2, 3, 2)]

    declared = majority_judgment(ballots, RULES)
    seeded = majority_judgment(ballots, Rules((1, 2, 3), ties=Ties(b"seed", FinalTies.SEED)))

    first = seed_order((1, 2, 3), b"seed")[:1]
    assert (declared.winners, declared.ties) == ((1, 2, 3), (Tie((1, 2, 3), "declared", (1, 2, 3)),))
    assert (seeded.winners, seeded.ties) == (first, (Tie((1, 2, 3), "seed", first),))


def test_options_with_unlike_numbers_of_grades_compare_by_their_shares() -> None:
    rules = Rules((1, 2, 3), scores=Scores(unscored_is_zero=False))
    ballots = [tally(1, 4, 4), tally(1, 2, 2), tally(1, 4), tally(1, 2)]

    outcome = majority_judgment(ballots, rules)

    assert (outcome.ranking, outcome.points, outcome.winners) == (((1, 2), (3,)), points(2, 2), (1, 2))


@pytest.mark.parametrize("unscored_is_zero", [True, False])
@pytest.mark.parametrize("ballots", [[], [Tally("", 3)]])
def test_nobody_wins_without_a_grade(ballots: list[Tally], *, unscored_is_zero: bool) -> None:
    outcome = majority_judgment(ballots, Rules((1, 2), scores=Scores(unscored_is_zero=unscored_is_zero)))

    assert (outcome.winners, outcome.ranking, outcome.ties) == ((), ((1, 2),), ())


def test_one_option_wins_with_the_worst_grade() -> None:
    assert majority_judgment([tally(1, 0)], Rules((1,))).winners == (1,)


def majority_value(option_grades: list[int]) -> list[int]:
    """Take the lower middlemost grade off, one after the other, as the book has it."""
    left = sorted(option_grades)
    return [left.pop((len(left) - 1) // 2) for _grade in option_grades]


@given(cast=papers(4), unscored_is_zero=st.booleans())
def test_ranking_is_that_of_taking_grades_off_one_by_one(cast: list[Paper], *, unscored_is_zero: bool) -> None:
    given_grades = {
        option_id: [paper[option_id - 1] or 0 for paper in cast if unscored_is_zero or paper[option_id - 1] is not None]
        for option_id in (1, 2, 3, 4)
    }
    alike = lcm(*(len(found) or 1 for found in given_grades.values()))
    values = {
        option_id: majority_value(found * (alike // len(found))) for option_id, found in given_grades.items() if found
    }
    expected = [
        tuple(option_id for option_id in values if values[option_id] == value)
        for value in sorted({tuple(value): value for value in values.values()}.values(), reverse=True)
    ]
    without = tuple(option_id for option_id in given_grades if option_id not in values)
    rules = Rules((1, 2, 3, 4), scores=Scores(most=3, unscored_is_zero=unscored_is_zero))

    outcome = majority_judgment([tally(1, *paper) for paper in cast], rules)

    assert outcome.ranking == (*expected, *([without] if without else []))
    assert outcome.points == tuple(
        point for option_id, value in values.items() for point in points(value[0], first=option_id)
    )


@given(papers(4), st.sampled_from(FinalTies), st.randoms(use_true_random=False))
def test_outcome_does_not_depend_on_order_splitting_or_names(
    cast: list[Paper], final: FinalTies, random: Random
) -> None:
    rules = Rules((2, 4, 1, 3), scores=Scores(most=3, unscored_is_zero=False), ties=Ties(b"seed", final))

    check_order_and_splitting(majority_judgment, cast, rules, random)
    check_renaming(majority_judgment, cast, rules)


@given(papers(3), st.integers(2, 5))
def test_ranking_depends_on_the_shares_of_the_grades_alone(cast: list[Paper], times: int) -> None:
    once = majority_judgment([tally(1, *paper) for paper in cast], RULES)
    many = majority_judgment([tally(times, *paper) for paper in cast], RULES)

    assert (many.ranking, many.points, many.winners) == (once.ranking, once.points, once.winners)
