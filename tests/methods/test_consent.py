"""Consent to a proposal: who decides, and what does not."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls import exceptions
from django_polls.methods.ballots import Ballot, Tally, Word
from django_polls.methods.consent import YesNo
from django_polls.methods.outcomes import OptionCount, Outcome, Tie
from django_polls.methods.rules import FinalTies, Rules, Ties

AGREE, DISAGREE, ABSTAIN, BLOCK = ANSWERS = (5, 6, 7, 8)
RULES = Rules(ANSWERS)


def ballots(*votes: int) -> list[Tally]:
    """Return so many votes to agree, disagree, abstain and block."""
    return [Tally(str(answer), number) for answer, number in zip(ANSWERS, votes, strict=True)]


@pytest.mark.parametrize(
    ("ballot", "refusal"),
    [
        (Ballot(), exceptions.TooFewOptions),
        (Ballot.of(AGREE, BLOCK), exceptions.TooManyOptions),
        (Ballot.of(9), exceptions.UnknownOption),
    ],
)
def test_proposal_takes_one_answer(ballot: Ballot, refusal: type[exceptions.InvalidBallot]) -> None:
    YesNo().check(Ballot.of(ABSTAIN), RULES)
    with pytest.raises(refusal):
        YesNo().check(ballot, RULES)


def test_proposal_tells_the_votes_of_each_answer() -> None:
    assert YesNo().count(ballots(7, 2, 3, 0), Rules(ANSWERS, ties=Ties(final=FinalTies.SEED))) == Outcome(
        method="yes_no",
        version=1,
        tie_rule="seed",
        votes=12,
        options=(
            OptionCount(AGREE, 7),
            OptionCount(DISAGREE, 2),
            OptionCount(ABSTAIN, 3),
            OptionCount(BLOCK, 0),
        ),
        winners=(AGREE,),
    )


@pytest.mark.parametrize(
    ("votes", "winners"),
    [
        ((2, 1, 0, 0), (AGREE,)),
        ((1, 0, 99, 0), (AGREE,)),
        ((1, 2, 0, 0), (DISAGREE,)),
        ((0, 1, 99, 0), (DISAGREE,)),
        ((99, 0, 0, 1), (BLOCK,)),
        ((0, 99, 0, 1), (BLOCK,)),
        ((0, 0, 0, 1), (BLOCK,)),
        ((0, 0, 5, 0), ()),
        ((0, 0, 0, 0), ()),
    ],
)
def test_answer_that_decides(votes: tuple[int, int, int, int], winners: tuple[int, ...]) -> None:
    outcome = YesNo().count(ballots(*votes), RULES)

    assert (outcome.winners, outcome.ties) == (winners, ())


def test_as_many_for_as_against_leave_things_as_they_are() -> None:
    outcome = YesNo().count(ballots(3, 3, 1, 0), RULES)

    assert (outcome.winners, outcome.ties) == (
        (DISAGREE,),
        (Tie((AGREE, DISAGREE), "status_quo", (DISAGREE,)),),
    )


@given(st.lists(st.sampled_from(ANSWERS), max_size=20), st.randoms(use_true_random=False))
def test_outcome_does_not_depend_on_the_order_or_the_splitting_of_ballots(cast: list[int], random: Random) -> None:
    one_by_one = [Tally(str(answer), 1) for answer in cast]
    random.shuffle(one_by_one)

    outcome = YesNo().count(ballots(*map(cast.count, ANSWERS)), RULES)

    assert YesNo().count(one_by_one, RULES).to_json() == outcome.to_json()
    assert sum(int(option.votes or 0) for option in outcome.options) == outcome.votes == len(cast)
    assert all(cast.count(winner) for winner in outcome.winners)
    assert (outcome.winners == (AGREE,)) == (BLOCK not in cast and cast.count(AGREE) > cast.count(DISAGREE))


@pytest.mark.parametrize(
    ("rules", "fields"),
    [
        (RULES, set()),
        (Rules((5, 6, 7)), {"options"}),
        (Rules(ANSWERS, count="irv"), {"count"}),
        (Rules(ANSWERS, seats=2), {"seats"}),
        (Rules(ANSWERS, words=frozenset({Word.ABSTAIN})), {"allows_abstention"}),
        (Rules(ANSWERS, words=frozenset({Word.NONE_OF_THESE})), {"allows_none_of_these"}),
        (Rules((), words=frozenset(Word)), {"options", "allows_abstention", "allows_none_of_these"}),
    ],
)
def test_what_speaks_against_a_proposal(rules: Rules, fields: set[str]) -> None:
    assert set(YesNo().faults(rules)) == fields


def test_proposal_says_what_it_has_no_use_for() -> None:
    assert YesNo().faults(Rules(ANSWERS, words=frozenset(Word))) == {
        "allows_abstention": "Abstaining is one of the answers to a proposal.",
        "allows_none_of_these": "Whoever is against a proposal disagrees with it or blocks it.",
    }
