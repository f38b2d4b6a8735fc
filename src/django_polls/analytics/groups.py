"""What the members of each group of a poll chose, without what would tell what few of them did."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import router
from django.db.models import Count, Exists, OuterRef

from django_polls.analytics.activity import FEWEST_VOTES, options_of
from django_polls.methods.outcomes import Outcome
from django_polls.models import Ballot, Poll, Vote
from django_polls.models.polls import Electorate

OTHERS = 0
"""The row of those who voted and are in none of the groups now."""

MOST_CELLS = 1_000
"""A larger table nobody reads, and it takes long to find what may be shown of it."""

Cell = tuple[int, int]
"""A row of the table, and a column."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The votes of a group's present members for each option, in the order shown; None for what is left out.

    `name` is empty for those who are in none of the groups now. Who is in two groups is in two rows.
    """

    name: str
    votes: tuple[int | None, ...]


def option_by_group(poll: Poll, outcome: Outcome) -> tuple[GroupRow, ...]:
    """Return the rows of the poll's groups, by four statements; none where they would tell of too few people.

    There are none either where fewer than two groups vote, where a vote keeps secret what it says, and where votes
    weigh differently, since a row would then tell whose weights they are. It asks nobody who may see it.
    """
    if not _is_fit(poll, outcome):
        return ()
    names, options = {group.pk: group.name for group in poll.groups.all()}, list(outcome.option_votes)
    if not 1 < len(names) <= MOST_CELLS // max(len(options), 1):
        return ()
    cells = _cells(poll, list(names), options)
    hidden = suppressed(cells)
    if not any(votes for cell, votes in cells.items() if cell not in hidden):
        return ()
    shown = {cell: None if cell in hidden else votes for cell, votes in cells.items()}
    rows = dict.fromkeys(row for row, _option in cells)
    return tuple(GroupRow(names.get(row, ""), tuple(shown[row, option] for option in options)) for row in rows)


def _is_fit(poll: Poll, outcome: Outcome) -> bool:
    user = get_user_model()
    has_groups = any(field.name == "groups" and field.related_model is Group for field in user._meta.many_to_many)
    counts_votes = None not in outcome.option_votes.values() and outcome.weight is None
    return poll.electorate == Electorate.GROUPS and has_groups and counts_votes


def _cells(poll: Poll, group_ids: Sequence[int], option_ids: Sequence[int]) -> dict[Cell, int]:
    """Return the votes by group and option, with a row of others only where there are any; empty if one is secret."""
    using = poll._state.db or router.db_for_read(Vote)
    bodies = dict(Ballot.objects.using(using).filter(poll=poll).values_list("pk", "body"))
    cells = {(row, option): 0 for row in group_ids for option in option_ids}
    for row, ballot_id, votes in _rows(poll, group_ids, using):
        if ballot_id is None:
            return {}
        for option in options_of(bodies[ballot_id]):
            # What none of the groups chose is known without them.
            cells.update({(row, each): 0 for each in option_ids if (row, each) not in cells})
            cells[row, option] += votes
    return cells


def _rows(poll: Poll, group_ids: Sequence[int], using: str) -> Iterator[tuple[int, int | None, int]]:
    """Yield group, ballot and number of votes."""
    votes = Vote.objects.using(using).filter(poll=poll).order_by()
    members = get_user_model()._default_manager.filter(groups__in=group_ids, pk=OuterRef("voter"))  # noqa: SLF001
    inside = votes.filter(voter__groups__in=group_ids).values("voter__groups", "ballot").annotate(votes=Count("pk"))
    outside = votes.exclude(Exists(members)).values("ballot").annotate(votes=Count("pk"))
    yield from inside.values_list("voter__groups", "ballot", "votes")
    for ballot_id, number in outside.values_list("ballot", "votes"):
        yield OTHERS, ballot_id, number


def suppressed(cells: Mapping[Cell, int]) -> AbstractSet[Cell]:
    """Return which cells to leave out: those of fewer than `FEWEST_VOTES`, and others until none can be computed.

    The sums of rows and of columns are known from elsewhere. So is every cell of a line whose sum is none, which hides
    nothing and helps to hide nothing. Where no other cell can be kept, all of them go.
    """
    rows = {row for (row, _column), votes in cells.items() if votes}
    columns = {column for (_row, column), votes in cells.items() if votes}
    unknown = {cell: votes for cell, votes in cells.items() if cell[0] in rows and cell[1] in columns}
    hidden = {cell for cell, votes in unknown.items() if votes < FEWEST_VOTES}
    before = -1
    while len(hidden) != before:
        before = len(hidden)
        for cell in sorted(hidden):
            shown = unknown.keys() - hidden
            if shown and _is_exposed(cell, unknown, hidden):
                near = {each for each in shown if _share_a_line(each, cell)} or shown
                hidden.add(min(near, key=lambda each: (cells[each], each)))
    return hidden


def _share_a_line(one: Cell, other: Cell) -> bool:
    return one[0] == other[0] or one[1] == other[1]


def _is_exposed(cell: Cell, cells: Mapping[Cell, int], hidden: AbstractSet[Cell]) -> bool:
    """Whether the sums tell what a cell holds, or that it holds few of the votes that its line leaves out."""
    for axis in (0, 1):
        line = {each for each in cells if each[axis] == cell[axis]}
        if not line <= hidden and sum(cells[each] for each in line & hidden) < FEWEST_VOTES:
            return True
    return _is_bridge(cell, hidden)


def _is_bridge(cell: Cell, hidden: AbstractSet[Cell]) -> bool:
    """Whether a cell is the only way between the lines on its two sides, so that their sums leave one value for it.

    The cells left out are the edges of a graph of rows and columns, in which sums fix the edges that are on no cycle.
    """
    others, rows = hidden - {cell}, {cell[0]}
    while True:
        columns = {column for row, column in others if row in rows}
        if cell[1] in columns:
            return False
        reached = rows | {row for row, column in others if column in columns}
        if reached == rows:
            return True
        rows = reached
