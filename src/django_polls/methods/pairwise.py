"""Counting rankings by pairs of options: the matrix of preferences, and the methods of Schulze and of Copeland.

Sources: M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner
election method", Social Choice and Welfare 36 (2011), and the Constitution of the Debian Project, A.5, which counts so;
A. H. Copeland, "A 'reasonable' social welfare function", University of Michigan (1951).

Below the public functions an option is its place in the order shown, and a set of options is a number with their bits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from operator import add, or_

from django_polls.methods.ballots import Tally
from django_polls.methods.lanes import Lanes, lanes_of
from django_polls.methods.outcomes import OptionCount, OptionPoints, Outcome, exact
from django_polls.methods.rules import Rules
from django_polls.methods.ties import first_place

METHOD = "ranked"
VERSION = 1

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Preferences:
    """What all ballots say together: `pairwise[i][j]` votes prefer option i to j, `first[i]` have it alone on top."""

    votes: int
    first: tuple[int, ...]
    pairwise: Matrix

    @property
    def pairs(self) -> Iterator[list[tuple[int, int]]]:
        """For each option, the votes for and against it beside each option."""
        columns = zip(*self.pairwise, strict=True)
        return (list(zip(row, column, strict=True)) for row, column in zip(self.pairwise, columns, strict=True))


def preferences_in(tallies: Iterable[Tally], option_ids: Sequence[int]) -> Preferences:
    """Return the matrix of preferences, with the first preferences and the number of votes.

    On one ballot each ranked option is preferred to those on later places and to every unranked one; equal ranks and
    two unranked options prefer neither. Linear in the distinct ballots: reading takes a step for each mark, comparing
    a few machine instructions for each pair of options. Memory for some thousand ballots, however many there are.
    """
    votes = 0
    first = [0] * len(option_ids)
    rows = [[0] * len(option_ids) for _option in option_ids]
    for lanes in lanes_of(tallies, option_ids):
        votes += lanes.votes(lanes.tops)
        first = list(map(add, first, map(lanes.deal(option_ids).alone, option_ids)))
        rows = [list(map(add, row, more)) for row, more in zip(rows, _compare(lanes, option_ids), strict=True)]
    return Preferences(votes, tuple(first), tuple(map(tuple, rows)))


def _compare(lanes: Lanes, option_ids: Sequence[int]) -> Iterator[list[int]]:
    """Yield a row of the matrix for each option: the votes of the ballots on which it has the smaller rank."""
    ranks = [lanes.ranks[option_id] for option_id in option_ids]
    votes = lanes.votes(lanes.tops)
    for rank in ranks:
        yield [votes - lanes.votes(lanes.at_most(other, rank)) for other in ranks]


def condorcet_winner(option_ids: Sequence[int], pairwise: Matrix) -> int | None:
    """Return the option that, beside each other option, more votes prefer than not, else None."""
    places = range(len(option_ids))
    for place, option_id in enumerate(option_ids):
        if all(pairwise[place][other] > pairwise[other][place] for other in places if other != place):
            return option_id
    return None


def schulze(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Count by Schulze's method: an option stands above another where its strongest path to it is the stronger one.

    A path leads along pairwise majorities and is as strong as its weakest one. A majority is as strong as its votes
    and, where two have as many, the stronger the fewer are against it: so both sources. `strengths` tells the votes.
    To stand above is transitive, yet options may stand side by side: `ranking` has first those below nobody, then
    those below nobody but these, and so on. One option is elected, whatever `seats` says. Equal ranks and unranked
    options as in `preferences_in`. Cubic in the options.
    """
    preferences = preferences_in(tallies, rules.option_ids)
    paths = _strongest_paths(_links(preferences))
    columns = zip(*paths, strict=True)
    above = [bits(map(int.__gt__, row, column)) for row, column in zip(paths, columns, strict=True)]
    strengths = tuple(tuple(path // (preferences.votes + 1) for path in row) for row in paths)
    return replace(outcome_of("schulze", preferences, rules, unbeaten_first(above)), strengths=strengths)


def _links(preferences: Preferences) -> list[list[int]]:
    """Return each majority's strength as one number: its votes, then how few are against it; zero for none."""
    votes = preferences.votes
    return [
        [ours * (votes + 1) + votes - theirs if ours > theirs else 0 for ours, theirs in row]
        for row in preferences.pairs
    ]


def _strongest_paths(paths: list[list[int]]) -> list[list[int]]:
    """Return the strength of each pair's strongest path, from that of its link.

    R. W. Floyd, "Algorithm 97: Shortest path" (1962), with the weakest link of a path for its length.
    """
    for through in range(len(paths)):
        onward = paths[through]
        paths = [
            [
                known if known >= to_it or known >= further else min(to_it, further)
                for known, further in zip(row, onward, strict=True)
            ]
            if (to_it := row[through])
            else row
            for row in paths
        ]
    return [[0 if place == other else path for other, path in enumerate(row)] for place, row in enumerate(paths)]


def copeland(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Count by Copeland's method: `points` are the options an option beats and half of those it ties with.

    Copeland took the defeats from the victories, which orders the options alike. One option is elected, whatever
    `seats` says. Equal ranks and unranked options as in `preferences_in`. Quadratic in the options.
    """
    preferences = preferences_in(tallies, rules.option_ids)
    halves = [sum((ours >= theirs) + (ours > theirs) for ours, theirs in row) - 1 for row in preferences.pairs]
    return outcome_by_points("copeland", preferences, rules, halves)


def bits(flags: Iterable[bool]) -> int:
    """Return the set of the places whose flags are true."""
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def unbeaten_first(above: Sequence[int]) -> Iterator[list[int]]:
    """Yield groups of places: those that stand below none, then those below none but these, and so on.

    `above` holds for each place the set of those it stands above, itself or not; there must be no cycle.
    """
    left = list(range(len(above)))
    while left:
        below = reduce(or_, (above[place] & ~(1 << place) for place in left))
        yield [place for place in left if not below >> place & 1]
        left = [place for place in left if below >> place & 1]


def outcome_by_points(count: str, preferences: Preferences, rules: Rules, halves: Sequence[int]) -> Outcome:
    """Return the outcome in which more points, given in halves, are better."""
    groups = (
        [place for place, points in enumerate(halves) if points == level] for level in sorted(set(halves), reverse=True)
    )
    points = zip(rules.option_ids, (exact(Fraction(half, 2)) for half in halves), strict=True)
    outcome = outcome_of(count, preferences, rules, groups)
    return replace(outcome, points=tuple(OptionPoints(option_id, figure) for option_id, figure in points))


def outcome_of(count: str, preferences: Preferences, rules: Rules, groups: Iterable[Sequence[int]]) -> Outcome:
    """Return the outcome with this ranking, in groups of places; where no vote prefers anything, nobody wins."""
    ranking = tuple(tuple(rules.option_ids[place] for place in group) for group in groups)
    winners, ties = first_place(ranking[0], rules) if any(map(any, preferences.pairwise)) else ((), ())
    return Outcome(
        method=METHOD,
        version=VERSION,
        tie_rule=rules.ties.final,
        votes=preferences.votes,
        options=tuple(map(OptionCount, rules.option_ids, preferences.first)),
        winners=winners,
        count=count,
        ranking=ranking,
        pairwise=preferences.pairwise,
        ties=ties,
    )
