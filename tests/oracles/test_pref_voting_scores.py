"""Marks, scores and dots against pref_voting."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from operator import le
from typing import Any

import pytest

from django_polls.methods.approval import Approval
from django_polls.methods.dots import Dots
from django_polls.methods.judgment import majority_judgment
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules, Scores
from django_polls.methods.scores import score_mean, score_median, score_sum
from django_polls.methods.star import star
from tests.oracles.comparing import compare
from tests.oracles.elections import Election, approved, dealt, scored

REASON = "pref_voting is not installed; the group `oracles` has it"
profiles: Any = pytest.importorskip("pref_voting.grade_profiles", reason=REASON)
methods: Any = pytest.importorskip("pref_voting.grade_methods", reason=REASON)

POINTS = 5

COUNTS = pytest.mark.parametrize(
    ("count", "evaluation"), [(score_sum, "sum"), (score_mean, "mean"), (score_median, "median")]
)
UNSCORED_IS_ZERO = pytest.mark.parametrize("unscored_is_zero", [True, False])


def test_approval_winners_are_the_same() -> None:
    compare(
        approved(),
        lambda election: set(Approval().count(election.marks, Rules(election.option_ids)).winners),
        lambda election: set(methods.approval(profile_of(election, most=1))),
    )


@COUNTS
@UNSCORED_IS_ZERO
def test_score_winners_are_the_same(count: Callable[..., Outcome], evaluation: str, unscored_is_zero: bool) -> None:
    compare(
        scored(),
        lambda election: set(outcome_by(count, election, zero=unscored_is_zero).winners),
        lambda election: set(
            methods.score_voting(profile_of(election, zero=unscored_is_zero), evaluation_method=evaluation)
        ),
    )


@COUNTS
@UNSCORED_IS_ZERO
def test_score_points_are_the_same(count: Callable[..., Outcome], evaluation: str, unscored_is_zero: bool) -> None:
    figure = "avg" if evaluation == "mean" else evaluation

    def theirs(election: Election) -> dict[int, float]:
        profile = profile_of(election, zero=unscored_is_zero)
        figures = {option_id: getattr(profile, figure)(option_id) for option_id in election.option_ids}
        return {option_id: number for option_id, number in figures.items() if number is not None}

    compare(scored(), lambda election: points(outcome_by(count, election, zero=unscored_is_zero)), theirs)


@UNSCORED_IS_ZERO
def test_star_winners_are_the_same_where_nothing_ties(unscored_is_zero: bool) -> None:
    def ours(election: Election) -> set[int] | None:
        outcome = outcome_by(star, election, zero=unscored_is_zero)
        return None if outcome.ties else set(outcome.winners)

    compare(scored(), ours, lambda election: set(methods.star(profile_of(election, zero=unscored_is_zero))))


@UNSCORED_IS_ZERO
def test_star_winners_are_among_those_of_all_pairs_of_finalists(unscored_is_zero: bool) -> None:
    # Theirs takes every pair that the sums allow for finalists; ours breaks the ties by the official protocol.
    compare(
        scored(papers=4),
        lambda election: set(outcome_by(star, election, zero=unscored_is_zero).winners),
        lambda election: set(methods.star(profile_of(election, zero=unscored_is_zero))),
        le,
    )


def test_majority_judgment_winners_are_among_those_by_the_gauge() -> None:
    # Theirs compares the majority-gauge and stops there; ours goes on to the last grade. Where an option is left out,
    # theirs takes the shares of all voters, ours of those who graded it: whole ballots are compared.
    compare(scored(may_leave_out=False), by_judgment, by_gauge, le)


def test_majority_judgment_winner_is_the_same_where_the_gauge_decides() -> None:
    def theirs(election: Election) -> set[int] | None:
        winners = by_gauge(election)
        return winners if len(winners) == 1 else None

    compare(scored(may_leave_out=False), by_judgment, theirs)


def test_dots_winners_are_the_same() -> None:
    count = partial(methods.cumulative_voting, max_total_grades=POINTS)
    compare(
        dealt(POINTS),
        lambda election: set(Dots().count(election.scores, Rules(election.option_ids)).winners),
        lambda election: set(count(profile_of(election, most=POINTS))),
    )


def outcome_by(count: Callable[..., Outcome], election: Election, *, zero: bool = True) -> Outcome:
    return count(election.scores, Rules(election.option_ids, scores=Scores(unscored_is_zero=zero)))


def by_judgment(election: Election) -> set[int]:
    return set(outcome_by(majority_judgment, election).winners)


def by_gauge(election: Election) -> set[int]:
    return set(methods.majority_judgement(profile_of(election)))


def points(outcome: Outcome) -> dict[int, float]:
    return {row.option_id: float(Fraction(row.points)) for row in outcome.points}


def profile_of(election: Election, *, most: int = 5, zero: bool = False) -> Any:
    """Return the grades from none to `most`; `zero` writes one where a ballot gives no score."""
    unscored = dict.fromkeys(election.option_ids, 0) if zero else {}
    return profiles.GradeProfile(
        [unscored | dict(paper) for paper, _votes in election.papers],
        list(range(most + 1)),
        [votes for _paper, votes in election.papers],
        candidates=election.option_ids,
    )
