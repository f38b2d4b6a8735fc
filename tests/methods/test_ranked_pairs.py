"""Ranked pairs: which majorities are locked, in which order, and where that order decided."""

from itertools import groupby, permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Majority, OptionCount, Outcome, Tie
from django_polls.methods.ranked_pairs import ranked_pairs
from django_polls.methods.rules import FinalTies, Rules, Ties
from django_polls.methods.ties import seed_order
from tests.methods.named_profiles import elections, profile

CYCLE = profile("ABC", {"A B C": 1, "B C A": 1, "C A B": 1})


def seed_that_gives(*option_ids: int) -> bytes:
    """Return a seed by which the options have this order."""
    seeds = (b"%d" % number for number in range(10_000))
    return next(seed for seed in seeds if seed_order(option_ids, seed) == option_ids)


def test_tennessee_locks_all() -> None:
    # Wikipedia, "Ranked pairs": Memphis, Nashville, Chattanooga, Knoxville.
    tennessee = profile("MNCK", {"M N C K": 42, "N C K M": 26, "C K N M": 15, "K C N M": 17})

    assert tennessee.counted(ranked_pairs, Ties(seed_that_gives(1, 2, 3, 4))) == Outcome(
        method="ranked",
        version=1,
        tie_rule="declare",
        votes=100,
        options=(OptionCount(1, 42), OptionCount(2, 26), OptionCount(3, 15), OptionCount(4, 17)),
        winners=(2,),
        count="ranked_pairs",
        ranking=((2,), (3,), (4,), (1,)),
        pairwise=((0, 42, 42, 42), (58, 0, 68, 68), (58, 32, 0, 83), (58, 32, 17, 0)),
        majorities=(
            Majority(3, 4, 83, 17, is_locked=True),
            Majority(2, 4, 68, 32, is_locked=True),
            Majority(2, 3, 68, 32, is_locked=True),
            Majority(2, 1, 58, 42, is_locked=True),
            Majority(3, 1, 58, 42, is_locked=True),
            Majority(4, 1, 58, 42, is_locked=True),
        ),
    )


def test_majorities_that_close_a_cycle_are_not_locked() -> None:
    # The ballots of Schulze (2011), section 3.1, where ranked pairs elects A and not E.
    ballots = {"A C B E D": 5, "A D E C B": 5, "B E D A C": 8, "C A B E D": 3, "C A E B D": 7, "C B A D E": 2}
    votes = profile("ABCDE", ballots | {"D C E B A": 7, "E B A D C": 8})

    outcome = votes.counted(ranked_pairs)

    assert [(each.winner, each.loser, each.votes, each.is_locked) for each in outcome.majorities] == [
        (2, 4, 33, True),
        (5, 4, 31, True),
        (1, 4, 30, True),
        (3, 2, 29, True),
        (4, 3, 28, False),
        (5, 2, 27, True),
        (1, 3, 26, True),
        (2, 1, 25, False),
        (3, 5, 24, True),
        (5, 1, 23, False),
    ]
    assert votes.ranking(outcome) == [["A"], ["C"], ["E"], ["B"], ["D"]]
    assert outcome.winners == (1,)
    assert outcome.ties == ()


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_seed_decides_between_equal_majorities_of_a_cycle(order: tuple[int, ...]) -> None:
    seed = seed_that_gives(*order)
    beaten = {1: 2, 2: 3, 3: 1}

    outcome = CYCLE.counted(ranked_pairs, Ties(seed))

    assert [(each.winner, each.loser) for each in outcome.majorities] == [(winner, beaten[winner]) for winner in order]
    assert [each.is_locked for each in outcome.majorities] == [True, True, False]
    assert len(outcome.winners) == 1
    assert outcome.ties == (Tie((1, 2, 3), "seed", outcome.winners),)


def test_two_cycles_of_one_margin_are_two_ties() -> None:
    turns = ["A B C", "B C A", "C A B"], ["D E F", "E F D", "F D E"]
    ballots = [f"{turn} DEF" for turn in turns[0]] + [f"DEF {turn}" for turn in turns[0]]
    ballots += [f"{turn} ABC" for turn in turns[1]] + [f"ABC {turn}" for turn in turns[1]]
    votes = profile("ABCDEF", dict.fromkeys(ballots, 1))

    outcome = votes.counted(ranked_pairs, Ties(seed_that_gives(2, 6, 3, 1, 4, 5)))

    assert outcome.ties == (
        Tie((1, 2, 3), "seed", (2,)),
        Tie((4, 5, 6), "seed", (6,)),
        Tie((2, 6), "declared", (2, 6)),
    )


def test_equal_margins_go_by_the_winner_then_the_loser_that_comes_last() -> None:
    equal = profile("ABCD", {"A BCD": 1, "AB CD": 1})

    outcome = equal.counted(ranked_pairs, Ties(seed_that_gives(3, 2, 1, 4)))

    pairs = [(each.winner, each.loser, each.votes) for each in outcome.majorities]
    assert pairs == [(1, 4, 2), (1, 3, 2), (2, 4, 1), (2, 3, 1), (1, 2, 1)]
    assert outcome.ties == ()


def test_equal_margins_are_no_tie_where_larger_ones_decide() -> None:
    # A beats B and B beats C by more than one vote. C beats A by one, and so do A, B and C beat D.
    ballots = {"A B C D": 3, "D A B C": 1, "B C A D": 1, "D B C A": 2, "C A B D": 1, "D C A B": 1}
    votes = profile("ABCD", ballots)

    outcome = votes.counted(ranked_pairs, Ties(seed_that_gives(3, 4, 2, 1)))

    assert outcome.majorities == (
        Majority(2, 3, 7, 2, is_locked=True),
        Majority(1, 2, 6, 3, is_locked=True),
        Majority(3, 1, 5, 4, is_locked=False),
        Majority(3, 4, 5, 4, is_locked=True),
        Majority(2, 4, 5, 4, is_locked=True),
        Majority(1, 4, 5, 4, is_locked=True),
    )
    assert outcome.ranking == ((1,), (2,), (3,), (4,))
    assert outcome.ties == ()


def test_equal_margins_are_a_tie_where_they_close_a_cycle_with_a_larger_one() -> None:
    # A beats B by 5 to 2; B beats C and C beats A by 4 to 3.
    votes = profile("ABC", {"A B C": 2, "B C A": 2, "C A B": 2, "A C B": 1})

    outcomes = [votes.counted(ranked_pairs, Ties(seed_that_gives(*order))) for order in [(2, 3, 1), (3, 2, 1)]]

    assert [[(each.winner, each.is_locked) for each in outcome.majorities] for outcome in outcomes] == [
        [(1, True), (2, True), (3, False)],
        [(1, True), (3, True), (2, False)],
    ]
    assert [(outcome.ranking, outcome.ties) for outcome in outcomes] == [
        (((1,), (2,), (3,)), (Tie((1, 2, 3), "seed", (1,)),)),
        (((3,), (1,), (2,)), (Tie((1, 2, 3), "seed", (3,)),)),
    ]


@pytest.mark.parametrize(("final", "winners"), [(FinalTies.DECLARE, (1, 2)), (FinalTies.SEED, (2,))])
def test_options_below_nobody_tie_for_the_win(final: FinalTies, winners: tuple[int, ...]) -> None:
    tied = profile("ABC", {"A B C": 1, "B A C": 1})
    broken_by = "declared" if final == FinalTies.DECLARE else "seed"

    outcome = tied.counted(ranked_pairs, Ties(seed_that_gives(2, 1, 3), final))

    assert outcome.ranking == ((1, 2), (3,))
    assert (outcome.winners, outcome.ties) == (winners, (Tie((1, 2), broken_by, winners),))


def acyclic(pairs: frozenset[tuple[int, int]]) -> bool:
    left = set(pairs)
    while left:
        losers = {loser for _winner, loser in left}
        unbeaten = {pair for pair in left if pair[0] not in losers}
        if not unbeaten:
            return False
        left -= unbeaten
    return True


def locked_in(order: tuple[tuple[int, int], ...], before: frozenset[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Lock the pairs in this order, looking at the whole graph each time."""
    for pair in order:
        before |= {pair} if acyclic(before | {pair}) else set()
    return before


@given(elections(options=4))
def test_locked_are_those_of_the_definition_and_a_tie_tells_where_the_order_decided(
    election: tuple[list[Tally], Rules],
) -> None:
    outcome = ranked_pairs(*election)
    groups = [
        list(equal)
        for _margin, equal in groupby(outcome.majorities, key=lambda each: int(each.votes) - int(each.against))
    ]
    assume(all(len(group) < 6 for group in groups))

    locked: frozenset[tuple[int, int]] = frozenset()
    decided = 0
    for group in groups:
        pairs = tuple((each.winner, each.loser) for each in group)
        decided += len({locked_in(order, locked) for order in permutations(pairs)}) > 1
        locked = locked_in(pairs, locked)
    assert {(each.winner, each.loser) for each in outcome.majorities if each.is_locked} == locked
    # Among four options, there is no room for two cycles apart from each other.
    assert [tie.broken_by for tie in outcome.ties if tie.broken_by != "declared"] == ["seed"] * decided


@given(elections(), st.binary(max_size=4))
def test_seed_changes_nothing_where_no_tie_is_told(election: tuple[list[Tally], Rules], seed: bytes) -> None:
    tallies, rules = election
    outcome = ranked_pairs(tallies, rules)
    assume(all(tie.broken_by == "declared" for tie in outcome.ties))

    other = ranked_pairs(tallies, Rules(rules.option_ids, ties=Ties(seed)))

    assert set(other.majorities) == set(outcome.majorities)
    assert (other.ranking, other.winners, other.ties) == (outcome.ranking, outcome.winners, outcome.ties)
