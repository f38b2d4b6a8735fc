"""The matrix of preferences, the Condorcet winner, and the methods of Schulze and Copeland."""

from fractions import Fraction
from itertools import pairwise, permutations, product
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.lanes import BATCH
from django_polls.methods.outcomes import OptionCount, OptionPoints, Outcome, Tie
from django_polls.methods.pairwise import condorcet_winner, copeland, preferences_in, schulze
from django_polls.methods.positional import borda
from django_polls.methods.ranked_pairs import ranked_pairs
from django_polls.methods.rankings import ballot_of, ranking_in
from django_polls.methods.rules import FinalTies, Rules, Ties
from django_polls.methods.ties import seed_order
from tests.methods.named_profiles import Count, elections, profile, published_ranking, real_election

METHODS = [schulze, ranked_pairs, copeland, borda]

# Schulze (2011), section 3.1.
SCHULZE_1 = profile(
    "ABCDE",
    {
        "A C B E D": 5,
        "A D E C B": 5,
        "B E D A C": 8,
        "C A B E D": 3,
        "C A E B D": 7,
        "C B A D E": 2,
        "D C E B A": 7,
        "E B A D C": 8,
    },
)
# The capital of Tennessee: Memphis, Nashville, Chattanooga or Knoxville (Wikipedia, "Copeland's method").
TENNESSEE = profile("MNCK", {"M N C K": 42, "N C K M": 26, "C K N M": 15, "K C N M": 17})
CYCLE = profile("ABC", {"A B C": 1, "B C A": 1, "C A B": 1})


def test_matrix_of_schulze_s_first_example() -> None:
    preferences = preferences_in(SCHULZE_1.tallies, (1, 2, 3, 4, 5))

    assert preferences.votes == 45
    assert preferences.first == (10, 8, 12, 7, 8)
    assert preferences.pairwise == (
        (0, 20, 26, 30, 22),
        (25, 0, 16, 33, 18),
        (19, 29, 0, 17, 24),
        (15, 12, 28, 0, 14),
        (23, 27, 21, 31, 0),
    )


def test_matrix_has_equal_and_unranked_options_prefer_neither() -> None:
    equal = profile("ABCD", {"AB C": 2, "C": 3, "ABCD": 5, "": 7})

    preferences = preferences_in(equal.tallies, (1, 2, 3, 4))

    assert preferences.votes == 17
    assert preferences.first == (0, 0, 3, 0)
    assert preferences.pairwise == ((0, 0, 2, 2), (0, 0, 2, 2), (3, 3, 0, 5), (0, 0, 0, 0))


def naive_matrix(tallies: list[Tally], option_ids: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Compare each pair on each ballot, as the definition has it."""
    matrix = dict.fromkeys(product(option_ids, repeat=2), 0)
    for body, number in tallies:
        ranks = {option_id: rank for rank, group in enumerate(ranking_in(body)) for option_id in group}
        for one, other in matrix:
            matrix[one, other] += number * (ranks.get(one, 1_000) < ranks.get(other, 1_000))
    return tuple(tuple(matrix[one, other] for other in option_ids) for one in option_ids)


@given(elections(votes=10**12))
def test_matrix_is_that_of_the_definition(election: tuple[list[Tally], Rules]) -> None:
    tallies, rules = election
    tops = [(group[0], number) for body, number in tallies for group in ranking_in(body)[:1] if len(group) == 1]

    preferences = preferences_in(iter(tallies), rules.option_ids)

    assert preferences.pairwise == naive_matrix(tallies, rules.option_ids)
    assert preferences.votes == sum(number for _body, number in tallies)
    assert preferences.first == tuple(sum(n for top, n in tops if top == each) for each in rules.option_ids)


@pytest.mark.parametrize("size", [125, 126, 127, 300])
def test_matrix_has_room_for_many_options(size: int) -> None:
    random = Random(size)
    option_ids = tuple(range(1, size + 1))
    rankings = [random.sample(option_ids, length) for length in (size, size - 1, 2)]
    tallies = [Tally(ballot_of([[option_id] for option_id in ranking]).body, 3) for ranking in rankings]

    assert preferences_in(tallies, option_ids).pairwise == naive_matrix(tallies, option_ids)


def test_matrix_of_more_ballots_than_are_compared_at_once() -> None:
    tallies = [Tally("1:1 2:2", 1)] * (BATCH + 1) + [Tally("2:1", 2)] * BATCH

    preferences = preferences_in(iter(tallies), (1, 2))

    assert preferences.votes == 3 * BATCH + 1
    assert preferences.first == (BATCH + 1, 2 * BATCH)
    assert preferences.pairwise == ((0, BATCH + 1), (2 * BATCH, 0))


def test_condorcet_winner_beats_every_other() -> None:
    winners = [
        condorcet_winner(rules.option_ids, preferences_in(each.tallies, rules.option_ids).pairwise)
        for each in (TENNESSEE, CYCLE, SCHULZE_1, profile("AB", {"A": 1, "B": 1}))
        for rules in [each.rules()]
    ]

    assert winners == [2, None, None, None]


@given(elections())
def test_condorcet_winner_wins_under_every_method_of_pairs(election: tuple[list[Tally], Rules]) -> None:
    tallies, rules = election
    winner = condorcet_winner(rules.option_ids, preferences_in(tallies, rules.option_ids).pairwise)
    assume(winner is not None)

    outcomes = [count(tallies, rules) for count in (schulze, ranked_pairs, copeland)]

    assert [(outcome.winners, outcome.ranking[0]) for outcome in outcomes] == [((winner,), (winner,))] * 3


def test_schulze_s_first_example() -> None:
    assert SCHULZE_1.counted(schulze) == Outcome(
        method="ranked",
        version=1,
        tie_rule="declare",
        votes=45,
        options=(OptionCount(1, 10), OptionCount(2, 8), OptionCount(3, 12), OptionCount(4, 7), OptionCount(5, 8)),
        winners=(5,),
        count="schulze",
        ranking=((5,), (1,), (3,), (2,), (4,)),
        pairwise=(
            (0, 20, 26, 30, 22),
            (25, 0, 16, 33, 18),
            (19, 29, 0, 17, 24),
            (15, 12, 28, 0, 14),
            (23, 27, 21, 31, 0),
        ),
        strengths=(
            (0, 28, 28, 30, 24),
            (25, 0, 28, 33, 24),
            (25, 29, 0, 29, 24),
            (25, 28, 28, 0, 24),
            (25, 28, 28, 31, 0),
        ),
    )


def test_schulze_holds_fewer_votes_against_for_the_stronger_of_equal_majorities() -> None:
    # A beats B by 4 to 2, B beats C by 5 to 2, C beats A by 4 to 3: the last is the weakest (Debian, A.5).
    close = profile("ABC", {"A B C": 3, "C A B": 1, "C AB": 1, "B C A": 2})

    outcome = close.counted(schulze)

    assert outcome.pairwise == ((0, 4, 3), (2, 0, 5), (4, 2, 0))
    assert outcome.strengths == ((0, 4, 4), (4, 0, 5), (4, 4, 0))
    assert outcome.ranking == ((1,), (2,), (3,))
    assert outcome.winners == (1,)


def test_schulze_leaves_options_side_by_side() -> None:
    # Only A beats C, and B meets nobody it beats or that beats it: neither is below anybody.
    apart = profile("ABC", {"A BC": 1, "AB C": 1, "C B A": 1})

    outcome = apart.counted(schulze)

    assert outcome.pairwise == ((0, 1, 2), (1, 0, 1), (1, 1, 0))
    assert outcome.ranking == ((1, 2), (3,))
    assert outcome.ties == (Tie((1, 2), "declared", (1, 2)),)


def naive_strengths(tallies: list[Tally], rules: Rules) -> dict[tuple[int, int], tuple[int, int]]:
    """Look at every path without a repeated option, as the definition has it: votes, and minus those against."""
    matrix = naive_matrix(tallies, rules.option_ids)
    places = range(len(matrix))
    strengths = {(a, b): (0, 0) for a in places for b in places}
    for length in range(2, len(matrix) + 1):
        for path in permutations(places, length):
            links = [(matrix[a][b], -matrix[b][a]) for a, b in pairwise(path)]
            if all(votes + minus > 0 for votes, minus in links):
                strengths[path[0], path[-1]] = max(strengths[path[0], path[-1]], min(links))
    return strengths


@given(elections())
def test_schulze_s_strengths_and_ranking_are_those_of_the_definition(election: tuple[list[Tally], Rules]) -> None:
    tallies, rules = election
    expected = naive_strengths(tallies, rules)
    places = range(len(rules.option_ids))

    outcome = schulze(tallies, rules)

    assert outcome.strengths == tuple(tuple(expected[a, b][0] for b in places) for a in places)
    rank = {rules.option_ids.index(each): at for at, group in enumerate(outcome.ranking) for each in group}
    for a, b in product(places, repeat=2):
        if expected[a, b] > expected[b, a]:
            assert rank[a] < rank[b]
    for b in places:
        assert rank[b] == max((rank[a] + 1 for a in places if expected[a, b] > expected[b, a]), default=0)


def test_copeland_without_a_condorcet_winner() -> None:
    # Wikipedia, "Copeland's method", "Example without Condorcet winner": 3, 2, 2, 1 and 2 victories of five options.
    five = profile("ABCDE", {"A E C D B": 31, "B A E": 30, "C D B": 29, "D A E": 10})

    outcome = five.counted(copeland)

    assert outcome.points == tuple(map(OptionPoints, (1, 2, 3, 4, 5), (3, 2, 2, 1, 2)))
    assert outcome.ranking == ((1,), (2, 3, 5), (4,))
    assert outcome.winners == (1,)
    assert outcome.ties == ()


def test_copeland_counts_half_of_each_tie() -> None:
    tied = profile("ABC", {"A C": 2, "B C": 2, "C": 1})

    assert tied.counted(copeland) == Outcome(
        method="ranked",
        version=1,
        tie_rule="declare",
        votes=5,
        options=(OptionCount(1, 2), OptionCount(2, 2), OptionCount(3, 1)),
        winners=(3,),
        count="copeland",
        ranking=((3,), (1, 2)),
        points=(OptionPoints(1, "0.5"), OptionPoints(2, "0.5"), OptionPoints(3, 2)),
        pairwise=((0, 2, 2), (2, 0, 2), (3, 3, 0)),
    )


@given(elections())
def test_copeland_s_points_add_up_to_one_for_each_pair(election: tuple[list[Tally], Rules]) -> None:
    tallies, rules = election
    size = len(rules.option_ids)

    outcome = copeland(tallies, rules)

    assert sum(Fraction(each.points) for each in outcome.points) == Fraction(size * (size - 1), 2)


@pytest.mark.parametrize("count", [schulze, copeland, borda])
def test_options_that_tie_for_the_win_all_win_or_the_seed_decides(count: Count) -> None:
    seed = b"a seed"
    first = seed_order((1, 2, 3), seed)[:1]

    declared = CYCLE.counted(count, Ties(seed))
    by_seed = CYCLE.counted(count, Ties(seed, FinalTies.SEED))

    assert (declared.tie_rule, declared.winners, declared.ties) == (
        "declare",
        (1, 2, 3),
        (Tie((1, 2, 3), "declared", (1, 2, 3)),),
    )
    assert (by_seed.tie_rule, by_seed.winners, by_seed.ties) == ("seed", first, (Tie((1, 2, 3), "seed", first),))
    assert declared.ranking == by_seed.ranking == ((1, 2, 3),)


@pytest.mark.parametrize("count", METHODS)
@pytest.mark.parametrize("ballots", [{}, {"": 5}, {"ABC": 2, "": 1}])
def test_nobody_wins_where_no_vote_prefers_anything(count: Count, ballots: dict[str, int]) -> None:
    outcome = profile("ABC", ballots).counted(count)

    assert outcome.votes == sum(ballots.values())
    assert (outcome.winners, outcome.ties, outcome.ranking) == ((), (), ((1, 2, 3),))
    assert outcome.options == (OptionCount(1, 0), OptionCount(2, 0), OptionCount(3, 0))


@pytest.mark.parametrize("count", METHODS)
def test_one_option_is_preferred_to_nothing(count: Count) -> None:
    outcome = profile("A", {"A": 3}).counted(count)

    assert (outcome.winners, outcome.ranking, outcome.options) == ((), ((1,),), (OptionCount(1, 3),))


@pytest.mark.parametrize("count", METHODS)
@given(elections(), st.randoms(use_true_random=False))
def test_outcome_does_not_depend_on_the_order_or_the_splitting_of_ballots(
    count: Count, election: tuple[list[Tally], Rules], random: Random
) -> None:
    tallies, rules = election
    one_by_one = [Tally(body, 1) for body, number in tallies for _vote in range(number)]
    random.shuffle(one_by_one)

    outcome = count(iter(tallies), rules)

    assert count(iter(one_by_one), rules).to_json() == outcome.to_json()
    assert Outcome.from_json(outcome.to_json()) == outcome
    assert outcome.votes == len(one_by_one)
    assert sorted(each for group in outcome.ranking for each in group) == sorted(rules.option_ids)


@pytest.mark.parametrize("count", METHODS)
@given(elections(), st.permutations(range(100, 200)))
def test_outcome_with_other_ids_in_another_order_is_the_same_but_for_them(
    count: Count, election: tuple[list[Tally], Rules], ids: list[int]
) -> None:
    tallies, rules = election
    renamed = dict(zip(rules.option_ids, ids, strict=False))
    groups = [[[renamed[each] for each in group] for group in ranking_in(body)] for body, _number in tallies]
    others = [Tally(ballot_of(ranking).body, number) for ranking, (_body, number) in zip(groups, tallies, strict=True)]

    outcome = count(tallies, rules)
    # Other ids have another order by the seed.
    assume(all(tie.broken_by == "declared" for tie in outcome.ties))
    shuffled = count(others, Rules(tuple(sorted(renamed.values()))))

    def named(outcome: Outcome, names: dict[int, int]) -> tuple[object, ...]:
        points = {names[each.option_id]: each.points for each in outcome.points}
        return {names[each] for each in outcome.winners}, [{names[o] for o in g} for g in outcome.ranking], points

    assert named(outcome, renamed) == named(shuffled, {each: each for each in ids})


@pytest.mark.parametrize(
    ("name", "winner"),
    [
        ("debian-dpl-2003", "Martin Michlmayr"),
        ("debian-dpl-2006", "Anthony Towns"),
        ("burlington-2009", "Andy Montroll (Democrat)"),
        ("alaska-2022-special", "Begich"),
        ("minneapolis-2009-park", '"Annie Young"'),
    ],
)
def test_real_election(name: str, winner: str) -> None:
    election = real_election(name)
    ballots = election.profile

    outcomes = [ballots.counted(count) for count in (schulze, ranked_pairs, copeland)]

    assert [ballots.named(outcome.winners) for outcome in outcomes] == [[winner]] * 3
    assert [outcome.pairwise for outcome in outcomes] == [election.pairwise] * 3
    beats_all = condorcet_winner(ballots.rules().option_ids, election.pairwise)
    assert [beats_all] == [ballots.names.index(winner) + 1]


@pytest.mark.parametrize("name", ["debian-dpl-2003", "debian-dpl-2006"])
def test_real_election_has_the_published_ranking(name: str) -> None:
    election = real_election(name)

    for count in (schulze, copeland):
        outcome = election.profile.counted(count)
        published = published_ranking(election.expected[outcome.count]["ranking"])
        assert [set(group) for group in election.profile.ranking(outcome)] == published


def test_minneapolis_has_the_published_pairs() -> None:
    election = real_election("minneapolis-2009-park")
    names = [name.strip('"') for name in election.profile.names]
    published = election.expected["pairwise_published"]

    matrix = preferences_in(election.profile.tallies, election.profile.rules().option_ids).pairwise

    pairs = {(one, other) for one in names for other in names if one != other}
    assert {f"{a} > {b}": matrix[names.index(a)][names.index(b)] for a, b in pairs} == published
