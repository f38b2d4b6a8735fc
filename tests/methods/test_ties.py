"""The order that breaks ties: anybody can recompute it from the seed."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from django_polls.methods.ties import seed_order


def test_seed_order_is_that_of_the_hashes() -> None:
    hashes = {option_id: sha256(f"seed:{option_id}".encode()).hexdigest() for option_id in (1, 2, 3, 10)}

    assert seed_order([10, 3, 2, 1], b"seed") == tuple(sorted(hashes, key=hashes.__getitem__))


@given(st.sets(st.integers(1, 10**6), min_size=1, max_size=20), st.binary(max_size=32))
def test_seed_order_holds_each_option_once_and_keeps_without_one(options: set[int], seed: bytes) -> None:
    order = seed_order(options, seed)
    without = seed_order(options - {order[0]}, seed)

    assert set(order) == options
    assert without == order[1:]


def test_order_is_the_one_that_the_documentation_computes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "voting-methods.md").read_text(encoding="utf-8")
    told: dict[str, Any] = {}

    exec(page.partition("```python\n")[2].partition("```")[0], told)

    assert tuple(told["order"]) == seed_order(told["option_ids"], bytes.fromhex(told["tie_seed"])) == (7, 9, 8)
    assert told["tie_seed_hash"] == sha256(bytes(32)).hexdigest()
