"""Bodies read as columns of ranks."""

from random import Random

import pytest

from django_polls.methods.columns import MOST_BY_POSITION, Columns
from django_polls.methods.rankings import ballot_of

IDS = (120, 7, 35, 8)


def ranks_of(columns: Columns, body: str) -> list[int]:
    """Return the ranks of the options in the order shown, read one mark after the other."""
    ranks = {int(option_id): int(rank) for option_id, rank in (mark.split(":") for mark in body.split())}
    return [ranks.get(option_id, columns.unranked) for option_id in columns.option_ids]


def test_full_ballots_are_read_by_position() -> None:
    bodies = ["7:2 8:1 35:4 120:3", "7:1 8:1 35:1 120:2"]

    columns = [column.tolist() for column in Columns(IDS).by_position(bodies)]

    assert columns == [[3, 2], [2, 1], [4, 1], [1, 1]]


def test_any_ballots_are_read_by_their_marks() -> None:
    bodies = ["7:2 8:1 35:4 120:3", "35:1", ""]

    columns = [column.tolist() for column in Columns(IDS).by_mark(bodies)]

    assert columns == [[3, 6, 6], [2, 6, 6], [4, 1, 6], [1, 6, 6]]


@pytest.mark.parametrize("size", range(MOST_BY_POSITION + 1))
def test_both_ways_read_the_same(size: int) -> None:
    random = Random(size)
    columns = Columns(random.sample(range(1, 1_200), size))
    groupings = [random.choices(range(size), k=size) for _ballot in range(20)]
    bodies = [
        ballot_of(
            [[columns.option_ids[place] for place in range(size) if group[place] == each] for each in set(group)]
        ).body
        for group in groupings
    ] + [
        ballot_of([[option_id] for option_id in random.sample(columns.option_ids, size)]).body for _ballot in range(20)
    ]

    by_position = columns.by_position(bodies)

    assert by_position == columns.by_mark(bodies)
    assert [list(line) for line in zip(*by_position, strict=True)] == [
        ranks_of(columns, body) for body in bodies if size
    ]
