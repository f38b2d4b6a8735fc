"""What the rules of a poll say of its ties and of what it takes for it to be decided."""

from fractions import Fraction

import pytest

from django_polls.methods.rules import Decision, FinalTies, Ties


@pytest.mark.parametrize(
    ("ties", "declares", "declared_by"),
    [
        (Ties(), True, "declared"),
        (Ties(is_settled=False), True, "declared"),
        (Ties(final=FinalTies.SEED, is_settled=False), True, "at_close"),
    ],
)
def test_all_win_who_tie_where_that_is_the_rule_or_the_seed_is_secret(
    ties: Ties, declares: bool, declared_by: str
) -> None:
    assert (ties.declares, ties.declared_by) == (declares, declared_by)


def test_seed_decides_once_it_is_known() -> None:
    assert not Ties(final=FinalTies.SEED).declares


@pytest.mark.parametrize(
    ("decision", "is_needed", "votes_needed"),
    [
        (Decision(), False, None),
        (Decision(electorate=9), False, None),
        (Decision(quorum=4), True, 4),
        (Decision(pass_threshold=Fraction(1, 2)), True, None),
        (Decision(quorum_share=Fraction(1, 3)), True, None),
        (Decision(quorum_share=Fraction(1, 3), electorate=9), True, 3),
        (Decision(quorum_share=Fraction(1, 3), electorate=10), True, 4),
        (Decision(quorum_share=Fraction(1, 3), electorate=0), True, 1),
        (Decision(quorum_share=Fraction(1), electorate=10**18 + 1), True, 10**18 + 1),
    ],
)
def test_votes_needed_are_a_number_or_a_share_rounded_up(
    decision: Decision, is_needed: bool, votes_needed: int | None
) -> None:
    assert (decision.is_needed, decision.votes_needed) == (is_needed, votes_needed)
