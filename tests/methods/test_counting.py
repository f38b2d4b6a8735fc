"""What holds under every method: ballots that say a word, weighted votes, the quorum and the verdict."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_polls import exceptions
from django_polls.methods.approval import Approval, SingleChoice
from django_polls.methods.ballots import Ballot, CountedBallot, Mark, Word
from django_polls.methods.base import VotingMethod
from django_polls.methods.consent import YesNo
from django_polls.methods.counting import check_ballot, count_ballots
from django_polls.methods.outcomes import (
    OptionCount,
    OptionPoints,
    Outcome,
    Result,
    Round,
    Tie,
    Transfer,
    Verdict,
)
from django_polls.methods.ranked import Ranked
from django_polls.methods.rules import Decision, FinalTies, Rules, Scores, Ties
from django_polls.methods.scored import Score
from tests.methods.ways import WAYS, Way, divided, marked, worded

# There are as many again for each of the sixteen ways of counting.
FEW = settings(max_examples=25)

RULES = Rules((1, 2, 3))
BOTH = Rules((1, 2, 3), words=frozenset(Word))
ABSTAIN, NONE = Ballot(word=Word.ABSTAIN), Ballot(word=Word.NONE_OF_THESE)
TWO_THIRDS = Fraction(2, 3)

in_every_way = pytest.mark.parametrize("way", WAYS, ids=str)
whole = st.none() | st.integers(2, 5).map(Decimal)


def cast(*ballots: tuple[str, int] | tuple[str, int, str]) -> list[CountedBallot]:
    """Return stored ballots: their body, their votes, and what each of these weighs."""
    return [CountedBallot(body, votes, *map(Decimal, weight)) for body, votes, *weight in ballots]


def verdict_of(
    decision: Decision, *ballots: tuple[str, int], method: VotingMethod | None = None, options: int = 3
) -> Verdict | None:
    rules = Rules(tuple(range(1, options + 1)), decision=decision)
    return count_ballots(method or SingleChoice(), cast(*ballots), rules).verdict


def with_voters(outcome: Outcome, ballots: list[CountedBallot]) -> Outcome:
    """Return the outcome as one of these votes, and of those among them that say a word."""
    votes: Counter[str] = Counter()
    for body, number, _weight in ballots:
        votes[body] += number
    return replace(
        outcome,
        votes=votes.total(),
        abstentions=votes[Word.ABSTAIN],
        none_of_these=votes[Word.NONE_OF_THESE],
    )


@pytest.mark.parametrize("ballot", [Ballot.of(1), ABSTAIN, NONE])
def test_ballot_that_marks_an_option_or_says_a_word_is_taken(ballot: Ballot) -> None:
    check_ballot(SingleChoice(), ballot, BOTH)


@pytest.mark.parametrize(
    ("ballot", "words", "refusal"),
    [
        (Ballot(), set(Word), exceptions.TooFewOptions),
        (Ballot.of(4), set(Word), exceptions.UnknownOption),
        (ABSTAIN, set(), exceptions.AbstentionNotAllowed),
        (ABSTAIN, {Word.NONE_OF_THESE}, exceptions.AbstentionNotAllowed),
        (NONE, set(), exceptions.NoneOfTheseNotAllowed),
        (NONE, {Word.ABSTAIN}, exceptions.NoneOfTheseNotAllowed),
        (Ballot((Mark(1),), Word.ABSTAIN), set(Word), exceptions.InvalidBallot),
        (Ballot((Mark(1),), Word.NONE_OF_THESE), set(), exceptions.InvalidBallot),
    ],
)
def test_ballot_is_refused(ballot: Ballot, words: set[Word], refusal: type[exceptions.InvalidBallot]) -> None:
    with pytest.raises(exceptions.InvalidBallot) as refused:
        check_ballot(SingleChoice(), ballot, Rules((1, 2, 3), words=frozenset(words)))

    assert type(refused.value) is refusal


def test_words_are_told_beside_the_votes_of_the_options() -> None:
    ballots = cast(("1", 4), ("abstain", 3), ("none", 2), ("2", 1))

    outcome = count_ballots(SingleChoice(), iter(ballots), BOTH)

    assert outcome == Outcome(
        method="single",
        version=1,
        tie_rule="declare",
        votes=10,
        options=(OptionCount(1, 4), OptionCount(2, 1), OptionCount(3, 0)),
        winners=(1,),
        abstentions=3,
        none_of_these=2,
    )
    assert outcome.base == 5


def test_words_are_no_scores_of_zero() -> None:
    outcome = count_ballots(
        Score(), cast(("1=5", 1), ("1=2", 1), ("abstain", 7), ("none", 7)), Rules((1,), count="mean")
    )

    assert (outcome.points, outcome.votes) == ((OptionPoints(1, "3.5"),), 16)


@pytest.mark.parametrize("ballots", [cast(), cast(("abstain", 2)), cast(("none", 2))])
@in_every_way
def test_nobody_wins_without_votes_for_options(way: Way, ballots: list[CountedBallot]) -> None:
    outcome = way.counted(ballots, way.rules())

    assert (outcome.winners, outcome.base, outcome.weight) == ((), 0, None)
    assert outcome.verdict == Verdict(Result.FAILED, threshold="2/3")


@in_every_way
@FEW
@given(data=st.data(), is_zero=st.booleans())
def test_words_change_no_figure_of_the_options(way: Way, data: st.DataObject, *, is_zero: bool) -> None:
    rules = replace(way.rules(unscored_is_zero=is_zero), decision=Decision())
    ballots, words = data.draw(marked(way, st.none())), data.draw(worded(st.none()))
    without = way.counted(ballots, rules)

    outcome = way.counted([*words, *ballots], rules)

    assert outcome == with_voters(without, [*words, *ballots])
    assert outcome.base == without.votes


@in_every_way
@FEW
@given(data=st.data(), final=st.sampled_from(FinalTies))
def test_vote_that_weighs_more_counts_as_many_votes(way: Way, data: st.DataObject, final: FinalTies) -> None:
    ballots = [*data.draw(marked(way, whole)), *data.draw(worded(whole))]
    rules = way.rules(final)
    equal = way.counted([CountedBallot(body, votes * int(weight or 1)) for body, votes, weight in ballots], rules)

    outcome = way.counted(ballots, rules)

    is_weighted = any(ballot.weight is not None for ballot in ballots)
    assert outcome == replace(with_voters(equal, ballots), weight=equal.base if is_weighted else None)
    assert outcome.base == equal.base
    assert Outcome.from_json(outcome.to_json()) == outcome


@in_every_way
@FEW
@given(data=st.data(), parts=st.sampled_from([2, 4, 5, 10, 1000]), final=st.sampled_from(FinalTies))
def test_fractions_of_votes_count_in_their_common_measure(
    way: Way, data: st.DataObject, parts: int, final: FinalTies
) -> None:
    weights = st.integers(1, 9).map(Decimal)
    # The vote of the smallest weight makes it the measure, in which a transferable vote has its quota.
    ballots = [*data.draw(marked(way, weights)), *data.draw(worded(weights)), *cast(("abstain", 1, "1"))]
    fractions = [CountedBallot(body, votes, (weight or 1) / Decimal(parts)) for body, votes, weight in ballots]
    outcome = way.counted(ballots, way.rules(final))

    assert way.counted(fractions, way.rules(final)) == replace(
        divided(outcome, parts, way), weight=divided_weight(outcome, parts)
    )


def divided_weight(outcome: Outcome, parts: int) -> int | str:
    weight = Decimal(outcome.base) / parts
    return int(weight) if weight == int(weight) else f"{weight.normalize():f}"


@pytest.mark.parametrize("way", [way for way in WAYS if not way.transfers], ids=str)
@FEW
@given(data=st.data(), final=st.sampled_from(FinalTies))
def test_measure_changes_nothing_but_in_a_transferable_vote(way: Way, data: st.DataObject, final: FinalTies) -> None:
    weights = st.none() | st.integers(1, 99).map(lambda number: Decimal(number) / 10)
    ballots = [*data.draw(marked(way, weights)), *data.draw(worded(weights))]

    outcome = way.counted(ballots, way.rules(final))

    assert way.counted(ballots, way.rules(final), Decimal("0.007")) == outcome


def test_weighted_votes_are_told_in_votes() -> None:
    ballots = cast(("1", 2, "1.5"), ("2", 1), ("2", 1, "0.25"), ("abstain", 1, "9.125"), ("none", 2, "2"))
    weights = [ballot.weight for ballot in ballots if ballot.weight]

    outcome = count_ballots(
        Approval(), ballots, replace(BOTH, decision=Decision(pass_threshold=Fraction(1, 3))), weights
    )

    assert outcome == Outcome(
        method="approval",
        version=1,
        tie_rule="declare",
        votes=7,
        options=(OptionCount(1, 3), OptionCount(2, "1.25"), OptionCount(3, 0)),
        winners=(1,),
        abstentions=1,
        none_of_these=2,
        weight="4.25",
        verdict=Verdict(Result.PASSED, support=3, base="8.25", threshold="1/3"),
    )


def test_weighted_rounds_are_told_in_votes() -> None:
    ballots = cast(("1:1", 3, "0.5"), ("2:1 3:2", 1, "1.25"), ("3:1", 2, "0.5"))

    outcome = count_ballots(Ranked(), ballots, Rules((1, 2, 3), count="irv"), [Decimal("0.5"), Decimal("1.25")])

    assert outcome.rounds == (
        Round(
            (OptionPoints(1, "1.5"), OptionPoints(2, "1.25"), OptionPoints(3, 1)),
            eliminated=(3,),
            transfers=(Transfer(3, None, 1),),
        ),
        Round((OptionPoints(1, "1.5"), OptionPoints(2, "1.25")), exhausted=1, elected=(1,)),
    )
    assert (outcome.votes, outcome.weight, outcome.options[1]) == (6, "3.75", OptionCount(2, "1.25"))


def test_droop_quota_of_weighted_votes_is_in_their_measure() -> None:
    ballots = cast(("1:1", 5, "0.5"), ("2:1", 4, "0.5"))

    outcome = count_ballots(Ranked(), ballots, Rules((1, 2, 3), count="stv", seats=2), [Decimal("0.5")])

    # Of nine halves, four are more than two others could have too.
    assert (outcome.rounds[0].quota, outcome.winners) == (2, (1, 2))


def test_weight_of_votes_that_were_withdrawn_is_not_told() -> None:
    with_none = count_ballots(Ranked(), cast(("1:1", 2), ("2:1", 0, "3"), ("abstain", 0, "3")), BOTH, [Decimal(3)])

    assert with_none == count_ballots(Ranked(), cast(("1:1", 2)), BOTH)


def test_poll_that_asks_for_nothing_has_no_verdict() -> None:
    assert [verdict_of(Decision(electorate=9), *ballots) for ballots in ([], [("1", 3)])] == [None, None]


@pytest.mark.parametrize(
    ("decision", "votes", "verdict"),
    [
        (Decision(quorum=5), 5, Verdict(Result.PASSED, quorum=5)),
        (Decision(quorum=5), 4, Verdict(Result.NO_QUORUM, quorum=5)),
        (Decision(quorum=5), 0, Verdict(Result.NO_QUORUM, quorum=5)),
        (Decision(quorum_share=Fraction(1, 2)), 9, Verdict(Result.PENDING)),
        (Decision(quorum_share=Fraction(1, 2), electorate=9), 5, Verdict(Result.PASSED, quorum=5)),
        (Decision(quorum_share=Fraction(1, 2), electorate=9), 4, Verdict(Result.NO_QUORUM, quorum=5)),
        (Decision(quorum_share=Fraction(1, 2), electorate=8), 4, Verdict(Result.PASSED, quorum=4)),
        (Decision(quorum_share=Fraction(1, 3), electorate=7), 3, Verdict(Result.PASSED, quorum=3)),
        (Decision(quorum_share=Fraction(1, 3), electorate=7), 2, Verdict(Result.NO_QUORUM, quorum=3)),
        (Decision(quorum_share=Fraction(1, 2), electorate=0), 0, Verdict(Result.NO_QUORUM, quorum=1)),
    ],
)
def test_quorum_is_a_number_of_votes_or_a_share_of_the_electorate_rounded_up(
    decision: Decision, votes: int, verdict: Verdict
) -> None:
    assert verdict_of(decision, ("1", votes)) == verdict


def test_words_count_for_the_quorum_and_weights_do_not() -> None:
    rules = replace(BOTH, decision=Decision(quorum=4))
    counted = [
        count_ballots(SingleChoice(), ballots, rules, [Decimal(9)]).verdict
        for ballots in (
            cast(("1", 1), ("abstain", 2), ("none", 1)),
            cast(("1", 3, "9")),
            cast(("abstain", 4)),
        )
    ]

    assert counted == [
        Verdict(Result.PASSED, quorum=4),
        Verdict(Result.NO_QUORUM, quorum=4),
        Verdict(Result.FAILED, quorum=4),
    ]


@pytest.mark.parametrize(
    ("ballots", "result", "support", "base"),
    [
        ([("1", 2), ("2", 1)], Result.PASSED, 2, 3),
        ([("1", 666_666), ("2", 333_334)], Result.FAILED, 666_666, 1_000_000),
        ([("1", 666_667), ("2", 333_333)], Result.PASSED, 666_667, 1_000_000),
        ([("1", 2), ("none", 1)], Result.PASSED, 2, 3),
        ([("1", 2), ("none", 2)], Result.FAILED, 2, 4),
        ([("1", 2), ("2", 1), ("abstain", 90)], Result.PASSED, 2, 3),
        ([("1", 2), ("2", 2)], Result.FAILED, 2, 4),
    ],
)
def test_threshold_is_a_share_of_the_votes_that_are_for_or_against(
    ballots: list[tuple[str, int]], result: Result, support: int, base: int
) -> None:
    decision = Decision(pass_threshold=TWO_THIRDS)

    assert verdict_of(decision, *ballots) == Verdict(result, support=support, base=base, threshold="2/3")


@pytest.mark.parametrize(
    ("decision", "verdict"),
    [
        (
            Decision(quorum=4, pass_threshold=TWO_THIRDS),
            Verdict(Result.NO_QUORUM, quorum=4, support=2, base=3, threshold="2/3"),
        ),
        (
            Decision(quorum=3, pass_threshold=Fraction(3, 4)),
            Verdict(Result.FAILED, quorum=3, support=2, base=3, threshold="0.75"),
        ),
        (
            Decision(quorum_share=TWO_THIRDS, pass_threshold=Fraction(1)),
            Verdict(Result.PENDING, support=2, base=3, threshold=1),
        ),
    ],
)
def test_quorum_and_threshold_are_told_together(decision: Decision, verdict: Verdict) -> None:
    assert verdict_of(decision, ("1", 2), ("2", 1)) == verdict


@pytest.mark.parametrize(
    ("ballots", "result"),
    [
        ([("1", 2), ("2", 1)], Result.PASSED),
        ([("1", 1), ("3", 9)], Result.PASSED),
        ([("1", 2), ("2", 2)], Result.FAILED),
        ([("1", 1), ("2", 2)], Result.FAILED),
        ([("1", 99), ("4", 1)], Result.FAILED),
        ([("3", 5)], Result.FAILED),
        ([], Result.FAILED),
    ],
)
def test_proposal_always_has_a_verdict(ballots: list[tuple[str, int]], result: Result) -> None:
    assert verdict_of(Decision(), *ballots, method=YesNo(), options=4) == Verdict(result)


@pytest.mark.parametrize(
    ("ballots", "result", "support", "base"),
    [
        ([("1", 2), ("2", 1), ("3", 9)], Result.PASSED, 2, 3),
        ([("1", 5), ("2", 3)], Result.FAILED, 5, 8),
        ([("1", 2), ("2", 2)], Result.FAILED, 2, 4),
        ([("1", 9), ("4", 1)], Result.FAILED, 9, 10),
        ([("2", 3), ("3", 1)], Result.FAILED, 0, 3),
    ],
)
def test_threshold_of_a_proposal_is_a_share_of_those_who_took_a_side(
    ballots: list[tuple[str, int]], result: Result, support: int, base: int
) -> None:
    verdict = verdict_of(Decision(pass_threshold=TWO_THIRDS), *ballots, method=YesNo(), options=4)

    assert verdict == Verdict(result, support=support, base=base, threshold="2/3")


@in_every_way
def test_tie_for_the_last_place_is_open_until_the_close(way: Way) -> None:
    bodies = {"ranked": ("1:1", "2:1"), "score": ("1=3 2=3", "1=3 2=3"), "dots": ("1=3", "2=3")}
    ballots = cast(*((body, 2) for body in bodies.get(way.method.key, ("1", "2"))))
    rules = replace(way.rules(), seats=1, scores=Scores(most=3), ties=Ties(b"hash", FinalTies.SEED, is_settled=False))

    outcome = way.counted(ballots, rules)

    rounds = {"irv": 2, "stv": 1, "stv_meek": 1, "star": 2}
    if way.method.key == "yes_no":
        assert (outcome.winners, outcome.ties) == ((2,), (Tie((1, 2), "status_quo", (2,)),))
    else:
        assert (outcome.winners, outcome.tie_rule) == ((1, 2), "seed")
        assert outcome.ties[-1] == Tie((1, 2), "at_close", (1, 2), rounds.get(way.count))
