"""Where the marks of charts stand: shares of the width and the height, whatever the figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls import charts
from django_polls.charts import Label, Line, Rect, Step

pytestmark = pytest.mark.pure


def test_columns_stand_side_by_side_and_their_parts_upon_each_other() -> None:
    steps = [Step(0, 1, ((2.0, "two"), (1.0, "one"))), Step(1, 2, ((0.0, "none"), (4.0, "four")))]

    assert charts.columns(steps, 2, 4) == (
        Rect(0, "two", "5%", "50%", "40%", "50%"),
        Rect(1, "one", "5%", "25%", "40%", "25%"),
        Rect(1, "four", "55%", "0%", "40%", "100%"),
    )


def test_lines_go_level_and_rise_where_the_figure_changes() -> None:
    steps = [Step(0, 3, ((50.0, "a"), (25.0, "b"))), Step(3, 4, ((75.0, "c"), (25.0, "d")))]

    assert charts.lines(steps, 4, 100) == (
        Line(0, "a", "0%", "50%", "75%", "50%"),
        Line(1, "b", "0%", "75%", "75%", "75%"),
        Line(0, "c", "75%", "25%", "100%", "25%"),
        Line(1, "d", "75%", "75%", "100%", "75%"),
        Line(0, "c", "75%", "50%", "75%", "25%"),
    )


@pytest.mark.parametrize(
    ("most", "top", "figures"),
    [
        (0, 1, (0, 1)),
        (1, 1, (0, 1)),
        (2, 2, (0, 1, 2)),
        (3, 5, (0, 1, 2, 3, 4, 5)),
        (10, 10, (0, 2, 4, 6, 8, 10)),
        (11, 20, (0, 5, 10, 15, 20)),
        (60, 100, (0, 25, 50, 75, 100)),
        (4_999, 5_000, (0, 1_250, 2_500, 3_750, 5_000)),
    ],
)
def test_scale_ends_at_a_round_number_and_names_whole_ones(most: int, top: int, figures: tuple[int, ...]) -> None:
    assert (charts.top_for(most), charts.figures_up_to(top)) == (top, figures)


@given(st.integers(0, 10**9))
def test_scale_has_room_for_the_most_and_little_more(most: int) -> None:
    top = charts.top_for(most)

    assert most <= top <= max(2.5 * most, 1)
    assert all(figure == int(figure) for figure in charts.figures_up_to(top))


def test_levels_go_from_the_bottom_up() -> None:
    assert charts.levels(["0", "5", "10"]) == (
        Label("100%", "0", anchor="end"),
        Label("50%", "5", anchor="end"),
        Label("0%", "10", anchor="end"),
    )


def test_places_are_a_few_with_the_first_and_the_last() -> None:
    few, one = [("a", "x"), ("b", "y")], [("a", "x")]
    many = [(str(number), "") for number in range(101)]

    assert charts.places(one) == (Label("50%", "a", "x"),)
    assert charts.places(few) == (Label("0%", "a", "x", "start"), Label("100%", "b", "y", "end"))
    assert charts.places(many) == (
        Label("0%", "0", "", "start"),
        Label("25.248%", "25", "", is_minor=True),
        Label("50%", "50", "", is_minor=True),
        Label("74.752%", "75", "", is_minor=True),
        Label("100%", "100", "", "end"),
    )


def test_bar_of_nothing_has_no_width() -> None:
    assert [charts.bar(1, 3), charts.bar(0, 3), charts.bar(0, 0)] == ["33.333%", "0%", "0%"]
