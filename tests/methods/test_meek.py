"""The single transferable vote by Meek's method: published counts, ties, equal places, and another program."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import assume, given

from django_polls.methods.ballots import Tally
from django_polls.methods.meek import stv_meek
from django_polls.methods.outcomes import Exact, OptionCount, Outcome, Round, Tie, Transfer, exact
from django_polls.methods.rankings import ranking_in
from django_polls.methods.rules import FinalTies, Quota, Rules, Ties
from tests.methods.profiles import A, B, C, D, E, cast, points, profile, seed_that_orders


def test_example_of_voting_matters() -> None:
    # "The computational accuracy using the Meek algorithm", Voting Matters 12: A, B, X, Y and Z for three seats. The
    # figures are those of J. Lundell's Droop 0.11, by the Reference Meek Rule, where X is the one that a lot excludes.
    papers = "333 A>C, 333 A>D, 333 A>E, 333 B>C, 333 B>D, 333 B>E, 667 C, 667 D, 667 E"
    tallies = profile(f"{papers}, 1 A>B>C, 1 A>B>D, 2 B>A>C")
    rules = Rules((A, B, C, D, E), seats=3, ties=Ties(seed_that_orders(D, E, C), FinalTies.SEED))

    outcome = stv_meek(tallies, rules)

    assert outcome == Outcome(
        method="ranked",
        version=1,
        tie_rule="seed",
        votes=4003,
        options=tuple(OptionCount(*pair) for pair in ((A, 1001), (B, 1001), (C, 667), (D, 667), (E, 667))),
        winners=(A, B, D),
        count="stv_meek",
        ranking=((A, B), (D,), (E,), (C,)),
        rounds=(
            Round(points(1001, 1001, 667, 667, 667), 0, "1000.750000001", elected=(A, B)),
            Round(
                points("1000.750000126", "1000.750000126", "667.166666686", "667.166666562", "667.1666665"),
                0,
                "1000.750000001",
                eliminated=(C,),
                transfers=(Transfer(C, None, "667.166666686"),),
            ),
            Round(
                points("800.584418564", "800.584418564", None, "800.59698277", "800.556768208"),
                "800.677411894",
                "800.580647027",
                elected=(D,),
            ),
        ),
        ties=(Tie((C, D, E), "seed", (C,), 2),),
    )


def test_votes_that_differ_by_more_than_the_surplus_do_not_tie() -> None:
    # Of Droop 0.11 as well ("Pollux and Helen should tie", which rounding prevents).
    outcome = stv_meek(profile("5 A>B, 1 B, 3 C"), Rules((A, B, C), seats=2))

    assert outcome.ties == ()
    assert outcome.rounds == (
        Round(points(5, 1, 3), 0, "3.000000001", elected=(A,)),
        Round(
            points("3.000000005", "2.999999995", 3),
            0,
            "3.000000001",
            eliminated=(B,),
            transfers=(Transfer(B, None, "2.999999995"),),
        ),
        Round(points("3.000000005", None, 3), "2.999999995", "2.000000002", elected=(C,)),
    )


def test_elected_options_go_on_receiving_and_passing_votes() -> None:
    # A keeps two thirds of what reaches it, so C's two papers, of which A is next, leave it 1.33 and D 0.67.
    outcome = stv_meek(profile("6 A>B, 3 D, 2 C>A>D, 1 B"), Rules((A, B, C, D), seats=2))

    assert outcome.rounds[1] == Round(
        points("4.000000002", "2.999999998", 2, 3),
        0,
        "4.000000001",
        eliminated=(C,),
        transfers=(Transfer(C, A, "1.333333334"), Transfer(C, D, "0.666666666")),
    )


def test_hare_quota() -> None:
    outcome = stv_meek(profile("5 A>B, 3 B, 2 C, 4"), Rules((A, B, C), seats=3, quota=Quota.HARE))

    assert outcome.rounds == (Round(points(5, 3, 2), 4, "3.333333334", (A, B, C)),)


@pytest.mark.parametrize("seats", [2, 3, 7])
def test_all_that_anybody_ranks_win_where_there_are_seats_for_them(seats: int) -> None:
    outcome = stv_meek(profile("9 A>B"), Rules((A, B, C, D), seats=seats))

    assert outcome.winners == (A, B)
    assert outcome.rounds == (Round(points(9, 0, 0, 0), 0, outcome.rounds[0].quota, (A, B), (C, D)),)
    assert outcome.ranking == ((A,), (B,), (C, D))


def test_last_place_tie_is_declared() -> None:
    # Quota 4.000000001: A's surplus is exhausted, and B and C have 2 each for one seat.
    outcome = stv_meek(profile("6 A, 2 B, 2 C, 2"), Rules((A, B, C), seats=2))

    assert outcome.winners == (A, B, C)
    assert outcome.ties == (Tie((B, C), "declared", (B, C), 2),)


def test_last_place_tie_goes_by_the_seed_where_that_is_the_rule() -> None:
    rules = Rules((A, B), ties=Ties(seed_that_orders(B, A), FinalTies.SEED))

    outcome = stv_meek(profile("2 A, 2 B"), rules)

    assert outcome.winners == (B,)
    assert outcome.ties == (Tie((A, B), "seed", (B,), 1),)
    assert outcome.ranking == ((B,), (A,))


def test_tie_for_elimination_goes_by_the_rounds_before() -> None:
    # E goes first and helps C to 4, level with B, who had more before.
    outcome = stv_meek(profile("6 A, 5 D, 4 B, 3 C, 1 E>C"), Rules((A, B, C, D, E)))

    assert outcome.ties == (Tie((B, C), "previous_rounds", (C,), 2),)
    assert [one.eliminated for one in outcome.rounds] == [(E,), (C,), (B,), ()]


def test_options_on_one_place_share_what_reaches_them() -> None:
    tallies = profile("3 A=B=C>D, 3 A, 2 B, 1 D>A=C, 1 C>D")

    outcome = stv_meek(tallies, Rules((A, B, C, D), seats=2))

    assert outcome.options == (OptionCount(A, 3), OptionCount(B, 2), OptionCount(C, 1), OptionCount(D, 1))
    assert outcome.rounds[0].totals == points(4, 3, 2, 1)
    assert outcome.rounds[0].exhausted == 0


def test_options_on_one_place_break_no_tie() -> None:
    """A third rounded down to nine decimals would let A win alone."""
    outcome = stv_meek(profile("1 A, 1 B=C=D"), Rules((A, B, C, D), seats=1))

    assert (outcome.winners, outcome.ties[-1].broken_by) == ((A, B), "declared")


@pytest.mark.parametrize("tallies", [[], [Tally("", 5)]])
def test_nobody_wins_without_votes(tallies: list[Tally]) -> None:
    outcome = stv_meek(tallies, Rules((A, B), seats=2))

    votes = sum(tally.votes for tally in tallies)
    options = (OptionCount(A, 0), OptionCount(B, 0))
    assert outcome == Outcome("ranked", 1, "declare", votes, options, (), count="stv_meek")


class ReferenceRule:
    """The Reference Meek Rule's steps A and B as they stand, ballot by ballot, in thousand-millionths of a vote."""

    def __init__(self, ballots: list[list[int]], seats: int) -> None:
        self.ballots, self.seats = ballots, seats
        self.keep = {one: 10**9 for ballot in ballots for one in ballot}
        self.hopeful, self.elected = set(self.keep), set[int]()

    def rounds(self) -> Iterator[dict[int, Exact] | None]:
        """Yield the votes at the end of each round, None instead where options tie."""
        while len(self.elected) < self.seats < len(self.hopeful | self.elected):
            votes, quota, surplus = self.iterated()
            yield {one: exact(Fraction(votes[one], 10**9)) for one in sorted(self.hopeful | self.elected)}
            reached = {one for one in self.hopeful if votes[one] >= quota}
            self.elected |= reached
            self.hopeful -= reached
            if not reached:
                low = min(votes[one] for one in self.hopeful)
                level = {one for one in self.hopeful if votes[one] <= low + surplus}
                if len(level) > 1:
                    yield None
                    return
                self.hopeful -= level
                self.keep |= dict.fromkeys(level, 0)

    def iterated(self) -> tuple[dict[int, int], int, int]:
        last = None
        while True:
            votes = self.distributed()
            quota = sum(votes.values()) // (self.seats + 1) + 1
            surplus = max(0, sum(votes[one] - quota for one in self.elected))
            if any(votes[one] >= quota for one in self.hopeful) or surplus < 1000 or (last and surplus >= last):
                return votes, quota, surplus
            last = surplus
            for one in self.elected:
                self.keep[one] = ceil(Fraction(ceil(Fraction(self.keep[one] * quota, 10**9)) * 10**9, votes[one]))

    def distributed(self) -> dict[int, int]:
        votes = dict.fromkeys(self.keep, 0)
        for ballot in self.ballots:
            weight = 10**9
            for one in ballot:
                kept = ceil(Fraction(weight * self.keep[one], 10**9))
                votes[one] += kept
                weight -= kept
        return votes


@given(cast(may_tie=False))
def test_rounds_are_those_of_the_reference_rule_where_nothing_ties(tallies: list[Tally]) -> None:
    ballots = [[one for (one,) in ranking_in(body)] for body, votes in tallies for _vote in range(votes)]
    expected = list(ReferenceRule(ballots, 2).rounds())
    assume(expected and None not in expected)

    outcome = stv_meek(tallies, Rules((1, 2, 3, 4, 5), seats=2))

    ranked = {option_id for ballot in ballots for option_id in ballot}
    shown = [{row.option_id: row.points for row in one.totals if row.option_id in ranked} for one in outcome.rounds]
    assert shown[: len(expected)] == expected
    assert len(shown) <= len(expected) + 1  # the rule gives the last seats without a further distribution
