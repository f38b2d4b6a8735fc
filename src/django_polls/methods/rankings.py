"""A ranking ballot: which are valid, and its body as groups of options, best first."""

from collections import Counter
from collections.abc import Sequence

from django_polls.exceptions import (
    DuplicateOption,
    InvalidBallot,
    RankGap,
    TiedRanks,
    TooFewOptions,
    TooManyRanks,
    UnknownOption,
)
from django_polls.methods.ballots import Ballot, Mark
from django_polls.methods.rules import Rules

Ranking = tuple[tuple[int, ...], ...]
"""The options of a ballot in groups, best first; several in a group stand on one place. The unranked are not in it."""


def ballot_of(groups: Sequence[Sequence[int]]) -> Ballot:
    """Return the ballot that ranks these groups, best first."""
    return Ballot(tuple(Mark(option_id, rank) for rank, group in enumerate(groups, 1) for option_id in group))


def ranking_in(body: str) -> Ranking:
    """Return the groups of a stored ranking ballot: `"7:2 9:1"` is `((9,), (7,))`."""
    ranked: dict[int, list[int]] = {}
    for mark in body.split():
        option_id, _colon, rank = mark.partition(":")
        ranked.setdefault(int(rank), []).append(int(option_id))
    return tuple(tuple(ranked[rank]) for rank in sorted(ranked))


def check_ranking(ballot: Ballot, rules: Rules) -> None:
    """Raise the child of `InvalidBallot` that says which rule a ranking breaks."""
    if any(mark.rank is None or mark.rank < 1 or mark.score is not None for mark in ballot.marks):
        raise InvalidBallot
    marked = [mark.option_id for mark in ballot.marks]
    if len(set(marked)) < len(marked):
        raise DuplicateOption
    if not set(marked) <= set(rules.option_ids):
        raise UnknownOption
    if len(marked) < rules.min_options:
        raise TooFewOptions(min_options=rules.min_options, max_options=len(rules.option_ids))
    _check_places(Counter(mark.rank for mark in ballot.marks if mark.rank is not None), rules)


def _check_places(places: Counter[int], rules: Rules) -> None:
    most = rules.ranks.most or len(rules.option_ids)
    if len(places) > most:
        raise TooManyRanks(max_ranks=most)
    if places and max(places) > len(places):
        raise RankGap
    if not rules.ranks.may_tie and any(options > 1 for options in places.values()):
        raise TiedRanks
