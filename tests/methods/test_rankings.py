"""Ranking ballots: which are valid, and their groups."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls import exceptions
from django_polls.methods.ballots import Ballot, Mark
from django_polls.methods.rankings import Ranking, ballot_of, check_ranking, ranking_in
from django_polls.methods.rules import Ranks, Rules

RULES = Rules((1, 2, 3, 4))


def test_ranking_is_read_from_its_body() -> None:
    assert ballot_of([[9], [7, 3]]).body == "3:2 7:2 9:1"
    assert ranking_in("3:2 7:2 9:1") == ((9,), (3, 7))
    assert ranking_in("") == ()


@given(st.permutations(range(1, 30)).flatmap(lambda order: st.tuples(st.just(order), st.sets(st.integers(1, 28)))))
def test_ranking_is_the_same_after_its_body(drawn: tuple[list[int], set[int]]) -> None:
    order, cuts = drawn
    bounds = [0, *sorted(cuts), len(order)]
    groups: Ranking = tuple(tuple(sorted(order[a:b])) for a, b in pairwise(bounds))

    assert ranking_in(ballot_of(groups).body) == groups


@pytest.mark.parametrize(
    ("ballot", "refusal", "limits"),
    [
        (Ballot(), exceptions.TooFewOptions, {"min_options": 1, "max_options": 4}),
        (Ballot.of(1), exceptions.InvalidBallot, {}),
        (Ballot((Mark(1, 0),)), exceptions.InvalidBallot, {}),
        (Ballot((Mark(1, 1), Mark(1, 2))), exceptions.DuplicateOption, {}),
        (ballot_of([[5]]), exceptions.UnknownOption, {}),
        (Ballot((Mark(1, 1), Mark(2, 3))), exceptions.RankGap, {}),
        (Ballot((Mark(1, 2),)), exceptions.RankGap, {}),
        (ballot_of([[1, 2]]), exceptions.TiedRanks, {}),
    ],
)
def test_ranking_is_refused(ballot: Ballot, refusal: type[exceptions.PollError], limits: dict[str, int]) -> None:
    with pytest.raises(refusal) as refused:
        check_ranking(ballot, RULES)

    assert (type(refused.value), refused.value.params) == (refusal, limits)


def test_ranking_may_tie_and_is_as_long_as_the_rules_say() -> None:
    rules = Rules((1, 2, 3, 4), ranks=Ranks(most=2, may_tie=True))

    check_ranking(ballot_of([[1, 2], [3, 4]]), rules)
    with pytest.raises(exceptions.TooManyRanks) as refused:
        check_ranking(ballot_of([[1], [2], [3]]), rules)

    assert str(refused.value) == "Rank at most 2 options."
