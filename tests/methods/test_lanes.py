"""Many ballots side by side."""

import pytest

from django_polls.methods.ballots import Tally
from django_polls.methods.lanes import BATCH, Hands, lanes_of
from tests.methods.profiles import A, B, C, profile


def dealt(text: str, *standing: int) -> Hands:
    """Return who has which of these ballots, of which either all or none rank all three options."""
    (lanes,) = lanes_of(profile(text), (A, B, C))
    return lanes.deal(standing)


def votes_in(hands: Hands) -> dict[tuple[int | None, int], int]:
    """Return the votes that each has together with how many."""
    parts = hands.parts(tuple(hands.held), hands.lanes.tops)
    return {(option_id, number): hands.lanes.votes(ballots) for option_id, number, ballots in parts}


def test_ballots_go_to_the_first_of_those_standing() -> None:
    text = "4 A>B>C, 3 B>A>C, 2 C>B>A"

    assert votes_in(dealt(text, A, B, C)) == {(A, 1): 4, (B, 1): 3, (C, 1): 2, (None, 1): 0}
    assert votes_in(dealt(text, A, C)) == {(A, 1): 7, (C, 1): 2, (None, 1): 0}


def test_ballots_on_which_nobody_stands_go_to_nobody() -> None:
    assert votes_in(dealt("4 A>B, 3 B, 2", A, C)) == {(A, 1): 4, (C, 1): 0, (None, 1): 5}


def test_ballots_are_shared_by_those_on_one_place() -> None:
    hands = dealt("5 A=B=C, 4 A=B>C, 3 A>B=C, 2 C>A=B", A, B, C)

    assert votes_in(hands) == {
        (A, 1): 3,
        (B, 1): 0,
        (C, 1): 2,
        (None, 1): 0,
        (A, 2): 4,
        (B, 2): 4,
        (C, 2): 0,
        (None, 2): 0,
        (A, 3): 5,
        (B, 3): 5,
        (C, 3): 5,
        (None, 3): 0,
    }
    assert [hands.alone(option_id) for option_id in (A, B, C)] == [3, 0, 2]


@pytest.mark.parametrize("number", [0, 1, 127, 128, 10**12])
def test_votes_are_told_exactly(number: int) -> None:
    (lanes,) = lanes_of([Tally("1:1", number), Tally("2:1", 5)], (1, 2))

    assert lanes.votes(lanes.tops) == number + 5
    assert lanes.votes(lanes.deal((1,)).held[1]) == number


def test_ballots_come_some_thousand_at_a_time() -> None:
    tallies = [Tally("1:1 2:2", 1)] * (BATCH - 1) + [Tally("2:1", 2)] * 2

    votes = [lanes.votes(lanes.tops) for lanes in lanes_of(iter(tallies), (1, 2))]

    # The first are one ballot short of a batch; ballots that rank all options are kept apart from others.
    assert votes == [BATCH - 1, 2, 2]
