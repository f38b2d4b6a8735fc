"""What each method takes for the votes of whoever wins, and what speaks against a poll under it."""

from fractions import Fraction

import pytest

from django_polls.methods.approval import Approval, SingleChoice
from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import Support, VotingMethod
from django_polls.methods.consent import YesNo
from django_polls.methods.dots import Dots
from django_polls.methods.ranked import Ranked
from django_polls.methods.rules import Decision, FinalTies, Ranks, Rules, Scores, Ties
from django_polls.methods.scored import Score
from tests.methods.profiles import profile
from tests.methods.score_ballots import tally

OPTIONS = (1, 2, 3)
EVERY_METHOD = [SingleChoice(), Approval(), Ranked(), Score(), Dots(), YesNo()]

# B has 7 votes in the last round; 4 prefer it to C, as five ballots rank neither. Borda's winner is A, with 5 beside B.
RANKED = profile("5 A, 4 B>A, 3 C>B")
SCORED = [tally(3, 3, 1, 0), tally(2, 0, 2, 1), tally(1, None, 0), Tally("", 1)]


def support(method: VotingMethod, tallies: list[Tally], rules: Rules) -> Support:
    return method.support(method.count(tallies, rules), tallies, rules)


@pytest.mark.parametrize(
    ("method", "tallies", "votes", "base"),
    [
        (SingleChoice(), [Tally("1", 3), Tally("2", 1)], 3, 4),
        (SingleChoice(), [Tally("1", 2), Tally("2", 2)], 2, 4),
        (Approval(), [Tally("1 2", 3), Tally("2", 1), Tally("", 2)], 4, 6),
        (Dots(), [tally(2, 5, 0, 0), tally(3, 1, 4), tally(2, 0, 0, 3), Tally("", 1)], 5, 8),
        (Dots(), [tally(1, 4), tally(2, 0, 2)], 1, 3),
    ],
)
def test_support_is_the_votes_for_the_winner_of_several_for_the_one_with_the_fewest(
    method: VotingMethod, tallies: list[Tally], votes: int, base: int
) -> None:
    assert support(method, tallies, Rules(OPTIONS)) == Support(Fraction(votes), Fraction(base))


@pytest.mark.parametrize(
    ("count", "votes"), [("", 7), ("irv", 7), ("borda", 5), ("schulze", 4), ("ranked_pairs", 4), ("copeland", 4)]
)
def test_support_of_rankings_is_that_of_the_last_round_or_the_fewest_beside_another_option(
    count: str, votes: int
) -> None:
    rules = Rules(OPTIONS, count=count)

    assert support(Ranked(), RANKED, rules) == Support(Fraction(votes), Fraction(12))


def test_support_of_options_that_tie_in_the_last_round_is_that_of_each() -> None:
    ties = Ties(b"hash", FinalTies.SEED, is_settled=False)
    tallies = profile("3 A, 3 B, 1 C")

    assert support(Ranked(), tallies, Rules(OPTIONS, count="irv", ties=ties)) == Support(Fraction(3), Fraction(7))
    assert support(Ranked(), tallies, Rules(OPTIONS, count="copeland", ties=ties)) == Support(Fraction(3), Fraction(7))


@pytest.mark.parametrize("count", ["", "sum", "mean", "median", "majority_judgment"])
def test_support_of_scores_is_the_votes_that_score_the_winner_above_nothing(count: str) -> None:
    assert support(Score(), SCORED, Rules((1,), count=count)) == Support(Fraction(3), Fraction(7))


@pytest.mark.parametrize(
    ("limits", "votes"),
    [
        (Scores(), 3),
        (Scores(least=1), 2),
        (Scores(least=-5), 3),
        (Scores(least=-5, unscored_is_zero=False), 3),
        (Scores(least=2), 1),
    ],
)
def test_score_that_is_no_better_than_none_is_no_support(limits: Scores, votes: int) -> None:
    tallies = [tally(1, 5), tally(1, 2), tally(1, 1)]

    assert support(Score(), tallies, Rules((1,), scores=limits)) == Support(Fraction(votes), Fraction(3))


def test_support_of_star_is_the_votes_that_prefer_the_winner_in_the_run_off() -> None:
    tallies = [tally(3, 3, 2, 0), tally(2, 0, 5, 4), tally(1, 5, 5)]

    assert support(Score(), tallies, Rules(OPTIONS, count="star")) == Support(Fraction(3), Fraction(6))
    assert support(Score(), tallies, Rules((1,), count="star")) == Support(Fraction(4), Fraction(6))


def test_support_of_a_proposal_is_a_share_of_those_who_took_a_side() -> None:
    tallies = [Tally("1", 5), Tally("2", 2), Tally("3", 9), Tally("4", 1)]

    assert support(YesNo(), tallies, Rules((1, 2, 3, 4))) == Support(Fraction(5), Fraction(8))


THRESHOLD = Decision(pass_threshold=Fraction(1, 2))
FIVE = Scores(points=5)
NOT_BOTH = "Where several options win, the quota says how many votes each needs."


@pytest.mark.parametrize(
    ("method", "rules"),
    [
        (SingleChoice(), Rules(OPTIONS, decision=THRESHOLD)),
        (Approval(), Rules(OPTIONS, min_options=0)),
        *((Ranked(), Rules(OPTIONS, count=count, decision=THRESHOLD)) for count in ("", "irv", "borda", "copeland")),
        *((Ranked(), Rules(OPTIONS, count=count, seats=seats)) for count in ("stv", "stv_meek") for seats in (1, 2)),
        (Ranked(), Rules(OPTIONS, min_options=2, ranks=Ranks(most=2))),
        (Ranked(), Rules(OPTIONS, min_options=0, ranks=Ranks(most=1))),
        *((Score(), Rules(OPTIONS, count=count)) for count in ("", *Score.counts)),
        (Score(), Rules(OPTIONS, scores=Scores(least=-50, most=50))),
        (Dots(), Rules(OPTIONS, scores=FIVE)),
        (Dots(), Rules(OPTIONS, min_options=5, scores=Scores(points=5, most_on_one=2, must_spend_all=True))),
        (YesNo(), Rules((1, 2, 3, 4), decision=THRESHOLD)),
    ],
)
def test_nothing_speaks_against_a_poll(method: VotingMethod, rules: Rules) -> None:
    assert method.faults(rules) == {}


@pytest.mark.parametrize("method", EVERY_METHOD, ids=lambda method: method.key)
def test_unknown_count_and_several_seats_speak_against_a_poll_under_any_method(method: VotingMethod) -> None:
    rules = Rules((1, 2, 3, 4), count="dice", seats=2, scores=FIVE)

    assert method.faults(rules) == {
        "count": "This method has no such way of counting.",
        "seats": "One option wins under this method.",
    }


@pytest.mark.parametrize(
    ("method", "rules", "fault"),
    [
        (Ranked(), Rules(OPTIONS, seats=0), {"seats": "One option wins under this method."}),
        *(
            (Ranked(), Rules(OPTIONS, count="stv", seats=seats), {"seats": "Fewer options must win than there are."})
            for seats in (0, 3)
        ),
        *(
            (Ranked(), Rules(OPTIONS, count=count, decision=THRESHOLD), {"pass_threshold": NOT_BOTH})
            for count in ("stv", "stv_meek")
        ),
        *(
            (
                Ranked(),
                Rules(OPTIONS, min_options=least, ranks=Ranks(most=most)),
                {"max_ranks": "This must be at least one, and not less than the least options."},
            )
            for least, most in ((0, 0), (3, 2))
        ),
        *(
            (
                Score(),
                Rules(OPTIONS, scores=Scores(least=least, most=most)),
                {"max_score": "The highest score must be above the lowest one, by 100 at most."},
            )
            for least, most in ((0, 101), (2, 2), (2, 1))
        ),
        *(
            (Dots(), Rules(OPTIONS, scores=Scores(points=points)), {"points": "Say how many points each voter has."})
            for points in (None, 0)
        ),
        (
            Dots(),
            Rules(OPTIONS, scores=Scores(points=7, most_on_one=2, must_spend_all=True)),
            {"max_points": "Nobody could give all points."},
        ),
        (
            Dots(),
            Rules(OPTIONS, scores=Scores(points=5, most_on_one=0)),
            {"max_points": "An option must be able to get a point."},
        ),
        (
            Dots(),
            Rules(OPTIONS, min_options=3, scores=Scores(points=2)),
            {"min_options": "A voter has fewer points than this."},
        ),
    ],
)
def test_what_speaks_against_a_poll(method: VotingMethod, rules: Rules, fault: dict[str, str]) -> None:
    assert method.faults(rules) == fault


@pytest.mark.parametrize("method", EVERY_METHOD, ids=lambda method: method.key)
def test_only_who_disagrees_or_blocks_objects_to_a_proposal(method: VotingMethod) -> None:
    objecting = [number for number in (1, 2, 3, 4) if method.objects(Ballot.of(number), Rules((1, 2, 3, 4)))]

    assert objecting == ([2, 4] if method.key == "yes_no" else [])
