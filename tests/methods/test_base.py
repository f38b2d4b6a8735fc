"""Ballots by their canonical text, and outcomes by their canonical JSON."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls.methods.ballots import Ballot, Mark, Word
from django_polls.methods.outcomes import (
    Majority,
    OptionCount,
    OptionPoints,
    Outcome,
    Result,
    Round,
    Tie,
    Transfer,
    Verdict,
    exact,
)
from django_polls.methods.rankings import ballot_of
from tests.methods.profiles import rankings


def test_ballot_body_does_not_depend_on_the_order_of_marks() -> None:
    bodies = {Ballot.of(*order).body for order in permutations((10, 9, 2))}

    assert bodies == {"2 9 10"}


def test_ballot_body_shows_ranks_and_scores() -> None:
    ballot = Ballot((Mark(3, rank=1), Mark(1, score=Decimal("2.50")), Mark(2, score=Decimal("1E+2"))))

    assert ballot.body == "1=2.5 2=100 3:1"


def test_equal_ballots_have_equal_bodies_whatever_the_sign_of_nothing() -> None:
    bodies = {Ballot((Mark(1, score=Decimal(text)),)).body for text in ("0", "-0", "0.00", "0E+3")}

    assert bodies == {"1=0"}


option_ids = st.sets(st.integers(1, 99), max_size=6)
scores = st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.integers(-100, 100).map(Decimal)
scored = st.dictionaries(st.integers(1, 99), scores, max_size=6)
ballots = st.one_of(
    st.sampled_from(Word).map(lambda word: Ballot(word=word)),
    option_ids.map(lambda marked: Ballot.of(*sorted(marked))),
    rankings(6).map(lambda ranking: Ballot(tuple(sorted(ballot_of(ranking).marks, key=lambda mark: mark.option_id)))),
    scored.map(lambda given: Ballot(tuple(Mark(number, score=given[number]) for number in sorted(given)))),
)


@given(ballots)
def test_ballot_of_any_kind_is_the_same_after_its_body(ballot: Ballot) -> None:
    again = Ballot.from_body(ballot.body)

    assert (again, again.body) == (ballot, ballot.body)


@pytest.mark.parametrize("body", ["abstained", "x", "1:x", "x:1", "1=", "1=x", "x=1", "1=1=1", "1:1:1"])
def test_ballot_of_a_text_that_is_no_body_is_an_error(body: str) -> None:
    with pytest.raises(ValueError, match=body.partition("=")[2] or body.partition(":")[2] or body):
        Ballot.from_body(body)


def test_ballot_key_is_the_sha_256_of_its_body() -> None:
    keys = [Ballot().key, Ballot.of(1).key]

    assert keys == [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    ]


def test_outcome_is_the_same_after_its_json() -> None:
    outcome = Outcome("single", 1, "declare", 3, (OptionCount(7, 3), OptionCount(8, None)), (7,))

    assert Outcome.from_json(outcome.to_json()) == outcome
    assert outcome.to_json() == (
        '{"method":"single","options":[{"option_id":7,"votes":3},{"option_id":8,"votes":null}],'
        '"tie_rule":"declare","version":1,"votes":3,"winners":[7]}'
    )
    assert outcome.option_votes == {7: 3, 8: None}


def test_outcome_with_every_member_is_the_same_after_its_json() -> None:
    rounds = (
        Round((OptionPoints(1, 3), OptionPoints(2, "2.5")), "0.5", 4, (1,), (2,), (Transfer(2, None, "1/3"),)),
        Round((OptionPoints(1, 3),)),
    )
    outcome = Outcome(
        method="ranked",
        version=1,
        tie_rule="seed",
        votes=6,
        options=(OptionCount(1, 3), OptionCount(2, 2)),
        winners=(1,),
        count="irv",
        ranking=((1,), (2,)),
        points=(OptionPoints(1, "7/2"),),
        rounds=rounds,
        pairwise=((0, 3), (2, 0)),
        strengths=((0, 3), (0, 0)),
        majorities=(Majority(1, 2, 3, 2, is_locked=True),),
        ties=(Tie((1, 2), "seed", (2,), 1), Tie((1, 2), "declared", (1, 2))),
    )

    assert Outcome.from_json(outcome.to_json()) == outcome


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(Result.PASSED),
        Verdict(Result.FAILED, threshold="2/3"),
        Verdict(Result.NO_QUORUM, quorum=20, support=0, base="12.5", threshold="2/3"),
        Verdict(Result.PENDING, support=6, base=12, threshold="0.5"),
    ],
    ids=lambda verdict: verdict.result,
)
def test_outcome_with_a_verdict_is_the_same_after_its_json(verdict: Verdict) -> None:
    outcome = Outcome("single", 1, "seed", 15, (OptionCount(7, 6),), (7,), abstentions=1, weight=12, verdict=verdict)

    again = Outcome.from_json(outcome.to_json())

    assert again == outcome
    assert again.verdict
    assert again.verdict.result is verdict.result


def test_outcome_of_weighted_abstentions_alone_is_the_same_after_its_json() -> None:
    outcome = Outcome("single", 1, "seed", 2, (OptionCount(7, 0),), (), abstentions=2, weight=0)

    assert (Outcome.from_json(outcome.to_json()), outcome.base) == (outcome, 0)


def test_exact_figures() -> None:
    figures: list[Fraction | int] = [
        3,
        Fraction(7, 2),
        Fraction(-1, 8),
        Fraction(1, 3),
        Fraction(1, 10**5),
        Fraction(6, 3),
    ]

    assert [exact(figure) for figure in figures] == [3, "3.5", "-0.125", "1/3", "0.00001", 2]


def test_exact_figures_are_never_rounded_whatever_decimals_the_host_keeps() -> None:
    with localcontext(prec=3):
        figures = [exact(Fraction(10**30 + 1, 2)), exact(Fraction(-12345, 8)), exact(Fraction(10**12 + 1, 10**9))]

    assert figures == [f"5{'0' * 29}.5", "-1543.125", "1000.000000001"]
