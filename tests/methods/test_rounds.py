"""What never changes the outcome of a count in rounds, and what always holds of its rounds."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.elimination import instant_runoff
from django_polls.methods.meek import stv_meek
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rankings import ballot_of, ranking_in
from django_polls.methods.rules import FinalTies, Quota, Rules, Ties
from django_polls.methods.transfer import stv_wigm
from tests.methods.profiles import cast

Way = Callable[[Iterable[Tally], Rules], Outcome]

OPTIONS = (3, 1, 5, 2, 4)

in_all_ways = pytest.mark.parametrize("count", [instant_runoff, stv_wigm, stv_meek])
by_moving_papers = pytest.mark.parametrize("count", [instant_runoff, stv_wigm])
some_rules = st.builds(
    lambda seats, quota, final: Rules(OPTIONS, seats=seats, quota=quota, ties=Ties(b"seed", final)),
    st.integers(1, 4),
    st.sampled_from(Quota),
    st.sampled_from(FinalTies),
)


@in_all_ways
@given(cast(), some_rules, st.randoms(use_true_random=False))
def test_order_and_splitting_of_ballots_never_matter(
    count: Way, tallies: list[Tally], rules: Rules, random: Random
) -> None:
    one_by_one = [Tally(body, 1) for body, votes in tallies for _vote in range(votes)]
    random.shuffle(one_by_one)

    outcome = count(iter(tallies), rules)

    assert count(iter(one_by_one), rules).to_json() == outcome.to_json()
    assert Outcome.from_json(outcome.to_json()) == outcome


@in_all_ways
@given(cast(), some_rules, st.permutations(OPTIONS))
def test_names_of_options_never_matter_but_to_the_seed(
    count: Way, tallies: list[Tally], rules: Rules, names: list[int]
) -> None:
    name = dict(zip(OPTIONS, names, strict=True))
    renamed = [
        Tally(ballot_of([[name[option_id] for option_id in group] for group in ranking_in(body)]).body, votes)
        for body, votes in tallies
    ]
    outcome = count(tallies, rules)
    assume(all(tie.broken_by != "seed" for tie in outcome.ties))

    other = count(renamed, Rules(tuple(names), seats=rules.seats, quota=rules.quota, ties=rules.ties))

    assert other.winners == tuple(name[option_id] for option_id in outcome.winners)
    assert other.ranking == tuple(tuple(name[option_id] for option_id in group) for group in outcome.ranking)
    assert [[row.points for row in one.totals] for one in other.rounds] == [
        [row.points for row in one.totals] for one in outcome.rounds
    ]


@in_all_ways
@given(cast(), some_rules)
def test_no_votes_vanish(count: Way, tallies: list[Tally], rules: Rules) -> None:
    outcome = count(tallies, rules)

    assert outcome.votes == sum(votes for _body, votes in tallies)
    for one in outcome.rounds:
        assert sum(Fraction(row.points) for row in one.totals) + Fraction(one.exhausted) == outcome.votes


@in_all_ways
@given(cast(), some_rules)
def test_who_wins_and_who_is_placed_where_agree(count: Way, tallies: list[Tally], rules: Rules) -> None:
    outcome = count(tallies, rules)

    ranked = {option_id for body, _votes in tallies for group in ranking_in(body) for option_id in group}
    seats = min(len(ranked), 1 if count is instant_runoff else rules.seats)
    elected = [option_id for one in outcome.rounds for option_id in one.elected]
    placed = [option_id for group in outcome.ranking for option_id in group]
    assert sorted(placed) == (sorted(OPTIONS) if ranked else [])
    assert set(placed[: len(elected)]) == set(elected) == set(outcome.winners)
    assert set(outcome.winners) <= ranked
    if any(tie.broken_by == "declared" for tie in outcome.ties):
        assert len(elected) > seats
    else:
        assert len(elected) == seats


@by_moving_papers  # by Meek's method, surpluses move bit by bit
@given(cast(), some_rules)
def test_what_is_transferred_is_what_the_next_round_has(count: Way, tallies: list[Tally], rules: Rules) -> None:
    outcome = count(tallies, rules)

    for one, following in zip(outcome.rounds, outcome.rounds[1:], strict=False):
        totals = {row.option_id: Fraction(row.points) for row in one.totals}
        for move in one.transfers:
            totals[move.source] -= Fraction(move.votes)
            if move.target is not None:
                totals[move.target] += Fraction(move.votes)
        expected = {option_id: total for option_id, total in totals.items() if option_id not in one.eliminated}
        assert {row.option_id: Fraction(row.points) for row in following.totals} == expected
        assert all(totals[option_id] == 0 for option_id in one.eliminated)
