"""Instant run-off and the single transferable vote against pyrankvote."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from django_polls.methods.elimination import instant_runoff
from django_polls.methods.outcomes import Outcome, Round
from django_polls.methods.rules import Rules
from django_polls.methods.transfer import stv_wigm
from tests.oracles.comparing import compare
from tests.oracles.elections import Election, ranked

pyrankvote: Any = pytest.importorskip("pyrankvote", reason="pyrankvote is not installed; the group `oracles` has it")

Totals = dict[frozenset[int], dict[int, float]]
"""What each option has in a round, by who is in it."""


def test_instant_runoff_winners_are_the_same() -> None:
    # Where options tie, theirs looks at second choices, then draws lots; and half of the votes are enough to win there.
    # The elections are compared in which ours breaks no tie.
    compare(ranked(on_a_place=1, least=5), untied_winners, lambda election: winners_of(their_irv(election)))


def test_instant_runoff_counts_first_preferences_and_blanks_alike() -> None:
    compare(
        ranked(on_a_place=1),
        lambda election: first_round(instant_runoff(election.rankings, Rules(election.option_ids)).rounds[0]),
        lambda election: their_first_round(their_irv(election)),
    )


def test_instant_runoff_passes_votes_on_alike() -> None:
    # Theirs eliminates several options at once by another rule: rounds are compared in which the same ones are left.
    compare(
        ranked(on_a_place=1, least=5),
        lambda election: common(our_totals(election), their_totals(election)),
        lambda election: common(their_totals(election), our_totals(election)),
    )


def test_stv_winners_are_the_same_where_papers_move_once_at_a_part_of_their_value() -> None:
    # Theirs passes on what an option has divided equally among its papers, and forgets what each of them was worth.
    # So it counts by the weighted inclusive Gregory method only while no paper moves again that came with a surplus.
    # Its quota is not rounded up to a whole vote: figures that close are left out.
    def ours(election: Election) -> set[int] | None:
        outcome = stv_wigm(election.rankings, Rules(election.option_ids, seats=seats_of(election)))
        return set(outcome.winners) if is_plain(outcome) and is_clear(outcome, by=2) else None

    def theirs(election: Election) -> set[int]:
        return winners_of(pyrankvote.single_transferable_vote(*papers_of(election), number_of_seats=seats_of(election)))

    compare(ranked(on_a_place=1, options=5, least=20), ours, theirs)


def seats_of(election: Election) -> int:
    return len(election.option_ids) // 2


def untied_winners(election: Election) -> set[int] | None:
    outcome = instant_runoff(election.rankings, Rules(election.option_ids))
    return None if outcome.ties else set(outcome.winners)


def first_round(one: Round) -> tuple[dict[int, float], float]:
    return {row.option_id: float(Fraction(row.points)) for row in one.totals}, float(Fraction(one.exhausted))


def our_totals(election: Election) -> Totals:
    rounds = instant_runoff(election.rankings, Rules(election.option_ids)).rounds
    totals = [first_round(one)[0] for one in rounds]
    return {frozenset(one): one for one in totals}


def common(totals: Totals, others: Totals) -> Totals | None:
    """Return the rounds that the others have too, if there are some besides the first."""
    both = totals.keys() & others.keys()
    return {who: totals[who] for who in both} if len(both) > 1 else None


def is_plain(outcome: Outcome) -> bool:
    """Tell whether no paper moves again that came to an option at a part of its value."""
    elected: set[int] = set()
    reached: set[int | None] = set()
    for one in outcome.rounds:
        elected.update(one.elected)
        if any(move.source in reached for move in one.transfers):
            return False
        reached.update(move.target for move in one.transfers if move.source in elected)
    return True


def is_clear(outcome: Outcome, *, by: int) -> bool:
    """Tell whether no quota was reached or missed, and nobody was eliminated, by so few votes."""
    left: set[int] = set()
    for one in outcome.rounds:
        totals = sorted(Fraction(row.points) for row in one.totals if row.option_id not in left)
        if any(abs(total - Fraction(one.quota or 0)) <= by for total in totals):
            return False
        if one.eliminated and totals[1] - totals[0] <= by:
            return False
        left.update(one.elected, one.eliminated)
    return not outcome.ties


def papers_of(election: Election) -> tuple[list[Any], list[Any]]:
    candidates = {option_id: pyrankvote.Candidate(str(option_id)) for option_id in election.option_ids}
    ballots = [
        pyrankvote.Ballot([candidates[option_id] for option_id in sorted(places, key=places.__getitem__)])
        for places in election.dicts
    ]
    return list(candidates.values()), ballots


def their_irv(election: Election) -> Any:
    return pyrankvote.instant_runoff_voting(*papers_of(election))


def winners_of(results: Any) -> set[int]:
    return {int(candidate.name) for candidate in results.get_winners()}


def their_first_round(results: Any) -> tuple[dict[int, float], float]:
    one = results.rounds[0]
    return {int(row.candidate.name): row.number_of_votes for row in one.candidate_results}, one.number_of_blank_votes


def their_totals(election: Election) -> Totals:
    totals = list(_their_rounds(their_irv(election)))
    return {frozenset(one): one for one in totals}


def _their_rounds(results: Any) -> Iterator[dict[int, float]]:
    """Yield what each option in a round has; they tell who is still in it only at its end."""
    left: set[int] = set()
    for one in results.rounds:
        totals = {int(row.candidate.name): row.number_of_votes for row in one.candidate_results}
        yield {option_id: votes for option_id, votes in totals.items() if option_id not in left}
        left = {int(row.candidate.name) for row in one.candidate_results if row.status != "Hopeful"}
