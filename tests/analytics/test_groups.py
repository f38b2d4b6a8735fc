"""Options by group: right where it may be told, and nothing from which a small cell could be computed."""

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls import results
from django_polls.analytics.activity import FEWEST_VOTES
from django_polls.analytics.groups import Cell, GroupRow, option_by_group, suppressed
from django_polls.identity import Voter
from django_polls.models import Poll, Vote
from tests.analytics.votes import members, vote_at
from tests.factories import PollFactory

NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)


def cells_of(*rows: tuple[int, ...]) -> dict[Cell, int]:
    return {(row, column): votes for row, line in enumerate(rows) for column, votes in enumerate(line)}


def shown(*rows: tuple[int, ...]) -> list[list[int | None]]:
    """Return a table with what is suppressed left out."""
    cells = cells_of(*rows)
    hidden = suppressed(cells)
    return [
        [None if (row, column) in hidden else votes for column, votes in enumerate(line)]
        for row, line in enumerate(rows)
    ]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("rows", "left"),
    [
        # Nothing is small.
        ([(5, 6), (7, 8)], [[5, 6], [7, 8]]),
        # One small cell takes one of its row, one of its column, and the one that closes the circle.
        ([(4, 9, 30), (8, 20, 40), (50, 60, 70)], [[None, None, 30], [None, None, 40], [50, 60, 70]]),
        # A group that is of one mind would tell it of everybody in it.
        ([(6, 0), (20, 30)], [[None, None], [None, None]]),
        # Two small cells that hold few votes together take a third of their line.
        (
            [(1, 1, 40, 50), (1, 1, 60, 70), (9, 8, 80, 90)],
            [[None, None, None, 50], [None, None, None, 70], [None, None, 80, 90]],
        ),
        # What is known to be nothing hides nothing.
        ([(0, 0, 0), (4, 9, 0), (8, 20, 0)], [[0, 0, 0], [None, None, 0], [None, None, 0]]),
        ([(0, 0), (6, 9), (8, 20)], [[0, 0], [6, 9], [8, 20]]),
        ([(3,), (9,)], [[None], [None]]),
        ([(), ()], [[], []]),
    ],
)
def test_small_cells_go_with_what_would_tell_them(rows: list[tuple[int, ...]], left: list[list[int | None]]) -> None:
    assert shown(*rows) == left


@pytest.mark.pure
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_sums_leave_a_small_cell_one_value(lines: list[list[int]]) -> None:
    cells = cells_of(*map(tuple, lines))
    hidden = suppressed(cells)

    assert {cell for cell, votes in cells.items() if 0 < votes < FEWEST_VOTES} <= hidden
    if any(votes for cell, votes in cells.items() if cell not in hidden):
        assert [cell for cell in hidden if is_fixed(cell, hidden)] == []


def is_fixed(cell: Cell, hidden: AbstractSet[Cell]) -> bool:
    """Whether the sums of the lines leave a cell one value, by elimination: the code under test looks for circles."""
    order = [*sorted(hidden - {cell}), cell]
    lines = sorted({(axis, each[axis]) for each in hidden for axis in (0, 1)})
    rows = [[Fraction(each[axis] == line) for each in order] for axis, line in lines]
    pivots = 0
    for column in range(len(order) - 1):
        pivot = next((row for row in range(pivots, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[pivots], rows[pivot] = rows[pivot], rows[pivots]
        for row in range(len(rows)):
            if row != pivots and rows[row][column]:
                factor = rows[row][column] / rows[pivots][column]
                rows[row] = [one - factor * other for one, other in zip(rows[row], rows[pivots], strict=True)]
        pivots += 1
    return any(row[-1] for row in rows[pivots:])


class Case:
    """A poll of two groups and three options, and who is in the groups."""

    def __init__(self) -> None:
        self.board, self.staff = Group.objects.create(name="Board"), Group.objects.create(name="Staff")
        PollFactory(options=3, electorate="groups").groups.set([self.board, self.staff])
        self.poll = Poll.objects.get()

    def cast(self, users: list[User], *numbers: int) -> None:
        """Cast so many of these users' votes for each option in turn."""
        left = iter(users)
        for option, number in enumerate(numbers):
            for _ in range(number):
                vote_at(self.poll, NOW, option, Voter.from_user(next(left)))

    def rows(self) -> tuple[GroupRow, ...]:
        return option_by_group(self.poll, results.outcome_of(self.poll))


@pytest.fixture
def case(db: None) -> Case:
    return Case()


def test_rows_are_of_the_groups_in_the_order_of_their_names(
    case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case.cast(members(case.staff, 24), 9, 10, 5)
    case.cast(members(case.board, 22), 7, 6, 9)
    outcome = results.outcome_of(case.poll)

    with django_assert_num_queries(4):  # groups, ballots, members' votes, others' votes
        rows = option_by_group(case.poll, outcome)

    assert rows == (GroupRow("Board", (7, 6, 9)), GroupRow("Staff", (9, 10, 5)))


def test_who_is_in_two_groups_is_in_two_rows(case: Case) -> None:
    users = members(case.board, 15)
    case.staff.user_set.set(users)
    case.cast(users, 5, 5, 5)

    assert case.rows() == (GroupRow("Board", (5, 5, 5)), GroupRow("Staff", (5, 5, 5)))


def test_who_is_in_no_group_now_is_in_a_row_of_their_own(case: Case) -> None:
    case.cast(members(case.board, 22), 7, 6, 9)
    case.cast(members(case.staff, 24), 9, 10, 5)
    case.staff.user_set.set([])

    assert case.rows() == (GroupRow("Board", (7, 6, 9)), GroupRow("Staff", (0, 0, 0)), GroupRow("", (9, 10, 5)))


def test_poll_of_few_votes_has_no_rows(case: Case) -> None:
    case.cast(members(case.board, 4), 2, 1, 1)
    case.cast(members(case.staff, 6), 5, 1, 0)

    assert case.rows() == ()


def test_small_cells_of_a_poll_are_left_out(case: Case) -> None:
    case.cast(members(case.board, 44), 4, 10, 30)
    case.cast(members(case.staff, 78), 8, 20, 50)

    assert case.rows() == (GroupRow("Board", (None, None, 30)), GroupRow("Staff", (None, None, 50)))


def test_leavers_are_few_and_take_others_with_them(case: Case) -> None:
    case.cast(members(case.board, 46), 6, 10, 30)
    case.cast(members(case.staff, 78), 8, 20, 50)
    case.staff.user_set.remove(case.staff.user_set.order_by("pk")[0])

    rows = case.rows()

    assert [row.name for row in rows] == ["Board", "Staff", ""]
    assert rows[2].votes == (None, None, None)
    assert [None in column for column in zip(*(row.votes for row in rows[:2]), strict=True)] == [True, True, True]


@pytest.mark.parametrize("change", ["one group", "users", "scores", "secret", "weighted", "large"])
def test_no_rows_where_they_would_tell_too_much_or_nothing(
    change: str, case: Case, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if change == "weighted":
        settings.DJANGO_POLLS_POLICY = "tests.analytics.test_activity.Heavy"
    if change != "scores":
        case.cast(members(case.staff, 24), 9, 10, 5)
        case.cast(members(case.board, 22), 7, 6, 9)
    if change == "one group":
        case.poll.groups.set([case.staff])
    elif change == "secret":
        QuerySet(Vote).filter(pk=case.poll.votes.first().pk).update(ballot=None)
    elif change == "large":
        monkeypatch.setattr("django_polls.analytics.groups.MOST_CELLS", 5)
    else:
        Poll.objects.update(
            **{"users": {"electorate": "users"}, "scores": {"method": "score"}}.get(change, {"title": "T"})
        )
    case.poll = Poll.objects.get()

    assert case.rows() == ()
