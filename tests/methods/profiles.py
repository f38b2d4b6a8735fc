"""Ranking ballots as papers on voting write them, and those of real elections."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionPoints, Round
from django_polls.methods.rankings import Ranking, ballot_of
from django_polls.methods.ties import seed_order

LETTERS = "ABCDEFGHIJKLM"
A, B, C, D, E = range(1, 6)


def profile(text: str) -> list[Tally]:
    """Return the tallies of `"4 A>B=C, 3 B, 2"`: A is option 1, `=` puts options on one place, 2 ballots are blank."""
    return [_tally(*line.split()) for line in text.split(",")]


def _tally(votes: str, ranking: str = "") -> Tally:
    groups = [[LETTERS.index(letter) + 1 for letter in group.split("=")] for group in ranking.split(">") if group]
    return Tally(ballot_of(groups).body, int(votes))


def points(*figures: int | str | None) -> tuple[OptionPoints, ...]:
    """Return the points of options 1, 2, 3 and so on; None for those without any."""
    return tuple(OptionPoints(number, figure) for number, figure in enumerate(figures, 1) if figure is not None)


def seed_that_orders(*option_ids: int) -> bytes:
    """Return a seed that puts these options in this order."""
    return next(seed for seed in map(b"%d".__mod__, range(10_000)) if seed_order(option_ids, seed) == option_ids)


def real_tallies(election: dict[str, Any], *, stops_at_ties: bool = False) -> list[Tally]:
    """Return the ballots, by option ids 1, 2, 3 for the candidates in their order.

    Where the election's own rules take several names on a place for an overvote, the ballot stops there.
    """
    ids = {name: number for number, name in enumerate(election["candidates"], 1)}
    return [
        Tally(ballot_of([[ids[name] for name in group] for group in _kept(body, stops_at_ties)]).body, votes)
        for votes, body in election["ballots"]
    ]


def _kept(body: list[list[str]], stops_at_ties: bool) -> list[list[str]]:
    until = next((place for place, group in enumerate(body) if len(group) > 1), len(body))
    return body[:until] if stops_at_ties else body


def named(election: dict[str, Any], rounds: Iterable[Round]) -> list[dict[str, Any]]:
    """Return rounds as the files of real elections have them."""
    names = election["candidates"]
    return [
        {"tally": {names[row.option_id - 1]: row.points for row in one.totals}, "exhausted": one.exhausted}
        for one in rounds
    ]


def rankings(options: int, *, may_tie: bool = True) -> st.SearchStrategy[Ranking]:
    """Draw rankings of up to so many options, blank ones and truncated ones among them."""
    return st.permutations(range(1, options + 1)).flatmap(
        lambda order: st.tuples(
            st.integers(0, options), st.lists(st.integers(1, 3 if may_tie else 1), min_size=options, max_size=options)
        ).map(lambda drawn: _grouped(order[: drawn[0]], drawn[1]))
    )


def _grouped(order: list[int], sizes: list[int]) -> Ranking:
    groups: list[tuple[int, ...]] = []
    while order:
        size = sizes[len(groups)]
        groups.append(tuple(sorted(order[:size])))
        order = order[size:]
    return tuple(groups)


def cast(options: int = 5, *, may_tie: bool = True) -> st.SearchStrategy[list[Tally]]:
    """Draw tallies of rankings, up to twenty of them with up to nine votes each."""
    tally = st.builds(
        lambda groups, votes: Tally(ballot_of(groups).body, votes),
        rankings(options, may_tie=may_tie),
        st.integers(1, 9),
    )
    return st.lists(tally, max_size=20)
