"""What outcomes say to people: the sentences of each kind of method."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from django_polls.methods.approval import Approval, SingleChoice
from django_polls.methods.ballots import CountedBallot, Tally
from django_polls.methods.consent import YesNo
from django_polls.methods.counting import count_ballots
from django_polls.methods.elimination import instant_runoff
from django_polls.methods.explanation import BROKEN_BY, explanation
from django_polls.methods.outcomes import OptionCount, OptionPoints, Outcome, Round, Tie
from django_polls.methods.pairwise import schulze
from django_polls.methods.positional import borda
from django_polls.methods.ranked import Ranked
from django_polls.methods.ranked_pairs import ranked_pairs
from django_polls.methods.rules import Decision, FinalTies, Rules, Ties
from django_polls.methods.scored import Score
from django_polls.methods.star import star
from django_polls.methods.transfer import stv_wigm
from tests.methods.profiles import profile, seed_that_orders
from tests.methods.score_ballots import tally
from tests.methods.ways import WAYS, Way, marked, worded

# There are as many again for each of the sixteen ways of counting.
FEW = settings(max_examples=25)

NAMES = {1: "Ana", 2: "Ben", 3: "Cem", 4: "Dora"}
ANSWERS = {1: "agree", 2: "disagree", 3: "abstain", 4: "block"}
TWO_THIRDS = Fraction(2, 3)
THREE, FOUR = Rules((1, 2, 3)), Rules((1, 2, 3, 4))


def test_single_choice_is_told_by_its_votes() -> None:
    outcome = SingleChoice().count([Tally("1", 2), Tally("3", 5)], THREE)

    assert explanation(outcome, NAMES) == ["Votes: Ana (2), Ben (0), Cem (5).", "Cem wins."]


def test_tie_that_is_declared_is_told_where_several_options_win() -> None:
    tied = SingleChoice().count([Tally("1", 2), Tally("3", 2)], THREE)
    approved = Approval().count([Tally("1 2 3", 2)], THREE)

    assert explanation(tied, NAMES) == [
        "Votes: Ana (2), Ben (0), Cem (2).",
        "Ana and Cem tie, and all of them win.",
        "Ana and Cem win.",
    ]
    assert explanation(approved, NAMES)[1:] == [
        "Ana, Ben and Cem tie, and all of them win.",
        "Ana, Ben and Cem win.",
    ]


def test_nobody_wins_without_votes() -> None:
    assert explanation(SingleChoice().count([], THREE), NAMES) == ["Votes: Ana (0), Ben (0), Cem (0).", "Nobody wins."]


def test_tie_is_open_until_the_seed_is_known() -> None:
    ties = Ties(b"hash", FinalTies.SEED, is_settled=False)

    single = SingleChoice().count([Tally("1", 2), Tally("3", 2)], replace(THREE, ties=ties))
    run_off = instant_runoff(profile("2 A, 2 B"), replace(THREE, ties=ties))

    assert explanation(single, NAMES) == [
        "Votes: Ana (2), Ben (0), Cem (2).",
        "Ana and Cem tie; if it stays so, the poll's seed decides at the close.",
        "Ana and Cem are ahead.",
    ]
    assert explanation(run_off, NAMES) == [
        "Round 1: Cem has the fewest votes (0) and is out.",
        "Round 2: Ana (2) and Ben (2) are elected.",
        "Round 2: Ana and Ben tie; if it stays so, the poll's seed decides at the close.",
        "Ana and Ben are ahead.",
    ]


def test_tie_that_the_seed_broke_is_told() -> None:
    ties = Ties(seed_that_orders(3, 1), FinalTies.SEED)

    outcome = SingleChoice().count([Tally("1", 2), Tally("3", 2)], replace(THREE, ties=ties))

    assert explanation(outcome, NAMES) == [
        "Votes: Ana (2), Ben (0), Cem (2).",
        "Ana and Cem tie; by the order that the poll's seed gives it falls on Cem.",
        "Cem wins.",
    ]


def test_instant_run_off_is_told_round_by_round() -> None:
    outcome = instant_runoff(profile("5 A>C, 4 B, 2 C>B, 1 C, 1 D>C"), FOUR)

    assert explanation(outcome, NAMES) == [
        "Round 1: Dora has the fewest votes (1) and is out; 1 of its votes goes to Cem.",
        "Round 2: Cem has the fewest votes (4) and is out; 2 of its votes go to Ben, 2 have no further choice.",
        "Round 3: Ben (6) is elected.",
        "Round 2: Ben and Cem tie; by the rounds before it falls on Cem.",
        "Ben wins.",
    ]


def test_votes_of_one_option_that_go_to_several_are_told_in_one_list() -> None:
    outcome = instant_runoff(profile("6 A, 5 B, 1 C>A, 2 C>B, 1 C"), THREE)

    assert explanation(outcome, NAMES)[0] == (
        "Round 1: Cem has the fewest votes (4) and is out; 1 of its votes goes to Ana, 2 go to Ben, "
        "1 has no further choice."
    )


def test_votes_without_a_further_choice_are_told_alone() -> None:
    many, one = (instant_runoff(profile(f"6 A, 5 B, {votes} C"), THREE) for votes in (2, 1))

    assert [explanation(outcome, NAMES)[0] for outcome in (many, one)] == [
        "Round 1: Cem has the fewest votes (2) and is out; 2 of its votes have no further choice.",
        "Round 1: Cem has the fewest votes (1) and is out; 1 of its votes has no further choice.",
    ]


def test_several_options_that_leave_together_are_told_with_whose_votes_go_where() -> None:
    outcome = instant_runoff(profile("9 A, 8 B, 1 C>A, 1 C>B, 1 C, 1 D>B"), FOUR)

    together, *_others = explanation(outcome, NAMES)

    assert together == (
        "Round 1: Cem (3) and Dora (1) have the fewest votes and are out; "
        "1 goes from Cem to Ana, 1 goes to Ben, 1 has no further choice; 1 goes from Dora to Ben."
    )


def test_transferable_vote_is_told_with_who_is_elected() -> None:
    outcome = stv_wigm(profile("8 A>B, 4 C, 1 D"), Rules((1, 2, 3, 4), seats=2))

    assert explanation(outcome, NAMES) == [
        "Round 1: Ana (8) is elected; 3 of its votes go to Ben.",
        "Round 2: Dora has the fewest votes (1) and is out; 1 of its votes has no further choice.",
        "Round 3: Ben has the fewest votes (3) and is out; 3 of its votes have no further choice.",
        "Round 4: Cem (4) is elected.",
        "Ana and Cem win.",
    ]


def test_surplus_of_who_was_elected_before_is_told_with_whose_it_is() -> None:
    outcome = stv_wigm(profile("15 A>C, 10 B>D, 1 C, 6 D"), Rules((1, 2, 3, 4), seats=3))

    assert explanation(outcome, NAMES)[:2] == [
        "Round 1: Ana (15) and Ben (10) are elected; 6 go from Ana to Cem.",
        "Round 2: 1 goes from Ben to Dora.",
    ]


def test_elected_and_eliminated_of_one_round_are_told_together_and_the_votes_are_the_latter_s() -> None:
    outcome = stv_wigm(profile("4 A, 3 B, 2 C>B"), Rules((1, 2, 3), seats=2))

    assert explanation(outcome, NAMES)[0] == (
        "Round 1: Ana (4) is elected; Cem has the fewest votes (2) and is out; 2 of its votes go to Ben."
    )


def test_round_in_which_nothing_happens_is_told() -> None:
    outcome = Outcome("m", 1, "seed", 1, (OptionCount(1, 1),), (1,), rounds=(Round((OptionPoints(1, 1),)),))

    assert explanation(outcome, NAMES) == ["Round 1: nobody is decided.", "Ana wins."]


def test_points_are_told_where_a_method_has_them() -> None:
    outcome = borda(profile("2 A>B>C, 1 B>C>A"), THREE)

    assert explanation(outcome, NAMES) == [
        "Points: Ana (4), Ben (4), Cem (1).",
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

    assert explanation(outcome, NAMES) == ["Ana compared with the others: Ben (3:2), Cem (5:0).", "Ana wins."]


def test_star_is_told_by_its_scores_and_its_run_off() -> None:
    outcome = star([tally(3, 5, 4, 0), tally(2, 0, 4, 5), tally(1, 2, 2, 0)], THREE)

    assert explanation(outcome, NAMES) == [
        "Round 1: the scores are Ana (17), Ben (22), Cem (10); Ana and Ben go on.",
        "Round 2: voters prefer Ana (3), Ben (2); 1 has no preference.",
        "Ana wins.",
    ]


def test_run_off_of_star_is_told_with_who_has_no_preference() -> None:
    outcome = star([tally(3, 5, 4), tally(2, 4, 4)], Rules((1, 2)))

    assert explanation(outcome, NAMES) == [
        "Round 1: the scores are Ana (23), Ben (20); Ana and Ben go on.",
        "Round 2: voters prefer Ana (3), Ben (0); 2 have no preference.",
        "Ana wins.",
    ]


@pytest.mark.parametrize("count", ["median", "majority_judgment"])
def test_grades_are_told_in_their_words(count: str) -> None:
    outcome = Score().count([tally(2, 2, 0, 1), tally(1, 2, 1, 1)], Rules((1, 2, 3), count=count))

    assert explanation(outcome, NAMES, {0: "poor", 1: "", 2: "very good"}) == [
        "Grades: Ana (very good), Ben (poor), Cem (1).",
        "Ana wins.",
    ]
    assert explanation(outcome, NAMES)[0] == "Points: Ana (2), Ben (0), Cem (1)."


@pytest.mark.parametrize("count", ["sum", "mean"])
def test_figures_that_are_no_grades_are_told_as_numbers(count: str) -> None:
    outcome = Score().count([tally(1, 2, 0, 1)], Rules((1, 2, 3), count=count))

    assert explanation(outcome, NAMES, {0: "poor", 1: "fair", 2: "good"}) == [
        "Points: Ana (2), Ben (0), Cem (1).",
        "Ana wins.",
    ]


def test_words_are_told_before_who_wins() -> None:
    one, many = (
        count_ballots(SingleChoice(), [CountedBallot("1", 2), *said], THREE)
        for said in (
            [CountedBallot("abstain", 1), CountedBallot("none", 1)],
            [CountedBallot("abstain", 3), CountedBallot("none", 2)],
        )
    )

    assert [explanation(outcome, NAMES)[1:] for outcome in (one, many)] == [
        ["1 voter abstained.", '1 voter chose "none of these".', "Ana wins."],
        ["3 voters abstained.", '2 voters chose "none of these".', "Ana wins."],
    ]


def test_weighted_votes_are_told_in_their_measure() -> None:
    half = Decimal("0.5")
    ballots = [CountedBallot("1:1", 5, half), CountedBallot("2:1", 2), CountedBallot("3:1 2:2", 1, half)]
    elimination, pairs = (
        count_ballots(Ranked(), ballots, replace(THREE, count=count), [half]) for count in ("irv", "ranked_pairs")
    )

    assert explanation(elimination, NAMES) == [
        "Round 1: Cem has the fewest votes (0.5) and is out; 0.5 of its votes go to Ben.",
        "Round 2: Ana (2.5) and Ben (2.5) are elected.",
        "Votes are weighted; those for options weigh 5 together.",
        "Round 2: Ana and Ben tie, and all of them win.",
        "Ana and Ben win.",
    ]
    assert explanation(pairs, NAMES)[:2] == [
        "Ana over Cem by 2.5 to 0.5: locked.",
        "Ben over Cem by 2 to 0.5: locked.",
    ]


@pytest.mark.parametrize(
    ("decision", "votes", "sentences"),
    [
        (
            Decision(quorum=20),
            (12, 0),
            ["The count is for Ana.", "There is no quorum: 12 of the 20 votes needed were cast."],
        ),
        (
            Decision(quorum=20),
            (1, 0),
            ["The count is for Ana.", "There is no quorum: 1 of the 20 votes needed was cast."],
        ),
        (
            Decision(quorum=20, pass_threshold=TWO_THIRDS),
            (0, 0),
            ["Nobody wins.", "There is no quorum: 0 of the 20 votes needed were cast."],
        ),
        (
            Decision(quorum=20),
            (25, 0),
            ["Ana wins.", "There is a quorum: 25 votes were cast, 20 needed.", "It has passed."],
        ),
        (
            Decision(quorum=1),
            (1, 0),
            ["Ana wins.", "There is a quorum: 1 vote was cast, 1 needed.", "It has passed."],
        ),
        (
            Decision(pass_threshold=TWO_THIRDS),
            (12, 8),
            ["The count is for Ana.", "With 12 of 20 votes the share needed, 2/3, is not reached: it has failed."],
        ),
        (
            Decision(pass_threshold=TWO_THIRDS),
            (14, 7),
            ["Ana wins.", "With 14 of 21 votes the share needed, 2/3, is reached: it has passed."],
        ),
        (
            Decision(pass_threshold=TWO_THIRDS),
            (1, 0),
            ["Ana wins.", "With 1 of 1 vote the share needed, 2/3, is reached: it has passed."],
        ),
        (Decision(pass_threshold=TWO_THIRDS), (0, 0), ["Nobody wins.", "It has failed."]),
        (
            Decision(quorum=3, pass_threshold=Fraction(3, 5)),
            (2, 1),
            [
                "Ana wins.",
                "There is a quorum: 3 votes were cast, 3 needed.",
                "With 2 of 3 votes the share needed, 0.6, is reached: it has passed.",
            ],
        ),
        (
            Decision(quorum_share=Fraction(1, 2)),
            (2, 1),
            ["The count is for Ana.", "Whether there is a quorum is known when the close is recorded."],
        ),
        (
            Decision(quorum_share=Fraction(1, 2), pass_threshold=TWO_THIRDS),
            (2, 1),
            [
                "The count is for Ana.",
                "Whether there is a quorum is known when the close is recorded.",
                "With 2 of 3 votes the share needed, 2/3, is reached.",
            ],
        ),
        (
            Decision(quorum_share=Fraction(1, 2), pass_threshold=Fraction(1)),
            (2, 1),
            [
                "The count is for Ana.",
                "Whether there is a quorum is known when the close is recorded.",
                "With 2 of 3 votes the share needed, 1, is not reached.",
            ],
        ),
    ],
)
def test_verdict_is_told_with_its_figures(decision: Decision, votes: tuple[int, int], sentences: list[str]) -> None:
    ballots = [CountedBallot("1", votes[0]), CountedBallot("2", votes[1])]

    outcome = count_ballots(SingleChoice(), ballots, replace(THREE, decision=decision))

    assert explanation(outcome, NAMES)[1:] == sentences


def test_share_of_weighted_votes_is_told_in_their_measure() -> None:
    ballots = [CountedBallot("1", 3, Decimal("0.25")), CountedBallot("none", 1, Decimal("0.25"))]
    rules = replace(THREE, decision=Decision(pass_threshold=TWO_THIRDS))

    outcome = count_ballots(SingleChoice(), ballots, rules, [Decimal("0.25")])

    assert explanation(outcome, NAMES) == [
        "Votes: Ana (0.75), Ben (0), Cem (0).",
        '1 voter chose "none of these".',
        "Votes are weighted; those for options weigh 0.75 together.",
        "Ana wins.",
        "With 0.75 of 1 vote the share needed, 2/3, is reached: it has passed.",
    ]


def test_block_defeats_a_proposal_that_has_the_share_needed() -> None:
    rules = replace(FOUR, decision=Decision(pass_threshold=TWO_THIRDS))

    outcome = count_ballots(YesNo(), [CountedBallot("1", 9), CountedBallot("4", 1)], rules)

    assert explanation(outcome, ANSWERS) == [
        "Votes: agree (9), disagree (0), abstain (0), block (1).",
        "The count is for block.",
        "With 9 of 10 votes the share needed, 2/3, is reached; even so it has failed.",
    ]


@pytest.mark.parametrize(
    ("votes", "sentences"),
    [((2, 1), ["agree wins.", "It has passed."]), ((1, 2), ["The count is for disagree.", "It has failed."])],
)
def test_proposal_has_passed_or_failed(votes: tuple[int, int], sentences: list[str]) -> None:
    outcome = count_ballots(YesNo(), [CountedBallot("1", votes[0]), CountedBallot("2", votes[1])], FOUR)

    assert explanation(outcome, ANSWERS)[1:] == sentences


def test_proposal_that_ties_stays_undecided() -> None:
    outcome = YesNo().count([Tally("1", 2), Tally("2", 2)], FOUR)

    assert explanation(outcome, ANSWERS) == [
        "Votes: agree (2), disagree (2), abstain (0), block (0).",
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


def test_tie_that_a_method_of_the_host_s_breaks_in_its_own_way_is_told() -> None:
    tied = SingleChoice().count([Tally("1", 2), Tally("3", 2)], THREE)
    outcome = replace(tied, winners=(3,), ties=(Tie((1, 3), "by_age", (3,)),))

    assert explanation(outcome, NAMES)[1:] == ["Ana and Cem tie; it falls on Cem.", "Cem wins."]


def test_sentences_are_in_the_reader_s_language_where_there_is_one() -> None:
    with override("de"):
        assert "Ana und Cem" in explanation(SingleChoice().count([Tally("1", 2), Tally("3", 2)], THREE), NAMES)[-1]


@pytest.mark.parametrize("way", WAYS, ids=str)
@FEW
@given(data=st.data())
def test_every_way_of_counting_can_be_told(way: Way, data: st.DataObject) -> None:
    weights = st.none() | st.sampled_from([Decimal("0.5"), Decimal(3)])
    ballots = [*data.draw(marked(way, weights)), *data.draw(worded(weights))]

    sentences = explanation(way.counted(ballots, way.rules()), NAMES, {0: "poor"})

    assert all(sentence.endswith(".") and "%(" not in sentence for sentence in sentences)
    assert sentences[-1].endswith(("it has passed.", "it has failed.", "It has failed."))
