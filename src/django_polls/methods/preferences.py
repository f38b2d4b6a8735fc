"""Ranking ballots as the papers that a count passes on from option to option."""

from collections.abc import Iterable, Mapping
from math import lcm
from typing import NamedTuple

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionCount
from django_polls.methods.rankings import ranking_in

Group = tuple[int, ...]
"""The options on one place of a ballot that are still of interest; empty where nothing is left on it."""

Preferences = tuple[int | Group, ...]
"""The places of a ballot, best first: an option, or a group of several that share the place."""


class Paper(NamedTuple):
    """One distinct ballot and the number of votes that chose it."""

    preferences: Preferences
    votes: int


def papers_in(tallies: Iterable[Tally]) -> list[Paper]:
    """Return the papers of these ballots, blank ones too. Linear in the marks of the distinct ballots."""
    return [Paper(preferences_in(body), votes) for body, votes in tallies]


def preferences_in(body: str) -> Preferences:
    """Return the places of a stored ranking ballot: `"7:2 8:2 9:1"` is `(9, (7, 8))`."""
    numbers = [int(number) for number in body.replace(":", " ").split()]
    by_rank = dict(zip(numbers[1::2], numbers[::2], strict=True))
    if 2 * len(by_rank) == len(numbers):  # no place is shared, as on nearly every ballot
        return tuple([by_rank[rank] for rank in sorted(by_rank)])
    return tuple(group[0] if len(group) == 1 else group for group in ranking_in(body))


def first_group(preferences: Preferences, standing: Mapping[int | Group, Group]) -> Group:
    """Return who of those standing is on the first place that any of them is on; `standing` maps each to its group."""
    for place in preferences:
        if place in standing:
            return standing[place]
        if isinstance(place, tuple):
            group = tuple(option_id for option_id in place if option_id in standing)
            if group:
                return group
    return ()


def shares_of(papers: Iterable[Paper]) -> int:
    """Return into how many parts a vote is divided so that those who share places of these papers share exactly.

    1 where nobody does. Options leave a place one by one, so any number up to the most on one place may share it; and
    what is shared once may be shared again on a later place.
    """
    groups = {place for paper in papers for place in paper.preferences if isinstance(place, tuple)}
    return lcm(*range(1, max(map(len, groups), default=1) + 1)) ** 2


def first_preferences(papers: Iterable[Paper], option_ids: Group) -> tuple[OptionCount, ...]:
    """Return how many votes rank each option alone on the first place."""
    votes = dict.fromkeys(option_ids, 0)
    for preferences, number in papers:
        if preferences and preferences[0] in votes:
            votes[preferences[0]] += number
    return tuple(OptionCount(*pair) for pair in votes.items())


def ranked_options(papers: Iterable[Paper]) -> set[int]:
    """Return the options that any paper ranks."""
    places = {place for preferences, _votes in papers for place in preferences}
    return {option_id for place in places for option_id in (place if isinstance(place, tuple) else (place,))}
