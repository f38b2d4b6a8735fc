"""The single transferable vote as Scotland counts it: the weighted inclusive Gregory method.

Source: the Scottish Local Government Elections Order 2007 (S.S.I. 2007 No. 42), schedule 1, rules 45 to 52.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.preferences import Group, Paper, first_group, shares_of
from django_polls.methods.rounds import Count, Moves, Totals
from django_polls.methods.rules import Quota, Rules

PARTS = 10**5
"""The parts of a vote that are counted, where no ballot shares a place: five decimals, the rest ignored (rule 48)."""


def stv_wigm(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return who fills the seats. A round is a stage: a surplus is passed on, the largest first, or an option excluded.

    The quota is Droop's of the ballots that rank anything (rule 46), or Hare's, rounded up to five decimals. A surplus
    passes on every paper at its value times the surplus, divided by what the option has, cut off after five decimals
    (rule 48); an excluded option's papers keep their value (rule 50). What is cut off counts as exhausted. Options
    elected stay in `totals`, with the quota once their surplus is passed on, so that totals and `exhausted` are always
    the votes. Equal surpluses go by the rounds before, then the first in the order of the seed (rule 49).

    A paper whose first place with options still standing holds several is divided equally among them, exactly: where
    ballots share places a vote has so many more parts. They are one paper again where they meet. An option that a
    ballot leaves out gets nothing from it; one that no ballot ranks is out from the beginning, and a seat stays empty
    rather than go to it. Where no more options than seats are left, all of them win (rule 52), at once if there were no
    more from the beginning. `ranking` has the winners by round and total, then who was left, then who was eliminated,
    the latest first.

    Time is linear in the marks of the distinct ballots for each time that they move.
    """
    count = Count.of(tallies, rules, PARTS)
    count.scale *= shares_of(count.papers)
    quota = _quota(count)
    piles = _Piles(count)
    count.eliminate_unranked()
    while count.standing and not count.is_over:
        count.open_round(piles.totals)
        count.close_round(quota=quota, moves=_stage(count, piles, quota))
    return count.outcome("stv")


def _quota(count: Count) -> int:
    valid = sum(votes for preferences, votes in count.papers if preferences)
    if count.rules.quota is Quota.HARE:
        return -(-valid * count.scale // count.seats)
    return (valid // (count.seats + 1) + 1) * count.scale


def _stage(count: Count, piles: "_Piles", quota: int) -> Moves:
    """Elect, and pass on the largest surplus or else an option's papers; return what went where."""
    totals = count.history[-1]
    count.elect(option_id for option_id in count.standing if totals[option_id] >= quota)
    if count.fill():
        return {}
    largest = max((totals[option_id] for option_id in count.elected), default=quota)
    if largest > quota:
        source = count.first_of(count.shown(option_id for option_id in count.elected if totals[option_id] == largest))
        return piles.pass_surplus(source, largest - quota, count.standing)
    fewest = count.with_fewest()
    if count.settle(fewest):
        return {}
    source = count.last_of(fewest)
    count.eliminate((source,))
    return piles.pass_all(source, count.standing)


class _Piles:
    """Each option's papers, by their place in the count's list, with the value of one vote on each."""

    def __init__(self, count: Count) -> None:
        self.papers = count.papers
        self.totals: Totals = dict.fromkeys(count.standing, 0)
        self.values: dict[int, dict[int, int]] = {option_id: {} for option_id in count.standing}
        self._credit(dict.fromkeys(range(len(self.papers)), count.scale), count.standing)

    def pass_surplus(self, source: int, surplus: int, standing: Group) -> Moves:
        """Pass on an option's papers at the share of their value that is surplus; it keeps the quota."""
        total = self.totals[source]
        self.totals[source] = total - surplus
        shares = {paper: value * surplus // total for paper, value in self.values.pop(source).items()}
        return self._moves(source, surplus, self._credit(shares, standing))

    def pass_all(self, source: int, standing: Group) -> Moves:
        """Pass on an option's papers at their value; it keeps nothing."""
        return self._moves(source, self.totals.pop(source), self._credit(self.values.pop(source), standing))

    def _credit(self, values: Mapping[int, int], standing: Group) -> Totals:
        """Give each paper to the next options on it, and return what each of them received."""
        groups: dict[int | Group, Group] = {option_id: (option_id,) for option_id in standing}
        received: Totals = defaultdict(int)
        for index, value in values.items():
            paper: Paper = self.papers[index]
            heirs = first_group(paper.preferences, groups)
            for option_id in heirs:
                share = value // len(heirs)
                pile = self.values[option_id]
                pile[index] = pile.get(index, 0) + share
                received[option_id] += share * paper.votes
        for option_id, amount in received.items():
            self.totals[option_id] += amount
        return received

    def _moves(self, source: int, amount: int, received: Totals) -> Moves:
        exhausted = {(source, None): amount - sum(received.values())}
        return exhausted | {(source, target): votes for target, votes in received.items()}
