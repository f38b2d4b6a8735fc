"""STAR: published examples, each step of its tie-breaking protocol, and a real election."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionPoints, Outcome, Round, Tie
from django_polls.methods.rules import FinalTies, Rules, Scores, Ties
from django_polls.methods.star import star
from django_polls.methods.ties import seed_order
from tests.methods.score_ballots import (
    Paper,
    check_order_and_splitting,
    check_renaming,
    papers,
    points,
    real_scores,
    tally,
    unmarked,
)

RULES = Rules((1, 2, 3))
SEEDED = Rules((1, 2, 3), ties=Ties(b"seed", FinalTies.SEED))
LEFT_OUT = Rules((1, 2, 3), scores=Scores(unscored_is_zero=False))


def totals(**votes: int) -> tuple[OptionPoints, ...]:
    """Return the points of the options A, B, C and D, which are 1, 2, 3 and 4."""
    return tuple(OptionPoints("_ABCD".index(name), number) for name, number in votes.items())


def test_star_of_the_tennessee_example() -> None:
    # Memphis, Nashville, Chattanooga, Knoxville: en.wikipedia.org/wiki/STAR_voting, "Example".
    ballots = [tally(42, 5, 2, 1, 0), tally(26, 0, 5, 2, 1), tally(15, 0, 3, 5, 3), tally(17, 0, 2, 4, 5)]

    assert star(ballots, Rules((1, 2, 3, 4))) == Outcome(
        method="score",
        version=1,
        tie_rule="declare",
        votes=100,
        options=unmarked(4),
        winners=(2,),
        count="star",
        ranking=((2,), (3,), (1,), (4,)),
        points=points(210, 293, 237, 156),
        rounds=(
            Round(points(210, 293, 237, 156), elected=(2, 3)),
            Round(totals(B=68, C=32), exhausted=0, elected=(2,)),
        ),
    )


def test_run_off_may_overturn_the_sums() -> None:
    outcome = star([tally(3, 5, 4), tally(2, 0, 5)], Rules((1, 2)))

    assert (outcome.winners, outcome.points, outcome.ranking) == ((1,), points(15, 22), ((1,), (2,)))
    assert outcome.rounds[1] == Round(totals(A=3, B=2), exhausted=0, elected=(1,))


# The next four are test elections of L. Hastings, starvote 2 (2023), whose names say how they end.


def test_tie_for_second_place_is_broken_by_the_match_up() -> None:
    ballots = [tally(2, 1, 2, 5), tally(1, 5, 3, 5)]

    outcome = star(ballots, RULES)

    assert outcome.points == points(7, 7, 15)
    assert outcome.rounds[0].elected == (2, 3)
    assert (outcome.winners, outcome.ties) == ((3,), (Tie((1, 2), "match_ups", (2,), 1),))


def test_tie_in_the_run_off_is_broken_by_the_sum() -> None:
    outcome = star([tally(1, 1, 2, 5), tally(1, 1, 5, 3), tally(1, 1, 3, 3)], RULES)

    assert outcome.rounds[1] == Round(totals(B=1, C=1), exhausted=1, elected=(3,))
    assert (outcome.winners, outcome.ties) == ((3,), (Tie((2, 3), "scores", (3,), 2),))


def test_tie_in_the_run_off_and_in_the_sum_is_broken_by_the_best_scores() -> None:
    outcome = star([tally(1, 1, 4, 5), tally(1, 1, 3, 2), tally(1, 1, 5, 5)], RULES)

    assert outcome.points == points(3, 12, 12)
    assert (outcome.winners, outcome.ties) == ((3,), (Tie((2, 3), "top_scores", (3,), 2),))


def test_cycle_of_three_is_broken_by_the_seed_and_then_by_the_match_up() -> None:
    ballots = [tally(1, 1, 3, 5), tally(1, 3, 5, 1), tally(1, 5, 1, 3)]
    beats = {1: 3, 2: 1, 3: 2}
    first = seed_order((1, 2, 3), b"seed")[0]
    others = tuple(option for option in (1, 2, 3) if option != first)
    second = next(option for option in others if beats[option] in others)
    winner = first if beats[first] == second else second

    outcome = star(ballots, SEEDED)

    assert outcome.winners == (winner,)
    assert outcome.ties == (Tie((1, 2, 3), "seed", (first,), 1), Tie(others, "match_ups", (second,), 1))


def test_four_tied_lose_the_one_who_lost_the_most_match_ups() -> None:
    # github.com/masiarek/star-voting-library (2026), "Matchups won vs. preference votes":
    # D has the most fives, and loses all.
    ballots = [tally(2, 0, 0, 0, 5), tally(1, 5, 4, 2, 1), tally(1, 2, 5, 4, 0), tally(1, 4, 2, 5, 0)]
    first = seed_order((1, 2, 3), b"seed")[0]

    outcome = star(ballots, Rules((1, 2, 3, 4), ties=Ties(b"seed")))

    assert outcome.points == points(11, 11, 11, 11)
    assert outcome.ties[:2] == (Tie((1, 2, 3, 4), "match_ups", (1, 2, 3), 1), Tie((1, 2, 3), "seed", (first,), 1))
    assert outcome.rounds[1].exhausted == 2


def test_others_have_their_places_where_more_lost_than_may_go() -> None:
    # A beats B and C by 3 to 2, who draw with each other; B has two fives, C one.
    scores = [(3, 5, 5), (4, 5, 1), (1, 0, 1), (2, 1, 0), (0, 0, 4), (1, 0, 0)]

    outcome = star([tally(1, *given_scores) for given_scores in scores], RULES)

    assert outcome.points == points(11, 11, 11)
    assert outcome.rounds[0].elected == (1, 2)
    assert outcome.ties == (Tie((1, 2, 3), "match_ups", (1,), 1), Tie((2, 3), "top_scores", (2,), 1))


def test_cycle_is_broken_by_the_best_scores_and_then_from_the_top() -> None:
    # A beats C, B beats A, C beats B; A has the only five. Then C beats B.
    outcome = star([tally(1, 0, 3, 4), tally(1, 5, 0, 2), tally(1, 2, 4, 1)], RULES)

    assert outcome.points == points(7, 7, 7)
    assert outcome.rounds[0].elected == (1, 3)
    assert outcome.ties == (Tie((1, 2, 3), "top_scores", (1,), 1), Tie((2, 3), "match_ups", (3,), 1))


def test_those_with_the_most_best_scores_take_the_places_together() -> None:
    outcome = star([tally(1, 2, 2, 3), tally(1, 5, 5, 4)], RULES)

    assert outcome.points == points(7, 7, 7)
    assert outcome.rounds[0].elected == (1, 2)
    assert outcome.ties == (Tie((1, 2, 3), "top_scores", (1, 2), 1), Tie((1, 2), "declared", (1, 2), 2))


def test_who_has_the_fewest_best_scores_goes_where_too_many_have_the_most() -> None:
    first = seed_order((2, 3), b"")[:1]

    outcome = star([tally(1, 5, 2, 2, 3), tally(1, 3, 5, 5, 4)], Rules((1, 2, 3, 4)))

    assert outcome.points == points(8, 7, 7, 7)
    assert outcome.ties[:2] == (Tie((2, 3, 4), "top_scores", (2, 3), 1), Tie((2, 3), "seed", first, 1))


def test_all_zero_is_decided_by_the_seed_and_declared_a_tie() -> None:
    order = seed_order((1, 2, 3), b"seed")
    finalists = tuple(sorted(order[:2]))

    declared = star([tally(2, 0, 0, 0)], Rules((1, 2, 3), ties=Ties(b"seed")))
    seeded = star([tally(2, 0, 0, 0)], SEEDED)

    broken = (
        Tie((1, 2, 3), "seed", order[:1], 1),
        Tie(tuple(sorted(order[1:])), "seed", order[1:2], 1),
    )
    assert declared.ties == (*broken, Tie(finalists, "declared", finalists, 2))
    assert seeded.ties == (*broken, Tie(finalists, "seed", order[:1], 2))
    assert (declared.winners, seeded.winners) == (finalists, order[:1])
    assert declared.ranking == seeded.ranking == (finalists, order[2:])
    assert declared.rounds[1] == Round(
        tuple(OptionPoints(option_id, 0) for option_id in finalists), exhausted=2, elected=finalists
    )


def test_unscored_counts_as_zero_or_leaves_no_preference() -> None:
    ballots = [tally(2, 1, 5), tally(3, 4)]

    as_zero = star(ballots, RULES)
    left_out = star(ballots, LEFT_OUT)

    assert (as_zero.points, as_zero.winners) == (points(14, 10, 0), (1,))
    assert as_zero.rounds[1] == Round(totals(A=3, B=2), exhausted=0, elected=(1,))
    assert (left_out.points, left_out.winners) == (points(14, 10), (2,))
    assert left_out.rounds[1] == Round(totals(A=0, B=2), exhausted=3, elected=(2,))
    assert left_out.ranking == ((2,), (1,), (3,))


@pytest.mark.parametrize("rules", [Rules((2,)), Rules((1, 2, 3), scores=Scores(unscored_is_zero=False))])
def test_only_finalist_wins(rules: Rules) -> None:
    outcome = star([Tally("2=1", 3), Tally("", 1)], rules)

    assert (outcome.winners, outcome.ties) == ((2,), ())
    assert outcome.rounds == (Round((OptionPoints(2, 3),), elected=(2,)),)


@pytest.mark.parametrize("rules", [RULES, LEFT_OUT])
@pytest.mark.parametrize("ballots", [[], [Tally("", 3)]])
def test_nobody_wins_without_a_score(rules: Rules, ballots: list[Tally]) -> None:
    outcome = star(ballots, rules)

    assert (outcome.winners, outcome.ranking, outcome.rounds, outcome.ties) == ((), ((1, 2, 3),), (), ())


@given(papers(4), st.sampled_from(FinalTies), st.booleans(), st.randoms(use_true_random=False))
def test_outcome_does_not_depend_on_order_splitting_or_names(
    cast: list[Paper], final: FinalTies, unscored_is_zero: object, random: Random
) -> None:
    limits = Scores(most=3, unscored_is_zero=bool(unscored_is_zero))
    rules = Rules((2, 4, 1, 3), scores=limits, ties=Ties(b"seed", final))

    outcome = check_order_and_splitting(star, cast, rules, random)
    check_renaming(star, cast, rules)

    for second in outcome.rounds[1:]:
        assert sum(int(total.points) for total in second.totals) + int(second.exhausted) == len(cast)
        assert set(outcome.winners) <= {total.option_id for total in second.totals}


@given(papers(4))
def test_outcome_without_ties_is_that_of_the_plain_rule(cast: list[Paper]) -> None:
    scores = [[score or 0 for score in paper] for paper in cast]
    sums = [sum(given[place] for given in scores) for place in range(4)]

    outcome = star([tally(1, *paper) for paper in cast], Rules((1, 2, 3, 4), scores=Scores(most=3)))

    if outcome.ties or not outcome.winners:
        return
    first, second = sorted(range(4), key=lambda place: (-sums[place], place))[:2]
    lead = sum((given[first] > given[second]) - (given[first] < given[second]) for given in scores)
    assert outcome.winners == ((first if lead > 0 else second) + 1,)


@given(st.permutations(range(4)), papers(4))
def test_order_shown_changes_nothing_but_the_order(order: list[int], cast: list[Paper]) -> None:
    ballots = [tally(1, *paper) for paper in cast]

    shown = star(ballots, Rules((1, 2, 3, 4)))
    other = star(ballots, Rules(tuple(place + 1 for place in order)))

    assert [set(group) for group in other.ranking] == [set(group) for group in shown.ranking]
    assert set(other.winners) == set(shown.winners)
    assert [(set(tie.options), tie.broken_by, set(tie.chosen)) for tie in other.ties] == [
        (set(tie.options), tie.broken_by, set(tie.chosen)) for tie in shown.ties
    ]


def test_star_of_a_real_election_equals_its_reference() -> None:
    candidates, ballots, reference = real_scores("bettervoting-best-pet")
    rules = Rules(tuple(range(1, len(candidates) + 1)))
    votes = reference["star_detail"]["runoff"]
    finalists = tuple(place for place, name in enumerate(candidates, 1) if name in votes)

    outcome = star(ballots, rules)

    sums = points(*map(reference["score_totals"].get, candidates))
    run_off = tuple(OptionPoints(option_id, votes[candidates[option_id - 1]]) for option_id in finalists)
    winner = tuple(option_id for option_id in finalists if candidates[option_id - 1] in reference["star"])
    assert outcome.rounds == (
        Round(sums, elected=finalists),
        Round(run_off, exhausted=votes["no preference"], elected=winner),
    )
    assert (outcome.winners, outcome.votes, outcome.ties) == (winner, 461, ())
