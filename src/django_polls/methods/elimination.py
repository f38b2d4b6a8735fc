"""Instant run-off: the option with the fewest votes goes, and its votes go on to whom they prefer next.

Source: W. R. Ware, about 1870, who gave a single seat by T. Hare's transferable vote ("The Machinery of
Representation", 1857); also known as the alternative vote or ranked-choice voting.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate
from math import lcm

from django_polls.methods.base import Outcome, Rules, Tally
from django_polls.methods.preferences import Group, Paper, first_group
from django_polls.methods.rounds import Count, Moves, Totals

Piles = dict[Group, list[Paper]]
"""The papers by the options that share them now; those that nobody has are under the empty group."""


def instant_runoff(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return who has more than half of the votes still in play, when enough of the others are eliminated.

    Each round eliminates one option; or at once the most of those with the fewest votes whose sum is less than what
    the next option has, for none of them could pass it. A paper whose first place with options still in holds several
    is divided equally among them, exactly. An option that a ballot leaves out gets nothing from it: the ballot is
    exhausted when all it ranks are out. `ranking` has the winner, then who else was in the last round by its totals,
    then who was eliminated, the latest first; in one group are those eliminated in one round.

    Time is linear in the marks of the distinct ballots, and in the ballots for each round.
    """
    count = Count.of(tallies, rules, seats=1)
    places = {place for paper in count.papers for place in paper.preferences}
    if any(isinstance(place, tuple) for place in places):
        count.scale = lcm(*range(1, len(rules.option_ids) + 1)) ** 2  # what divides twice by any number of options
    piles: Piles = _sorted_out(count.papers, count.standing)
    while count.standing and not count.is_over:
        count.open_round(_totals(piles, count))
        count.close_round(moves=_decide(piles, count))
    return count.outcome("irv")


def _sorted_out(papers: Iterable[Paper], standing: Group) -> Piles:
    groups: dict[int | Group, Group] = {option_id: (option_id,) for option_id in standing}
    piles: Piles = defaultdict(list)
    for paper in papers:
        piles[first_group(paper.preferences, groups)].append(paper)
    return piles


def _votes(papers: Iterable[Paper]) -> int:
    return sum(votes for _preferences, votes in papers)


def _totals(piles: Piles, count: Count) -> Totals:
    totals = dict.fromkeys(count.standing, 0)
    for group, papers in piles.items():
        share = _votes(papers) * count.scale // max(len(group), 1)
        for option_id in group:
            totals[option_id] += share
    return totals


def _decide(piles: Piles, count: Count) -> Moves:
    """Elect who has more than half of the votes in play, or who wins the last tie, or else eliminate; return moves."""
    totals = count.history[-1]
    ahead = [option_id for option_id in count.standing if 2 * totals[option_id] > sum(totals.values())]
    count.elect(ahead)
    if count.fill() or count.settle(count.with_fewest()):
        return {}
    count.eliminate(_hindmost(count, totals))
    return _pass_on(piles, count)


def _hindmost(count: Count, totals: Totals) -> Group:
    """Return the most options that together have less than the next one has; where none do, one of those that tie."""
    ascending = sorted(count.standing, key=totals.__getitem__)
    pairs = zip(accumulate(map(totals.__getitem__, ascending)), ascending[1:], strict=False)
    behind = [number for number, (sum_, following) in enumerate(pairs, 1) if sum_ < totals[following]]
    return tuple(ascending[: behind[-1]]) if behind else (count.last_of(count.with_fewest()),)


def _pass_on(piles: Piles, count: Count) -> Moves:
    """Move the papers of those who have just left to the next options on them, and return what went where."""
    standing = set(count.standing)
    moves: Moves = defaultdict(int)
    for group in [group for group in piles if not standing.issuperset(group)]:
        for heirs, papers in _sorted_out(piles.pop(group), count.standing).items():
            piles[heirs] += papers
            share = _votes(papers) * count.scale // len(group) // max(len(heirs), 1)
            for source in set(group) - standing:
                for target in heirs or (None,):
                    moves[source, target] += share
    return moves
