"""The single transferable vote against pref_voting, by the Scottish rules and by Meek's."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import groupby, permutations, product
from typing import Any

import pytest

from django_polls.methods.meek import stv_meek
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules
from django_polls.methods.transfer import stv_wigm
from tests.oracles.comparing import compare
from tests.oracles.elections import PROFILES, Election, Paper, ranked

REASON = "pref_voting is not installed; the group `oracles` has it"
profiles: Any = pytest.importorskip("pref_voting.profiles_with_ties", reason=REASON)
proportional: Any = pytest.importorskip("pref_voting.proportional_methods", reason=REASON)

# The number of votes in the quota counts no blank ballots with us, and an option that no ballot ranks is out from the
# beginning: theirs is shown neither.


@pytest.mark.parametrize("seats", [1, 2, 3])
def test_scottish_winners_are_the_same(seats: int) -> None:
    # Ties that the rounds before leave open go by lot, with us by the order of the seed or by both winning.
    compare(
        ranked(on_a_place=1),
        lambda election: None if steps_of(election, seats) - {"previous_rounds"} else winners_of(election, seats),
        lambda election: scottish(dict(election.papers), seats),
    )


@pytest.mark.parametrize("seats", [1, 2])
def test_scottish_winners_are_the_same_where_the_rounds_before_break_a_tie(seats: int) -> None:
    many = ranked(on_a_place=1, elections=20 * PROFILES)
    compare(
        (election for election in many if steps_of(election, seats) == {"previous_rounds"}),
        lambda election: winners_of(election, seats) if steps_of(election, seats) == {"previous_rounds"} else None,
        lambda election: scottish(dict(election.papers), seats),
    )


@pytest.mark.parametrize("seats", [1, 2, 3])
def test_scottish_winners_are_those_of_every_order_of_the_options_on_a_place(seats: int) -> None:
    # A place held by several is no business of the Scottish rules. Theirs passes an option's part on to later places
    # alone, ours to the others on its place first: as if each order of them were ranked by its part of the votes.
    # Where those parts are cut off differs, so figures that close are left out.
    def ours(election: Election) -> set[int] | None:
        outcome = stv_wigm(election.rankings, Rules(election.option_ids, seats=seats))
        return set(outcome.winners) if is_clear(outcome) else None

    compare(ranked(on_a_place=2, least=5), ours, lambda election: scottish(in_every_order(election), seats))


@pytest.mark.parametrize("on_a_place", [1, 3])
@pytest.mark.parametrize("seats", [1, 2, 3])
def test_meek_winners_are_the_same_where_nothing_ties(seats: int, on_a_place: int) -> None:
    # Theirs breaks ties by a key, without a look at the rounds before. Ours rounds down what each of three on a place
    # gets, which tells options apart that are level: with such places, figures that close are left out. Where theirs
    # cannot bring everyone down to the quota it iterates in vain as often as it may.
    def ours(election: Election) -> set[int] | None:
        outcome = stv_meek(election.rankings, Rules(election.option_ids, seats=seats))
        is_comparable = is_clear(outcome) if on_a_place > 1 else not outcome.ties
        return set(outcome.winners) if is_comparable else None

    meek = partial(proportional.stv_meek, num_seats=seats, max_iter=200)
    compare(
        ranked(on_a_place=on_a_place, options=6, least=5),
        ours,
        lambda election: set(meek(profile_of(dict(election.papers)))),
    )


def winners_of(election: Election, seats: int) -> set[int]:
    return set(stv_wigm(election.rankings, Rules(election.option_ids, seats=seats)).winners)


def steps_of(election: Election, seats: int) -> set[str]:
    """Return what breaks our ties."""
    return {tie.broken_by for tie in stv_wigm(election.rankings, Rules(election.option_ids, seats=seats)).ties}


def scottish(votes: Mapping[Paper, float], seats: int) -> set[int]:
    return set(proportional.stv_scottish(profile_of(votes), num_seats=seats))


def profile_of(votes: Mapping[Paper, float]) -> Any:
    papers = {paper: number for paper, number in votes.items() if paper}
    candidates = {option_id for paper in papers for option_id, _place in paper}
    return profiles.ProfileWithTies(list(map(dict, papers)), list(papers.values()), candidates=candidates)


def in_every_order(election: Election) -> Mapping[Paper, float]:
    """Return the votes by whole orders: of up to two options on a place, so that the parts are exact in binary."""
    votes: dict[Paper, float] = defaultdict(float)
    for paper, number in election.papers:
        orders = list(_orders(paper))
        for order in orders:
            votes[order] += number / len(orders)
    return votes


def _orders(paper: Paper) -> Iterator[Paper]:
    groups = groupby(sorted(paper, key=lambda mark: mark[1]), key=lambda mark: mark[1])
    for places in product(*(permutations([option_id for option_id, _place in group]) for _place, group in groups)):
        order = [option_id for place in places for option_id in place]
        yield tuple((option_id, place) for place, option_id in enumerate(order, 1))


def is_clear(outcome: Outcome, by: Fraction = Fraction(1, 1000)) -> bool:
    """Tell whether no quota was reached or missed, and nobody was eliminated, by so little."""
    left: set[int] = set()
    for one in outcome.rounds:
        totals = sorted(Fraction(row.points) for row in one.totals if row.option_id not in left)
        if any(abs(total - Fraction(one.quota or 0)) <= by for total in totals):
            return False
        if one.eliminated and len(totals) > 1 and totals[1] - totals[0] <= by:
            return False
        left.update(one.elected, one.eliminated)
    return not outcome.ties
