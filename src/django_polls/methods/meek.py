"""The single transferable vote as B. L. Meek proposed it: options that are elected keep a part of each vote they get.

Sources: I. D. Hill, B. A. Wichmann and D. R. Woodall, "Algorithm 123: Single transferable vote by Meek's method" (The
Computer Journal 30, 1987); the rounding, and when to stop, by the Proportional Representation Foundation's "Reference
Meek Rule", which counts with nine decimals as the rules of New Zealand do (Local Electoral Regulations 2001).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.preferences import Group, Paper, Preferences, shares_of
from django_polls.methods.rounds import Count, Moves, Totals
from django_polls.methods.rules import Quota, Rules

PARTS = 10**9
"""The keep value of who keeps all, and the parts of a vote where no ballot shares a place: nine decimals."""

NEGLIGIBLE = 10**6
"""Elected options need not pass on a surplus that is smaller, all together, than a vote divided by this."""

Path = tuple[Group, ...]
"""The groups that a paper passes on its way, to the first in which every option keeps all that it gets."""


def stv_meek(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return who fills the seats. A round ends when someone is elected, or is eliminated for having the fewest votes.

    Each vote goes down its ballot; each option keeps its keep value's share of what reaches it, rounded up. Those
    elected lower their keep values, rounded up, until all their surpluses are less than a millionth of a vote or grow
    no smaller. The quota is computed afresh each time from the votes not exhausted: Droop's is the least figure above
    their division by one more than the seats; Hare's is their division by the seats, rounded up. `totals` has those
    elected too, so that totals and `exhausted` are always the votes. `transfers` tells where an eliminated option's
    votes go at the keep values of its round; the surpluses move bit by bit, as the totals of the next round show.
    Options tie for elimination when the surplus left could bring them level.

    Options on one place share equally what reaches it, exactly where nothing was kept before: where ballots share
    places a vote has so many more parts. What they do not keep goes on to the next place.
    An option that a ballot leaves out gets nothing from it; one that no ballot ranks is out from the beginning, and a
    seat stays empty rather than go to it. Where no more options than seats are left, all of them win, at once if there
    were no more from the beginning. `ranking` has the winners by round and total, then who was left, then who
    was eliminated, the latest first.

    Time is linear in the marks of the distinct ballots for each time that their paths change; what is repeated until
    the surpluses vanish takes only as long as there are distinct paths.
    """
    count = Count.of(tallies, rules, PARTS)
    count.scale *= shares_of(count.papers)
    keeps = dict.fromkeys(count.standing, PARTS)
    count.eliminate_unranked()
    paths = _Paths(count)
    while count.standing and not count.is_over:
        totals, quota = _iterate(count, paths, keeps)
        count.open_round(totals)
        out = _decide(count, quota)
        paths.renew(count)
        count.close_round(quota=quota, moves=_moves(out, totals, paths.totals(keeps)))
    return count.outcome("stv_meek")


def _iterate(count: Count, paths: "_Paths", keeps: Totals) -> tuple[Totals, int]:
    """Lower the keep values of those elected as far as this round does; return what the options have and the quota."""
    before = None
    while True:
        totals = paths.totals(keeps)
        quota = _quota(count, sum(totals.values()))
        surplus = _surplus(count, totals, quota)
        is_reached = any(totals[option_id] >= quota for option_id in count.standing)
        is_stable = surplus * NEGLIGIBLE < count.scale or (before is not None and surplus >= before)
        if count.is_decided or is_reached or is_stable:
            return totals, quota
        for option_id in count.elected:
            kept = _divided_up(_divided_up(keeps[option_id] * quota, PARTS) * PARTS, totals[option_id])
            keeps[option_id] = min(kept, PARTS)
        before = surplus


def _decide(count: Count, quota: int) -> Group:
    """Elect all who reach the quota, or else eliminate and return one of those with the fewest votes."""
    totals = count.history[-1]
    reached = [option_id for option_id in count.standing if totals[option_id] >= quota]
    count.elect(reached)
    fewest = () if count.fill() or reached else count.with_fewest(_surplus(count, totals, quota))
    if not fewest or count.settle(fewest):
        return ()
    out = (count.last_of(fewest),)
    count.eliminate(out)
    return out


def _quota(count: Count, votes: int) -> int:
    if count.rules.quota is Quota.HARE:
        return _divided_up(votes, count.seats)
    return votes // (count.seats + 1) + 1


def _surplus(count: Count, totals: Totals, quota: int) -> int:
    return max(0, sum(totals[option_id] - quota for option_id in count.elected))


def _divided_up(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)


def _moves(out: Group, before: Totals, after: Totals) -> Moves:
    """Return where the votes of the option that is out go, which is what the others have more without it."""
    moves: Moves = {}
    for source in out:
        moves = {(source, target): after[target] - before[target] for target in after if target != source}
        moves[source, None] = before[source] - sum(moves.values())
    return moves


class _Paths:
    """The papers by the path that they take now."""

    def __init__(self, count: Count) -> None:
        self.standing = count.standing
        self.vote = count.scale
        self.piles: dict[Path, list[Paper]] = defaultdict(list)
        self.votes: dict[Path, int] = defaultdict(int)
        self._sort(count.papers, count)

    def renew(self, count: Count) -> None:
        """Sort the papers anew whose path leads by an option that has left, elected or not."""
        changed = set(self.standing).difference(count.standing)
        self.standing = count.standing
        for path in [path for path in self.piles if not changed.isdisjoint(chain.from_iterable(path))]:
            del self.votes[path]
            self._sort(self.piles.pop(path), count)

    def totals(self, keeps: Mapping[int, int]) -> Totals:
        """Return what each option keeps of the votes on all paths."""
        totals = dict.fromkeys(keeps, 0)
        for path, votes in self.votes.items():
            for option_id, kept in _kept(path, keeps, self.vote):
                totals[option_id] += kept * votes
        return totals

    def _sort(self, papers: Iterable[Paper], count: Count) -> None:
        standing = frozenset(count.standing)
        remaining = standing.union(count.elected)
        for paper in papers:
            path = _path(paper.preferences, standing, remaining)
            self.piles[path].append(paper)
            self.votes[path] += paper.votes


def _path(preferences: Preferences, standing: frozenset[int], remaining: frozenset[int]) -> Path:
    path = []
    for place in preferences:
        options = place if isinstance(place, tuple) else (place,)
        group = tuple(option_id for option_id in options if option_id in remaining)
        if group:
            path.append(group)
            if standing.issuperset(group):
                break
    return tuple(path)


def _kept(path: Path, keeps: Mapping[int, int], vote: int) -> Iterator[tuple[int, int]]:
    """Yield what each option on a path keeps of one vote, which has so many parts."""
    weight = vote
    for group in path:
        share = weight // len(group)
        weight = 0
        for option_id in group:
            kept = _divided_up(share * keeps[option_id], PARTS)
            weight += share - kept
            yield option_id, kept
