"""Score ballots: which are valid, and their sums, means and medians."""

from decimal import Decimal
from fractions import Fraction
from random import Random
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls import exceptions
from django_polls.methods.ballots import Ballot, Mark, Tally
from django_polls.methods.outcomes import OptionPoints, Outcome, Tie, exact
from django_polls.methods.rules import FinalTies, Rules, Scores, Ties
from django_polls.methods.scores import check_scores, score_mean, score_median, score_sum
from django_polls.methods.ties import seed_order
from tests.methods.score_ballots import (
    Count,
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
LEFT_OUT = Rules((1, 2, 3), scores=Scores(unscored_is_zero=False))
COUNTS: list[Count] = [score_sum, score_mean, score_median]

# Memphis, Nashville, Chattanooga, Knoxville: 400 miles less the distance as the crow flies, from
# electowiki.org/wiki/Tennessee_example (its file tennessee-example-scores.abif, by R. Lanphier).
TENNESSEE = [
    tally(42, 400, 200, 133, 45),
    tally(26, 200, 400, 290, 240),
    tally(15, 133, 290, 400, 296),
    tally(17, 45, 240, 296, 400),
]
MILES = Rules((1, 2, 3, 4), scores=Scores(most=400))


def ballot(*scores: str | int) -> Ballot:
    return Ballot(tuple(Mark(option_id, score=Decimal(score)) for option_id, score in enumerate(scores, 1)))


@pytest.mark.parametrize(
    ("refused_ballot", "refusal", "limits"),
    [
        (Ballot(), exceptions.TooFewOptions, {"min_options": 1, "max_options": 3}),
        (Ballot.of(1), exceptions.InvalidBallot, {}),
        (Ballot((Mark(1, rank=1),)), exceptions.InvalidBallot, {}),
        (Ballot((Mark(1, rank=1, score=Decimal(1)),)), exceptions.InvalidBallot, {}),
        (ballot("1.5"), exceptions.InvalidBallot, {}),
        (ballot("1E-999999"), exceptions.InvalidBallot, {}),
        (ballot("NaN"), exceptions.InvalidBallot, {}),
        (ballot("sNaN"), exceptions.InvalidBallot, {}),
        (ballot("Infinity"), exceptions.InvalidBallot, {}),
        (Ballot((Mark(1, score=Decimal(1)),) * 2), exceptions.DuplicateOption, {}),
        (Ballot((Mark(4, score=Decimal(1)),)), exceptions.UnknownOption, {}),
        (ballot(5, 6), exceptions.ScoreOutOfRange, {"min_score": 0, "max_score": 5}),
        (ballot(-1), exceptions.ScoreOutOfRange, {"min_score": 0, "max_score": 5}),
        (ballot("1E+999999"), exceptions.ScoreOutOfRange, {"min_score": 0, "max_score": 5}),
    ],
)
def test_score_ballot_is_refused(
    refused_ballot: Ballot, refusal: type[exceptions.PollError], limits: dict[str, int]
) -> None:
    with pytest.raises(refusal) as refused:
        check_scores(refused_ballot, RULES)

    assert (type(refused.value), refused.value.params) == (refusal, limits)


def test_score_ballot_has_scores_in_the_range_of_the_poll() -> None:
    check_scores(ballot(0, "5.0", "1E+0"), RULES)
    check_scores(ballot(-2, 2), Rules((1, 2), scores=Scores(least=-2, most=2)))
    check_scores(Ballot(), Rules((1, 2), min_options=0))


def test_sum_of_the_tennessee_example() -> None:
    assert score_sum(TENNESSEE, MILES) == Outcome(
        method="score",
        version=1,
        tie_rule="declare",
        votes=100,
        options=unmarked(4),
        winners=(2,),
        count="sum",
        ranking=((2,), (1,), (3,), (4,)),
        points=points(24760, 27230, 24158, 19370),
    )


def test_mean_is_exact() -> None:
    ballots = [tally(1, 5, 1, 0), tally(2, 4, 2, 0)]

    outcome = score_mean(ballots, RULES)

    assert (outcome.points, outcome.winners) == (points("13/3", "5/3", 0), (1,))


def test_median_of_an_even_number_is_the_lower_of_the_middle_two() -> None:
    ballots = [tally(1, 5, 3, 0), tally(1, 2, 3, 5)]

    outcome = score_median(ballots, RULES)

    assert (outcome.points, outcome.ranking, outcome.winners) == (points(2, 3, 0), ((2,), (1,), (3,)), (2,))


def test_unscored_counts_as_zero_or_is_left_out() -> None:
    ballots = [tally(2, 3, 5), tally(3, 4)]

    as_zero = {count: count(ballots, RULES) for count in COUNTS}
    left_out = {count: count(ballots, LEFT_OUT) for count in COUNTS}

    assert [outcome.points for outcome in as_zero.values()] == [points(18, 10, 0), points("3.6", 2, 0), points(4, 0, 0)]
    assert [outcome.points for outcome in left_out.values()] == [points(18, 10), points("3.6", 5), points(4, 5)]
    assert [outcome.winners for outcome in left_out.values()] == [(1,), (2,), (2,)]
    assert [outcome.ranking for outcome in left_out.values()] == [((1,), (2,), (3,)), *[((2,), (1,), (3,))] * 2]


def test_unscored_counts_as_the_least_score_where_the_range_has_no_zero() -> None:
    rules = Rules((1, 2), scores=Scores(least=1, most=5))

    assert score_sum([tally(3, 2)], rules).points == points(6, 3)


def test_option_that_nobody_scored_cannot_win_where_it_is_left_out() -> None:
    limits = Scores(least=-5, most=5, unscored_is_zero=False)
    rules = Rules((1, 2), scores=limits)

    outcomes = [count([tally(1, -3)], rules) for count in COUNTS]

    assert [(outcome.winners, outcome.ranking, outcome.points) for outcome in outcomes] == [
        ((1,), ((1,), (2,)), points(-3))
    ] * 3


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("rules", [RULES, LEFT_OUT])
@pytest.mark.parametrize("ballots", [[], [Tally("", 3)], [Tally("1=5", 0)]])
def test_nobody_wins_without_a_score(count: Count, rules: Rules, ballots: list[Tally]) -> None:
    outcome = count(ballots, rules)

    assert (outcome.winners, outcome.ranking, outcome.ties) == ((), ((1, 2, 3),), ())


@pytest.mark.parametrize("count", COUNTS)
def test_tied_options_all_win_in_the_order_shown(count: Count) -> None:
    outcome = count([tally(2, 4, 1, 4)], Rules((3, 2, 1)))

    assert (outcome.winners, outcome.ties) == ((3, 1), (Tie((3, 1), "declared", (3, 1)),))
    assert (outcome.ranking, outcome.tie_rule) == (((3, 1), (2,)), "declare")


@pytest.mark.parametrize("count", COUNTS)
def test_tied_options_are_settled_by_the_seed_where_the_poll_says_so(count: Count) -> None:
    outcome = count([tally(2, 4, 1, 4)], Rules((1, 2, 3), ties=Ties(b"seed", FinalTies.SEED)))

    first = seed_order((1, 3), b"seed")[:1]
    assert (outcome.winners, outcome.ties) == (first, (Tie((1, 3), "seed", first),))
    assert (outcome.ranking, outcome.tie_rule) == (((1, 3), (2,)), "seed")


def test_one_option_wins() -> None:
    assert [count([tally(1, 0)], Rules((1,))).winners for count in COUNTS] == [(1,)] * 3


rules_drawn = st.builds(
    lambda *, unscored_is_zero, final: Rules(
        (3, 1, 2), scores=Scores(-1, 3, unscored_is_zero), ties=Ties(b"seed", final)
    ),
    unscored_is_zero=st.booleans(),
    final=st.sampled_from(FinalTies),
)


@given(st.sampled_from(COUNTS), papers(3, -1), rules_drawn, st.randoms(use_true_random=False))
def test_outcome_does_not_depend_on_order_splitting_or_names(
    count: Count, cast: list[Paper], rules: Rules, random: Random
) -> None:
    outcome = check_order_and_splitting(count, cast, rules, random)
    check_renaming(count, cast, rules)

    assert outcome.votes == len(cast)


@given(papers(3, -1), rules_drawn)
def test_figures_are_those_of_the_list_of_scores(cast: list[Paper], rules: Rules) -> None:
    lists = {
        option_id: [
            paper[option_id - 1] or 0
            for paper in cast
            if rules.scores.unscored_is_zero or paper[option_id - 1] is not None
        ]
        for option_id in rules.option_ids
    }
    found = {option_id: scores for option_id, scores in lists.items() if scores}
    means = {option_id: Fraction(sum(scores), len(scores)) for option_id, scores in found.items()}
    ballots = [tally(1, *paper) for paper in cast]

    figures = [count(ballots, rules).points for count in COUNTS]

    assert figures == [
        tuple(OptionPoints(option_id, sum(scores)) for option_id, scores in found.items()),
        tuple(OptionPoints(option_id, exact(mean)) for option_id, mean in means.items()),
        tuple(OptionPoints(option_id, median_low(scores)) for option_id, scores in found.items()),
    ]


def test_sum_of_a_real_election_equals_its_reference() -> None:
    candidates, ballots, reference = real_scores("bettervoting-best-pet")
    rules = Rules(tuple(range(1, len(candidates) + 1)))

    outcome = score_sum(ballots, rules)

    assert outcome.points == points(*map(reference["score_totals"].get, candidates))
    assert [candidates[winner - 1] for winner in outcome.winners] == reference["score"]
    assert outcome.votes == 461
