"""What outcomes say to people: the sentences of each kind of method."""

import pytest
from django.utils.translation import override
from hypothesis import given

from django_polls.methods.approval import SingleChoice
from django_polls.methods.ballots import Tally
from django_polls.methods.consent import YesNo
from django_polls.methods.elimination import instant_runoff
from django_polls.methods.explanation import BROKEN_BY, explanation
from django_polls.methods.outcomes import OptionCount, Outcome, Tie
from django_polls.methods.pairwise import schulze
from django_polls.methods.positional import borda
from django_polls.methods.ranked import COUNTS, Ranked
from django_polls.methods.ranked_pairs import ranked_pairs
from django_polls.methods.rules import Rules, Ties
from django_polls.methods.star import star
from django_polls.methods.transfer import stv_wigm
from tests.methods.profiles import cast, profile
from tests.methods.score_ballots import tally

NAMES = {1: "Ana", 2: "Ben", 3: "Cem", 4: "Dora"}
THREE, FOUR = Rules((1, 2, 3)), Rules((1, 2, 3, 4))


def test_single_choice_is_told_by_its_votes() -> None:
    outcome = SingleChoice().count([Tally("1", 2), Tally("3", 5)], THREE)

    assert explanation(outcome, NAMES) == ["Votes: Ana 2, Ben 0, Cem 5.", "Cem wins."]


def test_tied_options_win_together_and_nobody_wins_without_votes() -> None:
    tied, empty = SingleChoice().count([Tally("1", 2), Tally("3", 2)], THREE), SingleChoice().count([], THREE)

    assert explanation(tied, NAMES)[-1] == "Ana and Cem win."
    assert explanation(empty, NAMES) == ["Votes: Ana 0, Ben 0, Cem 0.", "Nobody wins."]


def test_instant_run_off_is_told_round_by_round() -> None:
    outcome = instant_runoff(profile("5 A>C, 4 B, 2 C>B, 1 C, 1 D>C"), FOUR)

    assert explanation(outcome, NAMES) == [
        "Round 1: Dora 1 has the fewest votes and is out; 1 go from Dora to Cem.",
        "Round 2: Cem 4 has the fewest votes and is out; 2 go from Cem to Ben; 2 from Cem have no further choice.",
        "Round 3: Ben 6 is elected.",
        "Round 2: Ben and Cem tie; by the rounds before it falls on Cem.",
        "Ben wins.",
    ]


def test_several_options_that_leave_together_are_told_together() -> None:
    outcome = instant_runoff(profile("9 A, 8 B, 2 C, 1 D"), FOUR)

    assert explanation(outcome, NAMES)[0] == (
        "Round 1: Cem 2, Dora 1 have the fewest votes and are out; 2 from Cem have no further choice; "
        "1 from Dora have no further choice."
    )


def test_transferable_vote_is_told_with_who_is_elected() -> None:
    outcome = stv_wigm(profile("8 A>B, 4 C, 1 D"), Rules((1, 2, 3, 4), seats=2))

    assert explanation(outcome, NAMES) == [
        "Round 1: Ana 8 is elected; 3 go from Ana to Ben.",
        "Round 2: Dora 1 has the fewest votes and is out; 1 from Dora have no further choice.",
        "Round 3: Ben 3 has the fewest votes and is out; 3 from Ben have no further choice.",
        "Round 4: Cem 4 is elected.",
        "Ana and Cem win.",
    ]


def test_points_are_told_where_a_method_has_them() -> None:
    outcome = borda(profile("2 A>B>C, 1 B>C>A"), THREE)

    assert explanation(outcome, NAMES) == [
        "Points: Ana 4, Ben 4, Cem 1.",
        "Ana and Ben tie, and all of them win.",
        "Ana and Ben win.",
    ]


def test_majorities_are_told_in_the_order_looked_at() -> None:
    outcome = ranked_pairs(profile("4 A>B>C, 3 B>C>A, 2 C>A>B"), THREE)

    assert explanation(outcome, NAMES) == [
        "Ben over Cem by 7 to 2: locked.",
        "Ana over Ben by 6 to 3: locked.",
        "Cem over Ana by 5 to 4: left out, as it would close a circle.",
        "Ana wins.",
    ]


def test_schulze_is_told_by_how_the_winner_compares() -> None:
    outcome = schulze(profile("3 A>B>C, 2 B>A>C"), THREE)

    assert explanation(outcome, NAMES) == ["Ana compared with the others: Ben 3:2, Cem 5:0.", "Ana wins."]


def test_star_is_told_by_its_scores_and_its_run_off() -> None:
    outcome = star([tally(3, 5, 4, 0), tally(2, 0, 4, 5), tally(1, 2, 2, 0)], THREE)

    assert explanation(outcome, NAMES) == [
        "Round 1: the scores are Ana 17, Ben 22, Cem 10; Ana and Ben go on.",
        "Round 2: voters prefer Ana 3, Ben 2; 1 have no preference.",
        "Ana wins.",
    ]


def test_proposal_that_ties_stays_undecided() -> None:
    outcome = YesNo().count([Tally("1", 2), Tally("2", 2)], FOUR)

    assert explanation(outcome, {1: "agree", 2: "disagree", 3: "abstain", 4: "block"}) == [
        "Votes: agree 2, disagree 2, abstain 0, block 0.",
        "agree and disagree have as many votes, so things stay as they are.",
        "disagree wins.",
    ]


@pytest.mark.parametrize("broken_by", BROKEN_BY)
def test_every_way_of_breaking_a_tie_has_its_sentence(broken_by: str) -> None:
    ties = (Tie((1, 2), broken_by, (2,)), Tie((1, 2), broken_by, (2,), 3))
    outcome = Outcome("m", 1, "seed", 1, (OptionCount(1, 1),), (1,), ties=ties)

    _votes, plain, in_a_round, _winner = explanation(outcome, NAMES)

    assert plain.startswith("Ana and Ben ")
    assert in_a_round == f"Round 3: {plain}"


def test_sentences_are_in_the_reader_s_language_where_there_is_one() -> None:
    with override("de"):
        assert "Ana und Cem" in explanation(SingleChoice().count([Tally("1", 2), Tally("3", 2)], THREE), NAMES)[-1]


@pytest.mark.parametrize("count", COUNTS)
@given(tallies=cast(4))
def test_every_count_can_be_told(count: str, tallies: list[Tally]) -> None:
    rules = Rules((1, 2, 3, 4), count=count, seats=2, ties=Ties(b"seed"))

    sentences = explanation(Ranked().count(tallies, rules), NAMES)

    assert all(sentence.endswith(".") and "%(" not in sentence for sentence in sentences)
    assert sentences[-1].endswith(("wins.", "win."))
