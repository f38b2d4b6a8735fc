"""Instant run-off: worked examples, real elections, ties, and what never changes the outcome."""

from fractions import Fraction

import pytest
from hypothesis import assume, given

from django_polls.methods.ballots import Tally
from django_polls.methods.elimination import instant_runoff
from django_polls.methods.outcomes import OptionCount, OptionPoints, Outcome, Round, Tie, Transfer, exact
from django_polls.methods.rankings import ranking_in
from django_polls.methods.rules import FinalTies, Rules, Ties
from django_polls.methods.ties import seed_order
from tests.methods.profiles import (
    A,
    B,
    C,
    D,
    cast,
    named,
    points,
    profile,
    real_tallies,
    seed_that_orders,
)
from tests.methods.real_elections import members_of

THREE = Rules((A, B, C))
BY_SEED = Rules((A, B, C), ties=Ties(b"seed", FinalTies.SEED))


def test_tennessee() -> None:
    # Wikipedia, "Instant-runoff voting": Memphis, Nashville, Chattanooga, Knoxville; Knoxville wins.
    tallies = profile("42 A>B>C>D, 26 B>C>D>A, 15 C>D>B>A, 17 D>C>B>A")

    outcome = instant_runoff(tallies, Rules((A, B, C, D)))

    assert outcome == Outcome(
        method="ranked",
        version=1,
        tie_rule="declare",
        votes=100,
        options=(OptionCount(A, 42), OptionCount(B, 26), OptionCount(C, 15), OptionCount(D, 17)),
        winners=(D,),
        count="irv",
        ranking=((D,), (A,), (B,), (C,)),
        rounds=(
            Round(points(42, 26, 15, 17), eliminated=(C,), transfers=(Transfer(C, D, 15),)),
            Round(points(42, 26, None, 32), eliminated=(B,), transfers=(Transfer(B, D, 26),)),
            Round(points(42, None, None, 58), elected=(D,)),
        ),
    )


@pytest.mark.parametrize("order", [(B, C), (C, B)])
def test_tied_losers_are_not_eliminated_together(order: tuple[int, int]) -> None:
    # Without B and C at once, A would win with its 4 votes of 10. One of them goes, the last by the seed, and the other
    # gets its 3 votes: 6 of 10.
    winner, loser = order
    rules = Rules((A, B, C), ties=Ties(seed_that_orders(*order)))

    outcome = instant_runoff(profile("4 A>B>C, 3 B>C>A, 3 C>B>A"), rules)

    assert outcome.winners == (winner,)
    assert outcome.ties == (Tie((B, C), "seed", (loser,), 1),)
    assert outcome.rounds == (
        Round(points(4, 3, 3), eliminated=(loser,), transfers=(Transfer(loser, winner, 3),)),
        Round(points(4, *(6 if option_id == winner else None for option_id in (B, C))), elected=(winner,)),
    )


def test_burlington_2009() -> None:
    election = members_of("burlington-2009")
    rules = Rules(tuple(range(1, 7)))

    outcome = instant_runoff(real_tallies(election, stops_at_ties=True), rules)

    assert outcome.winners == (1,)
    assert outcome.ties == ()
    surnames = [
        {name.split(" (")[0]: votes for name, votes in one["tally"].items()} | {"exhausted": one["exhausted"]}
        for one in named(election, outcome.rounds)
    ]
    assert surnames == election["expected"]["irv"]["rounds"]


def test_burlington_2009_with_equal_places() -> None:
    election = members_of("burlington-2009")

    outcome = instant_runoff(real_tallies(election), Rules(tuple(range(1, 7))))

    # The reference eliminates one a time: its fourth and fifth rounds, when no shared place is in play any more.
    assert outcome.rounds[0].totals == points("2585.5", 2063, 35, 1306, "2952.5", 38)
    assert named(election, outcome.rounds[1:]) == election["reference"]["irv_rounds"][3:]


def test_minneapolis_2009() -> None:
    election = members_of("minneapolis-2009-park")

    outcome = instant_runoff(real_tallies(election, stops_at_ties=True), Rules(tuple(range(1, 10)), seats=3))

    rounds = [one["tally"] | {"exhausted": one["exhausted"]} for one in named(election, outcome.rounds)]
    published = [
        {name if name == "exhausted" else f'"{name}"': votes for name, votes in one.items()}
        for one in election["expected"]["irv"]["rounds"]
    ]
    assert [rounds[0], *rounds[-5:]] == [published[0], *published[-5:]]
    assert outcome.winners == (8,)


def test_alaska_2022() -> None:
    election = members_of("alaska-2022-special")

    outcome = instant_runoff(real_tallies(election), THREE)

    assert named(election, outcome.rounds) == election["reference"]["irv_rounds"]
    assert outcome.rounds[0].transfers == (Transfer(3, 1, 15_478), Transfer(3, 2, 27_070), Transfer(3, None, 11_262))
    assert outcome.winners == (1,)


def test_those_who_cannot_pass_the_next_are_eliminated_together() -> None:
    tallies = profile("9 A, 8 B>A, 2 C>B, 1 D>C>A, 4")

    outcome = instant_runoff(tallies, Rules((A, B, C, D, 5)))

    assert outcome.rounds == (
        Round(
            points(9, 8, 2, 1, 0),
            exhausted=4,
            eliminated=(C, D, 5),
            transfers=(Transfer(C, B, 2), Transfer(D, A, 1)),
        ),
        Round(points(10, 10), exhausted=4, elected=(A, B)),
    )
    assert outcome.ranking == ((A, B), (C, D, 5))
    assert outcome.ties == (Tie((A, B), "declared", (A, B), 2),)
    assert outcome.votes == 24


def test_tie_goes_by_the_rounds_before() -> None:
    # D goes first and helps C to 4, level with B, who had more before.
    tallies = profile("5 A, 4 B>A, 3 C>A, 1 D>C")

    outcome = instant_runoff(tallies, Rules((A, B, C, D)))

    assert outcome.ties == (Tie((B, C), "previous_rounds", (C,), 2),)
    assert [one.eliminated for one in outcome.rounds] == [(D,), (C,), ()]
    assert outcome.winners == (A,)


def test_those_whom_the_rounds_before_do_not_tell_apart_go_by_the_seed() -> None:
    # B has more than C and D before E goes; those two were always equal.
    tallies = profile("9 A, 5 B, 4 C>B, 4 D>B, 1 E>C, 1 E>D")
    rules = Rules((A, B, C, D, 5), ties=Ties(seed_that_orders(D, C)))

    outcome = instant_runoff(tallies, rules)

    assert outcome.ties == (Tie((B, C, D), "seed", (C,), 2),)
    assert [one.eliminated for one in outcome.rounds] == [(5,), (C,), (D,), ()]


@pytest.mark.parametrize("order", [(A, B), (B, A)])
def test_last_tie_goes_by_the_seed_where_that_is_the_rule(order: tuple[int, int]) -> None:
    rules = Rules((A, B, C), ties=Ties(seed_that_orders(*order), FinalTies.SEED))

    outcome = instant_runoff(profile("3 A, 2 B, 1 C>B"), rules)

    winner, loser = order
    assert (outcome.tie_rule, outcome.winners) == ("seed", (winner,))
    assert outcome.ties == (Tie((A, B), "seed", (winner,), 2),)
    assert outcome.ranking == ((winner,), (loser,), (C,))


def test_total_tie_is_declared() -> None:
    outcome = instant_runoff(profile("2 A>B, 2 B>C, 2 C>A"), THREE)

    assert outcome.winners == (A, B, C)
    assert outcome.rounds == (Round(points(2, 2, 2), elected=(A, B, C)),)
    assert outcome.ties == (Tie((A, B, C), "declared", (A, B, C), 1),)


def test_total_tie_by_the_seed_is_decided_by_the_votes_as_soon_as_they_can() -> None:
    last = seed_order((A, B, C), b"seed")[-1]
    heir = last % 3 + 1

    outcome = instant_runoff(profile("2 A>B, 2 B>C, 2 C>A"), BY_SEED)

    assert outcome.winners == (heir,)
    assert outcome.ties == (Tie((A, B, C), "seed", (last,), 1),)


def test_total_tie_without_further_choices_goes_to_the_first_of_the_seed() -> None:
    order = seed_order((A, B, C), b"seed")

    outcome = instant_runoff(profile("2 A, 2 B, 2 C"), BY_SEED)

    assert outcome.ranking == tuple((option_id,) for option_id in order)
    assert outcome.winners == order[:1]


def test_equal_places_share_a_vote() -> None:
    # A, B and C have a third of 3 votes each; when D and then C are out, their votes go on in equal parts as well.
    tallies = profile("3 A=B=C, 2 A, 2 B>A, 1 C>A=B, 1 D>B=C")

    outcome = instant_runoff(tallies, Rules((A, B, C, D)))

    assert outcome.options == (OptionCount(A, 2), OptionCount(B, 2), OptionCount(C, 1), OptionCount(D, 1))
    assert outcome.rounds == (
        Round(points(3, 3, 2, 1), eliminated=(D,), transfers=(Transfer(D, B, "0.5"), Transfer(D, C, "0.5"))),
        Round(points(3, "3.5", "2.5"), eliminated=(C,), transfers=(Transfer(C, A, 1), Transfer(C, B, "1.5"))),
        Round(points(4, 5), elected=(B,)),
    )


def test_thirds_are_exact() -> None:
    tallies = profile("1 A=B=C>D, 2 D, 2 A")

    outcome = instant_runoff(tallies, Rules((A, B, C, D)))

    assert outcome.rounds[0].totals == points("7/3", "1/3", "1/3", 2)
    assert outcome.rounds[0].transfers == (Transfer(B, A, "1/3"), Transfer(C, A, "1/3"))
    assert outcome.rounds[1] == Round(points(3, None, None, 2), elected=(A,))


def test_more_than_half_of_the_votes_in_play_is_enough() -> None:
    outcome = instant_runoff(profile("5 A, 3 B, 1 C, 90"), THREE)

    assert outcome.rounds == (Round(points(5, 3, 1), exhausted=90, elected=(A,)),)
    assert outcome.ranking == ((A,), (B,), (C,))


def test_one_option() -> None:
    assert instant_runoff(profile("2 A, 1"), Rules((A,))).winners == (A,)


@pytest.mark.parametrize("tallies", [[], [Tally("", 5)], [Tally("1:1", 0)]])
def test_nobody_wins_without_votes(tallies: list[Tally]) -> None:
    outcome = instant_runoff(tallies, Rules((A, B)))

    votes = sum(tally.votes for tally in tallies)
    options = (OptionCount(A, 0), OptionCount(B, 0))
    assert outcome == Outcome("ranked", 1, "declare", votes, options, (), count="irv")


def winner_of(tallies: list[Tally], options: set[int]) -> int | None:
    """Return who wins when one option a round is eliminated, by another program; None at a tie."""
    while True:
        totals = totals_of(tallies, options)
        best = max(totals, key=totals.__getitem__)
        if 2 * totals[best] > sum(totals.values()):
            return best
        fewest = [option_id for option_id in options if totals[option_id] == min(totals.values())]
        if len(fewest) > 1:
            return None
        options = options.difference(fewest)


def totals_of(tallies: list[Tally], options: set[int]) -> dict[int, Fraction]:
    totals = dict.fromkeys(sorted(options), Fraction())
    for body, votes in tallies:
        groups = ([one for one in group if one in options] for group in ranking_in(body))
        for option_id in (group := next(filter(None, groups), [])):
            totals[option_id] += Fraction(votes, len(group))
    return totals


@given(cast())
def test_rounds_are_those_of_another_program(tallies: list[Tally]) -> None:
    outcome = instant_runoff(tallies, Rules((1, 2, 3, 4, 5)))

    for one in outcome.rounds:
        totals = totals_of(tallies, {row.option_id for row in one.totals})
        assert one.totals == tuple(OptionPoints(option_id, exact(total)) for option_id, total in totals.items())


@given(cast())
def test_winner_is_that_of_one_elimination_a_round_where_nothing_ties(tallies: list[Tally]) -> None:
    winner = winner_of(tallies, {1, 2, 3, 4, 5})
    assume(winner)

    assert instant_runoff(tallies, Rules((1, 2, 3, 4, 5))).winners == (winner,)
