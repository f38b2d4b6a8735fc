"""What methods and ways of counting are called in the admin."""

import pytest
from pytest_django import Settings

from django_polls.conf import voting_methods
from django_polls.display.names import COUNTS, count_choices, count_name, method_name
from django_polls.methods.ranked import Ranked


class Local(Ranked):
    """A method of a site, with a way of counting that this package does not know."""

    key = "local"
    label = "Local"
    counts = ("town",)


def test_every_way_of_counting_of_the_package_has_a_name() -> None:
    assert {count for method in voting_methods().values() for count in method.counts} == COUNTS.keys()


def test_ways_of_counting_are_grouped_by_their_method() -> None:
    empty, ranked, score = count_choices()

    assert (empty[0], str(empty[1])) == ("", "The first way of the method")
    assert ranked == (
        "Ranked: put the options in order",
        [
            ("irv", "Instant run-off"),
            ("borda", "Borda: points for each place"),
            ("schulze", "Schulze: options compared in pairs"),
            ("ranked_pairs", "Ranked pairs: the clearest comparisons first"),
            ("copeland", "Copeland: comparisons won"),
            ("stv", "Single transferable vote, for several seats"),
            ("stv_meek", "Single transferable vote by Meek's method"),
        ],
    )
    assert score == (
        "Score: give each option a score",
        [
            ("sum", "Sum of the scores"),
            ("mean", "Mean score"),
            ("median", "Median score"),
            ("star", "STAR: scores, then a run-off of the best two"),
            ("majority_judgment", "Majority judgment"),
        ],
    )


@pytest.mark.parametrize(
    ("method", "count", "names"),
    [
        ("ranked", "schulze", ("Ranked: put the options in order", "Schulze: options compared in pairs")),
        ("ranked", "", ("Ranked: put the options in order", "Instant run-off")),
        ("single", "", ("Single choice", "")),
        ("local", "town", ("Local", "town")),
        ("gone", "", ("gone", "")),
        ("gone", "irv", ("gone", "Instant run-off")),
    ],
)
def test_names_are_those_of_the_method_and_of_its_way(
    method: str, count: str, names: tuple[str, str], settings: Settings
) -> None:
    settings.DJANGO_POLLS_METHODS = [
        "django_polls.methods.approval.SingleChoice",
        "django_polls.methods.ranked.Ranked",
        "tests.test_names.Local",
    ]

    assert (method_name(method), count_name(method, count)) == names
