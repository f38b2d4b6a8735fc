"""Rankings by pairs, by places and by instant run-off against pref_voting."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from operator import le
from typing import Any

import pytest

from django_polls.methods.elimination import instant_runoff
from django_polls.methods.outcomes import Outcome
from django_polls.methods.pairwise import condorcet_winner, copeland, preferences_in, schulze
from django_polls.methods.positional import borda
from django_polls.methods.ranked_pairs import ranked_pairs
from django_polls.methods.rules import FinalTies, Rules, Ties
from django_polls.methods.ties import seed_order
from tests.oracles.comparing import compare
from tests.oracles.elections import Election, ranked

REASON = "pref_voting is not installed; the group `oracles` has it"
networkx: Any = pytest.importorskip("networkx", reason=REASON)
profiles: Any = pytest.importorskip("pref_voting.profiles", reason=REASON)
profiles_with_ties: Any = pytest.importorskip("pref_voting.profiles_with_ties", reason=REASON)
by_margins: Any = pytest.importorskip("pref_voting.margin_based_methods", reason=REASON)
by_majorities: Any = pytest.importorskip("pref_voting.c1_methods", reason=REASON)
by_rounds: Any = pytest.importorskip("pref_voting.iterative_methods", reason=REASON)
by_places: Any = pytest.importorskip("pref_voting.scoring_methods", reason=REASON)

SEED = b"oracle"


def test_matrix_of_preferences_is_the_same() -> None:
    def theirs(election: Election) -> tuple[tuple[int, ...], ...]:
        support = profile_of(election).support
        return tuple(tuple(support(one, other) for other in election.option_ids) for one in election.option_ids)

    compare(ranked(), lambda election: preferences_in(election.rankings, election.option_ids).pairwise, theirs)


def test_condorcet_winner_is_the_same() -> None:
    def ours(election: Election) -> tuple[int | None]:
        pairwise = preferences_in(election.rankings, election.option_ids).pairwise
        return (condorcet_winner(election.option_ids, pairwise),)

    compare(ranked(), ours, lambda election: (profile_of(election).condorcet_winner(),))


@pytest.mark.parametrize("algorithm", ["floyd_warshall", "basic", "schwartz_sequential_dropping"])
def test_schulze_winners_are_those_of_beat_path(algorithm: str) -> None:
    def theirs(election: Election) -> set[int]:
        profile = profile_of(election)
        return set(by_margins.beat_path(profile, strength_function=by_winning_votes(profile), algorithm=algorithm))

    compare(ranked(), winners_by(schulze), theirs)


def test_schulze_ranking_is_that_of_the_defeats_by_beat_path() -> None:
    def theirs(election: Election) -> list[set[int]]:
        profile = profile_of(election)
        return layers(by_margins.beat_path_defeat(profile, strength_function=by_winning_votes(profile)))

    compare(ranked(), lambda election: ranking(outcome_by(schulze, election)), theirs)


def test_ranked_pairs_locks_the_same_majorities() -> None:
    # Equal margins go in the order of our seed, which is told to theirs as a part of the strength.
    def ours(election: Election) -> set[tuple[int, int]]:
        majorities = outcome_by(ranked_pairs, election).majorities
        return {(pair.winner, pair.loser) if pair.is_locked else (pair.loser, pair.winner) for pair in majorities}

    compare(ranked(), ours, lambda election: set(defeats(election).edges), le)


def test_ranked_pairs_ranking_is_the_same_where_no_pair_draws() -> None:
    # Theirs locks pairs without a majority too, in both directions; ours leaves such options side by side.
    def ours(election: Election) -> list[set[int]] | None:
        return None if has_draw(election) else ranking(outcome_by(ranked_pairs, election))

    compare(ranked(least=5), ours, lambda election: layers(defeats(election)))


def test_ranked_pairs_winners_are_among_those_of_all_orders_of_equal_margins() -> None:
    compare(
        ranked(options=5),
        winners_by(ranked_pairs),
        lambda election: set(by_margins.ranked_pairs(profile_of(election), algorithm="from_stacks")),
        le,
    )


def test_ranked_pairs_winner_is_the_same_where_no_margins_tie() -> None:
    def ours(election: Election) -> set[int] | None:
        return set(outcome_by(ranked_pairs, election).winners) if has_clear_margins(election) else None

    compare(ranked(least=50), ours, lambda election: set(by_margins.ranked_pairs_tb(profile_of(election))))


def test_copeland_points_are_the_same() -> None:
    compare(
        ranked(),
        lambda election: points(outcome_by(copeland, election)),
        lambda election: profile_of(election).copeland_scores(scores=(1, 0.5, 0)),
    )


def test_copeland_winners_are_the_same() -> None:
    compare(ranked(), winners_by(copeland), lambda election: set(by_majorities.copeland(profile_of(election))))


def test_borda_points_of_whole_rankings_are_the_same() -> None:
    compare(
        ranked(on_a_place=1, may_stop=False),
        lambda election: points(outcome_by(borda, election)),
        lambda election: named(election, linear_profile_of(election).borda_scores()),
    )


def test_borda_points_are_the_symmetric_ones_moved_to_begin_with_none() -> None:
    def theirs(election: Election) -> dict[int, float]:
        scores = by_places.symmetric_borda_scores(profile_of(election))
        middle = election.votes * (len(election.option_ids) - 1)
        return {option_id: (middle + score) / 2 for option_id, score in scores.items()}

    compare(ranked(), lambda election: points(outcome_by(borda, election)), theirs)


def test_instant_runoff_winner_of_whole_rankings_is_one_of_all_orders_of_elimination() -> None:
    def theirs(election: Election) -> set[int]:
        winners = by_rounds.instant_runoff_put(linear_profile_of(election))
        return {election.option_ids[place] for place in winners}

    compare(ranked(on_a_place=1, may_stop=False), seeded_irv, theirs, le)


def test_instant_runoff_winner_of_shared_places_is_one_of_all_orders_of_elimination() -> None:
    # The approval variant of theirs gives each option on a place a whole vote: `split` divides it, as ours does.
    put = partial(by_rounds.instant_runoff_put, score_method="split")
    compare(ranked(options=6), seeded_irv, lambda election: set(put(profile_of(election))), le)


def test_instant_runoff_winner_is_the_same_where_nothing_ties() -> None:
    # Theirs eliminates all who tie for the fewest votes; ours one of them.
    def ours(election: Election) -> set[int] | None:
        outcome = outcome_by(instant_runoff, election)
        return None if outcome.ties else set(outcome.winners)

    truncated = by_rounds.instant_runoff_for_truncated_linear_orders
    compare(ranked(on_a_place=1, least=5), ours, lambda election: set(truncated(profile_of(election))))


def outcome_by(count: Callable[..., Outcome], election: Election) -> Outcome:
    return count(election.rankings, Rules(election.option_ids, ties=Ties(SEED)))


def winners_by(count: Callable[..., Outcome]) -> Callable[[Election], set[int]]:
    return lambda election: set(outcome_by(count, election).winners)


def seeded_irv(election: Election) -> set[int]:
    rules = Rules(election.option_ids, ties=Ties(SEED, FinalTies.SEED))
    return set(instant_runoff(election.rankings, rules).winners)


def ranking(outcome: Outcome) -> list[set[int]]:
    return [set(group) for group in outcome.ranking]


def points(outcome: Outcome) -> dict[int, float]:
    return {row.option_id: float(Fraction(row.points)) for row in outcome.points}


def has_draw(election: Election) -> bool:
    return 0 in margins(election)


def has_clear_margins(election: Election) -> bool:
    found = margins(election)
    return len(set(map(abs, found))) == len(found) and 0 not in found


def margins(election: Election) -> list[int]:
    pairwise = preferences_in(election.rankings, election.option_ids).pairwise
    return [row[place] - pairwise[place][index] for index, row in enumerate(pairwise) for place in range(index)]


def profile_of(election: Election) -> Any:
    papers = [dict(paper) for paper, _votes in election.papers]
    votes = [number for _paper, number in election.papers]
    profile = profiles_with_ties.ProfileWithTies(papers, votes, candidates=election.option_ids)
    profile.use_extended_strict_preference()  # whom a ballot leaves out is below all whom it ranks
    return profile


def linear_profile_of(election: Election) -> Any:
    """Return a profile whose candidates are the places of the options in the order shown."""
    orders = [
        [election.option_ids.index(option_id) for option_id, _place in sorted(paper, key=lambda mark: mark[1])]
        for paper, _votes in election.papers
    ]
    return profiles.Profile(orders, [number for _paper, number in election.papers])


def named(election: Election, figures: dict[int, float]) -> dict[int, float]:
    return {election.option_ids[place]: figure for place, figure in figures.items()}


def by_winning_votes(profile: Any) -> Callable[[int, int], int]:
    """Return the strength of a majority: its votes, then how few are against it; none without a majority."""
    limit = int(profile.num_voters) + 1
    votes = profile.support
    return lambda one, other: (
        profile.majority_prefers(one, other) * (limit * votes(one, other) + limit - votes(other, one))
    )


def defeats(election: Election) -> Any:
    turn = {option_id: place for place, option_id in enumerate(seed_order(election.option_ids, SEED))}
    profile = profile_of(election)

    def strength(winner: int, loser: int) -> tuple[int, int, int]:
        return profile.margin(winner, loser), -turn[winner], turn[loser]

    return by_margins.ranked_pairs_defeat_tb(profile, strength_function=strength)


def layers(graph: Any) -> list[set[int]]:
    return [set(generation) for generation in networkx.topological_generations(graph)]
