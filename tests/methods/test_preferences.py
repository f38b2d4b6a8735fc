"""The papers that a count passes on."""

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionCount
from django_polls.methods.preferences import (
    Group,
    Paper,
    first_group,
    first_preferences,
    papers_in,
    preferences_in,
    ranked_options,
)
from tests.methods.profiles import profile


def test_preferences_are_read_from_the_body() -> None:
    assert preferences_in("7:2 8:2 9:1") == (9, (7, 8))
    assert preferences_in("7:3 8:2 10:1") == (10, 8, 7)
    assert preferences_in("") == ()
    assert papers_in([Tally("7:1", 3), Tally("", 2)]) == [Paper((7,), 3), Paper((), 2)]


def test_first_group_has_those_standing() -> None:
    standing: dict[int | Group, Group] = {option_id: (option_id,) for option_id in (1, 2, 4)}

    assert first_group((3, 4, 1), standing) == (4,)
    assert first_group(((3, 5), (1, 2, 3), 4), standing) == (1, 2)
    assert first_group((5, (3, 6)), standing) == ()


def test_first_preferences_are_those_of_one_option_alone() -> None:
    papers = papers_in(profile("4 A>B, 3 A=B, 2, 1 C>A"))

    assert first_preferences(papers, (1, 2, 3)) == (OptionCount(1, 4), OptionCount(2, 0), OptionCount(3, 1))
    assert ranked_options(papers) == {1, 2, 3}
