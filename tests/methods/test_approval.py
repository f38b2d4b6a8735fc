"""Single choice and approval: which ballots are valid, and how they are counted."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls import exceptions
from django_polls.methods.approval import Approval, SingleChoice
from django_polls.methods.ballots import Ballot, Mark, Tally
from django_polls.methods.outcomes import OptionCount, Outcome
from django_polls.methods.rules import Rules

RULES = Rules((1, 2, 3))


@pytest.mark.parametrize(
    ("ballot", "refusal"),
    [
        (Ballot.of(), exceptions.TooFewOptions),
        (Ballot.of(1, 2), exceptions.TooManyOptions),
        (Ballot.of(1, 1), exceptions.DuplicateOption),
        (Ballot.of(4), exceptions.UnknownOption),
        (Ballot((Mark(1, rank=1),)), exceptions.InvalidBallot),
    ],
)
def test_single_choice_refuses(ballot: Ballot, refusal: type[exceptions.InvalidBallot]) -> None:
    with pytest.raises(refusal) as refused:
        SingleChoice().check(ballot, RULES)

    assert refused.value.code == refusal.code


def test_single_choice_takes_exactly_one_option_whatever_the_poll_says() -> None:
    rules = Rules((1, 2, 3), min_options=0, max_options=3)

    SingleChoice().check(Ballot.of(3), rules)
    for ballot in (Ballot.of(), Ballot.of(1, 2)):
        with pytest.raises(exceptions.InvalidBallot):
            SingleChoice().check(ballot, rules)


@pytest.mark.parametrize(
    ("least", "most", "valid"),
    [(0, None, {0, 1, 2, 3}), (1, None, {1, 2, 3}), (2, 2, {2}), (0, 1, {0, 1}), (3, 3, {3})],
)
def test_approval_takes_as_many_options_as_the_poll_says(least: int, most: int | None, valid: set[int]) -> None:
    rules = Rules((1, 2, 3), least, most)
    limits = {"min_options": least, "max_options": most or 3}
    for number in {0, 1, 2, 3} - valid:
        with pytest.raises((exceptions.TooFewOptions, exceptions.TooManyOptions)) as refusal:
            Approval().check(Ballot.of(*range(1, number + 1)), rules)
        assert refusal.value.params == limits
    for number in valid:
        Approval().check(Ballot.of(*range(1, number + 1)), rules)


def test_refusal_names_the_limit() -> None:
    with pytest.raises(exceptions.TooFewOptions) as refusal:
        Approval().check(Ballot.of(1), Rules((1, 2, 3), min_options=2))

    assert str(refusal.value) == "Mark at least 2 options."


def test_approval_counts_the_marks() -> None:
    tallies = [Tally("1 2", 3), Tally("2 3", 2), Tally("", 4), Tally("1", 1)]

    assert Approval().count(tallies, RULES) == Outcome(
        method="approval",
        version=1,
        tie_rule="declare",
        votes=10,
        options=(OptionCount(1, 4), OptionCount(2, 5), OptionCount(3, 2)),
        winners=(2,),
    )


def test_tied_options_all_win_in_the_order_shown() -> None:
    outcome = SingleChoice().count([Tally("1", 2), Tally("3", 2)], Rules((3, 2, 1)))

    assert outcome.winners == (3, 1)


def test_nobody_wins_without_votes() -> None:
    assert [Approval().count(tallies, RULES).winners for tallies in ([], [Tally("", 5)])] == [(), ()]


ballots = st.lists(st.frozensets(st.sampled_from((1, 2, 3))).map(lambda marked: Ballot.of(*marked)), max_size=30)


@given(ballots, st.randoms(use_true_random=False))
def test_outcome_does_not_depend_on_the_order_or_the_splitting_of_ballots(cast: list[Ballot], random: Random) -> None:
    one_by_one = [Tally(ballot.body, 1) for ballot in cast]
    bodies = [ballot.body for ballot in cast]
    grouped = [Tally(body, bodies.count(body)) for body in sorted(set(bodies))]
    random.shuffle(one_by_one)

    outcome = Approval().count(grouped, RULES)

    assert Approval().count(one_by_one, RULES).to_json() == outcome.to_json()
    assert sum(int(option.votes or 0) for option in outcome.options) == sum(len(ballot.marks) for ballot in cast)
