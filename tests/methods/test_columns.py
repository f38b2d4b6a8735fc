"""Bodies read as columns: by position and by mark they are the same, and no body is taken for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls.methods.columns import MOST_BY_POSITION, Columns
from django_polls.methods.rankings import ballot_of

option_ids = st.lists(st.integers(1, 10**6), min_size=1, max_size=MOST_BY_POSITION, unique=True)
drawn = option_ids.flatmap(lambda ids: st.tuples(st.just(ids), st.lists(st.permutations(ids), min_size=1, max_size=9)))


@given(drawn)
def test_columns_by_position_are_those_by_mark(drawn: tuple[list[int], list[list[int]]]) -> None:
    ids, orders = drawn
    bodies = [ballot_of([[option_id] for option_id in order]).body for order in orders]

    assert Columns(ids).by_position(bodies) == Columns(ids).by_mark(bodies)


def test_columns_of_shared_places() -> None:
    columns = Columns([7, 3]).by_position(["3:1 7:1", "3:2 7:1"])

    assert [list(column) for column in columns] == [[1, 1], [1, 2]]


@pytest.mark.parametrize("body", ["3:1 8:2", "3:1 70:2", "3:2 7:1 9:1"])
def test_body_with_an_unknown_option_is_taken_for_no_other(body: str) -> None:
    with pytest.raises(KeyError):
        Columns([3, 7]).by_position(["3:1 7:2", body])
