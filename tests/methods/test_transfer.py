"""The single transferable vote as Scotland counts it: worked examples, ties, equal places, and another program."""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import assume, given

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Exact, OptionCount, Outcome, Round, Tie, Transfer, exact
from django_polls.methods.rankings import ranking_in
from django_polls.methods.rules import FinalTies, Quota, Rules, Ties
from django_polls.methods.transfer import stv_wigm
from tests.methods.profiles import A, B, C, D, E, cast, points, profile, seed_that_orders


def test_party_food() -> None:
    # Wikipedia, "Single transferable vote": oranges, pears, chocolate, strawberries and sweets for 20 guests.
    tallies = profile("4 A, 2 B>A, 8 C>D, 4 C>E, 1 D, 1 E")

    outcome = stv_wigm(tallies, Rules((A, B, C, D, E), seats=3))

    assert outcome == Outcome(
        method="ranked",
        version=1,
        tie_rule="declare",
        votes=20,
        options=tuple(OptionCount(*pair) for pair in ((A, 4), (B, 2), (C, 12), (D, 1), (E, 1))),
        winners=(A, C, D),
        count="stv",
        ranking=((C,), (A,), (D,), (E,), (B,)),
        rounds=(
            Round(points(4, 2, 12, 1, 1), 0, 6, elected=(C,), transfers=(Transfer(C, D, 4), Transfer(C, E, 2))),
            Round(points(4, 2, 6, 5, 3), 0, 6, eliminated=(B,), transfers=(Transfer(B, A, 2),)),
            Round(points(6, None, 6, 5, 3), 0, 6, (A,), (E,), (Transfer(E, None, 3),)),
            Round(points(6, None, 6, 5), 3, 6, elected=(D,)),
        ),
    )


def test_surplus_of_papers_that_came_from_elsewhere() -> None:
    # Quota 20 // 3 + 1 = 7. A's surplus of 2 makes its 9 papers worth 2/9 = 0.22222; B has 6 + 6 * 0.22222 = 7.33332.
    # Its surplus of 0.33332 makes its own papers worth 0.33332 / 7.33332 = 0.04545, and those of A 0.01010.
    tallies = profile("6 A>B>C, 3 A>D, 6 B>C, 3 C, 2 D")

    outcome = stv_wigm(tallies, Rules((A, B, C, D), seats=2))

    assert outcome.rounds[:2] == (
        Round(
            points(9, 6, 3, 2),
            0,
            7,
            (A,),
            transfers=(Transfer(A, B, "1.33332"), Transfer(A, D, "0.66666"), Transfer(A, None, "0.00002")),
        ),
        Round(points(7, "7.33332", 3, "2.66666"), "0.00002", 7, (B,)),
    )
    assert (outcome.winners, len(outcome.rounds)) == ((A, B), 2)

    outcome = stv_wigm([*tallies, *profile("3 C, 2 D, 7 E")], Rules((A, B, C, D, E), seats=4))

    # Quota 32 // 5 + 1 = 7 again, and now a seat is left when B's surplus goes to C: 6 * 0.04545 + 6 * 0.01010.
    assert outcome.rounds[1].transfers == (Transfer(B, C, "0.3333"), Transfer(B, None, "0.00002"))
    assert outcome.rounds[2].totals == points(7, 7, "6.3333", "4.66666", 7)


def test_largest_surplus_goes_first_and_equal_ones_by_the_rounds_before_or_the_seed() -> None:
    tallies = profile("8 A>C, 8 B>D, 1 C, 2 D, 9 E>C")
    rules = Rules((A, B, C, D, E), seats=4, ties=Ties(seed_that_orders(B, A)))

    outcome = stv_wigm(tallies, rules)

    # Quota 28 // 5 + 1 = 6: E passes on 3, and then B and A 2 each.
    assert [sorted({move.source for move in one.transfers}) for one in outcome.rounds[:3]] == [[E], [B], [A]]
    assert outcome.ties[0] == Tie((A, B), "seed", (B,), 2)


def test_equal_surpluses_go_by_the_rounds_before() -> None:
    # Quota 51 // 4 + 1 = 13. When D is out, A and B both have 15; B had more before.
    tallies = profile("10 A>C, 11 B>C, 11 C, 5 D>A, 4 D>B, 10 E")

    outcome = stv_wigm(tallies, Rules((A, B, C, D, E), seats=3))

    assert outcome.ties == (Tie((A, B), "previous_rounds", (B,), 2),)
    assert [move.source for move in outcome.rounds[1].transfers] == [B, B]


def test_excluded_papers_keep_their_value() -> None:
    # Quota 8 // 3 + 1 = 3. A's surplus of 1 makes its 4 papers worth 0.25, and so they go from B on to D.
    outcome = stv_wigm(profile("4 A>B>D, 2 C, 2 D"), Rules((A, B, C, D), seats=2))

    assert outcome.rounds == (
        Round(points(4, 0, 2, 2), 0, 3, elected=(A,), transfers=(Transfer(A, B, 1),)),
        Round(points(3, 1, 2, 2), 0, 3, eliminated=(B,), transfers=(Transfer(B, D, 1),)),
        Round(points(3, None, 2, 3), 0, 3, elected=(D,)),
    )


def test_equal_places_share_a_paper_and_meet_again() -> None:
    # Quota 10 // 3 + 1 = 4. Three papers put A, B and C first: a third each, which is one vote for each of them.
    tallies = profile("3 A=B=C>D, 3 A, 2 B, 1 D>B=C, 1 C>D")

    outcome = stv_wigm(tallies, Rules((A, B, C, D), seats=2))

    assert outcome.options == (OptionCount(A, 3), OptionCount(B, 2), OptionCount(C, 1), OptionCount(D, 1))
    assert outcome.rounds == (
        Round(
            points(4, 3, 2, 1),
            0,
            4,
            elected=(A,),
            eliminated=(D,),
            transfers=(Transfer(D, B, "0.5"), Transfer(D, C, "0.5")),
        ),
        # C's thirds and its half go to B, who has the others of the same papers.
        Round(points(4, "3.5", "2.5"), 0, 4, eliminated=(C,), transfers=(Transfer(C, B, "1.5"), Transfer(C, None, 1))),
        Round(points(4, 5), 1, 4, elected=(B,)),
    )


def test_equal_places_break_no_tie() -> None:
    """A third cut off after five decimals would let A win alone."""
    outcome = stv_wigm(profile("1 A, 1 B=C=D"), Rules((A, B, C, D), seats=1))

    assert (outcome.winners, outcome.ties[-1]) == ((A, B), Tie((A, B), "declared", (A, B), 3))


def test_hare_quota() -> None:
    outcome = stv_wigm(profile("5 A>B, 3 B, 2 C, 4"), Rules((A, B, C), seats=3, quota=Quota.HARE))

    assert outcome.rounds == (Round(points(5, 3, 2), 4, "3.33334", (A, B, C)),)
    assert outcome.ranking == ((A,), (B,), (C,))


def test_blank_ballots_do_not_count_for_the_quota() -> None:
    outcome = stv_wigm(profile("5 A>B, 3 B, 2 C, 90"), Rules((A, B, C), seats=1))

    assert outcome.rounds[0] == Round(points(5, 3, 2), 90, 6, eliminated=(C,), transfers=(Transfer(C, None, 2),))


@pytest.mark.parametrize("seats", [2, 3, 7])
def test_all_that_anybody_ranks_win_where_there_are_seats_for_them(seats: int) -> None:
    outcome = stv_wigm(profile("9 A>B"), Rules((A, B, C, D), seats=seats))

    assert outcome.winners == (A, B)
    assert outcome.rounds == (Round(points(9, 0, 0, 0), 0, outcome.rounds[0].quota, (A, B), (C, D)),)
    assert outcome.ranking == ((A,), (B,), (C, D))


def test_last_place_tie_is_declared() -> None:
    outcome = stv_wigm(profile("6 A, 2 B, 2 C, 1 D"), Rules((A, B, C, D), seats=2))

    # Quota 11 // 3 + 1 = 4: A's surplus is exhausted, D is out, and B and C have 2 each for one seat.
    assert outcome.winners == (A, B, C)
    assert outcome.ties == (Tie((B, C), "declared", (B, C), 3),)
    assert outcome.rounds[-1] == Round(points(4, 2, 2), 3, 4, elected=(B, C))


def test_last_place_tie_goes_by_the_seed_where_that_is_the_rule() -> None:
    rules = Rules((A, B, C, D), seats=3, ties=Ties(seed_that_orders(D, B, C), FinalTies.SEED))

    outcome = stv_wigm(profile("6 A, 2 B, 2 C, 2 D"), rules)

    # Quota 12 // 4 + 1 = 4: two seats are left for B, C and D, who are equal.
    assert outcome.winners == (A, B, D)
    assert outcome.ties == (Tie((B, C, D), "seed", (B, D), 2),)
    assert outcome.ranking == ((A,), (B, D), (C,))


def test_total_tie_is_declared_however_many_seats_are_left() -> None:
    outcome = stv_wigm(profile("1 A>B, 1 B>C, 1 C>D, 1 D>A"), Rules((A, B, C, D), seats=2))

    assert outcome.winners == (A, B, C, D)
    assert outcome.ties == (Tie((A, B, C, D), "declared", (A, B, C, D), 1),)


@pytest.mark.parametrize("tallies", [[], [Tally("", 5)]])
def test_nobody_wins_without_votes(tallies: list[Tally]) -> None:
    outcome = stv_wigm(tallies, Rules((A, B), seats=2))

    votes = sum(tally.votes for tally in tallies)
    assert outcome == Outcome("ranked", 1, "declare", votes, (OptionCount(A, 0), OptionCount(B, 0)), (), count="stv")


@dataclass
class Officer:
    """A returning officer who follows rules 45 to 52 paper by paper, in hundred-thousandths of a vote."""

    papers: list[list[int]]
    seats: int
    continuing: set[int]
    elected: list[int] = field(default_factory=list)
    kept: dict[int, int] = field(default_factory=dict)

    def stages(self) -> list[dict[int, Exact]] | None:
        """Return what each stage shows, or None where a lot or an earlier stage would have to decide."""
        parcels = {one: [(paper, 10**5) for paper in self.papers if paper[0] == one] for one in sorted(self.continuing)}
        quota = (len(self.papers) // (self.seats + 1) + 1) * 10**5
        stages: list[dict[int, Exact]] = []
        while True:
            votes = {one: self.kept.get(one, sum(worth for _, worth in parcels[one])) for one in parcels}
            stages.append({one: exact(Fraction(votes[one], 10**5)) for one in parcels})
            self.elected += [one for one in parcels if one in self.continuing and votes[one] >= quota]
            self.continuing.difference_update(self.elected)
            if len(self.continuing) <= self.seats - len(self.elected) or len(self.elected) == self.seats:
                return stages
            leaving = self.next_to_leave(votes, quota)
            if not leaving:
                return None
            surplus = votes[leaving] - quota if leaving in self.elected else votes[leaving]
            self.move(parcels, leaving, surplus, votes[leaving])

    def next_to_leave(self, votes: dict[int, int], quota: int) -> int | None:
        over = [one for one in self.elected if votes[one] > quota]
        figure = max(votes[one] for one in over) if over else min(votes[one] for one in self.continuing)
        level = [one for one in over or self.continuing if votes[one] == figure]
        return level[0] if len(level) == 1 else None

    def move(self, parcels: dict[int, list[tuple[list[int], int]]], leaving: int, surplus: int, votes: int) -> None:
        self.continuing.discard(leaving)
        for paper, worth in parcels[leaving]:
            following = next((one for one in paper if one in self.continuing), None)
            if following:
                parcels[following].append((paper, surplus * worth // votes))
        if leaving in self.elected:
            self.kept[leaving] = votes - surplus
        else:
            del parcels[leaving]


@given(cast(may_tie=False))
def test_stages_are_those_of_the_order_where_nothing_ties(tallies: list[Tally]) -> None:
    papers = [[one for (one,) in ranking_in(body)] for body, votes in tallies for _vote in range(votes) if body]
    ranked = {option_id for paper in papers for option_id in paper}
    expected = Officer(papers, 2, set(ranked)).stages() if ranked else None
    assume(expected)

    outcome = stv_wigm(tallies, Rules((1, 2, 3, 4, 5), seats=2))

    shown = [{row.option_id: row.points for row in one.totals if row.option_id in ranked} for one in outcome.rounds]
    assert shown == expected
