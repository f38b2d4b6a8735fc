"""What holds for whole families of methods, by Hypothesis: monotonicity and homogeneity."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls.methods.approval import Approval, SingleChoice
from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.pairwise import copeland, schulze
from django_polls.methods.positional import borda
from django_polls.methods.ranked_pairs import ranked_pairs
from django_polls.methods.rankings import Ranking, ballot_of, ranking_in
from django_polls.methods.rules import Rules
from django_polls.methods.scores import score_mean, score_median, score_sum
from tests.methods.profiles import rankings
from tests.methods.score_ballots import papers, tally

Count = Callable[[Iterable[Tally], Rules], Outcome]

FOUR = Rules((1, 2, 3, 4))

MONOTONE_FOR_RANKINGS = {"borda": borda, "schulze": schulze, "ranked_pairs": ranked_pairs, "copeland": copeland}
MONOTONE_FOR_SCORES = {"sum": score_sum, "mean": score_mean, "median": score_median}


def raised(ranking: Ranking, option_id: int) -> Ranking:
    """Return the ranking with an option moved before all others, which stay in their order."""
    others = (tuple(other for other in group if other != option_id) for group in ranking)
    return ((option_id,), *(group for group in others if group))


def bodies(drawn: list[Ranking]) -> list[Tally]:
    return [Tally(ballot_of(ranking).body, 1) for ranking in drawn]


@pytest.mark.parametrize("count", MONOTONE_FOR_RANKINGS.values(), ids=MONOTONE_FOR_RANKINGS)
@given(drawn=st.lists(rankings(4), min_size=1, max_size=9), chosen=st.integers(0, 8))
def test_winner_whom_a_voter_raises_still_wins(count: Count, drawn: list[Ranking], chosen: int) -> None:
    """Monotonicity (J. H. Smith, "Aggregation of Preferences with Variable Electorate", 1973)."""
    winners = count(bodies(drawn), FOUR).winners
    place = chosen % len(drawn)

    for winner in winners[:1]:
        changed = [*drawn[:place], raised(drawn[place], winner), *drawn[place + 1 :]]
        assert winner in count(bodies(changed), FOUR).winners


@pytest.mark.parametrize("count", MONOTONE_FOR_SCORES.values(), ids=MONOTONE_FOR_SCORES)
@given(drawn=papers(4), chosen=st.integers(0, 11))
def test_winner_whom_a_voter_scores_higher_still_wins(
    count: Count, drawn: list[tuple[int | None, ...]], chosen: int
) -> None:
    winners = count([tally(1, *paper) for paper in drawn], FOUR).winners

    for winner in winners[:1]:
        place = chosen % len(drawn)
        paper = tuple(5 if number == winner else score for number, score in enumerate(drawn[place], 1))
        changed = [*drawn[:place], paper, *drawn[place + 1 :]]
        assert winner in count([tally(1, *paper) for paper in changed], FOUR).winners


@given(drawn=st.lists(st.frozensets(st.integers(1, 4), min_size=1), min_size=1, max_size=9), chosen=st.integers(0, 8))
def test_winner_whom_a_voter_approves_too_still_wins(drawn: list[frozenset[int]], chosen: int) -> None:
    ballots = [Tally(Ballot.of(*marked).body, 1) for marked in drawn]
    place = chosen % len(drawn)

    for winner in Approval().count(ballots, FOUR).winners:
        approving = Tally(Ballot.of(*drawn[place], *({winner} - drawn[place])).body, 1)
        changed = [*ballots[:place], approving, *ballots[place + 1 :]]
        assert winner in Approval().count(changed, FOUR).winners


@pytest.mark.parametrize("count", [*MONOTONE_FOR_RANKINGS.values(), SingleChoice().count])
@given(drawn=st.lists(rankings(4, may_tie=False), max_size=9), votes=st.integers(2, 5))
def test_outcome_of_all_ballots_several_times_has_the_same_winners(
    count: Count, drawn: list[Ranking], votes: int
) -> None:
    """Homogeneity: what counts is the shares."""
    tallies = bodies(drawn) if count in MONOTONE_FOR_RANKINGS.values() else firsts(drawn)
    multiplied = [Tally(body, votes * number) for body, number in tallies]

    assert count(multiplied, FOUR).winners == count(tallies, FOUR).winners


def firsts(drawn: list[Ranking]) -> list[Tally]:
    return [Tally(str(ranking[0][0]), 1) for ranking in drawn if ranking]


@given(rankings(4))
def test_raised_option_is_first_and_the_others_stay(ranking: Ranking) -> None:
    moved = ranking_in(ballot_of(raised(ranking, 2)).body)

    assert moved[0] == (2,)
    assert [option for group in moved[1:] for option in group] == [
        option for group in ranking for option in group if option != 2
    ]
