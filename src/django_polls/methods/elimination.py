"""Instant run-off: the option with the fewest votes goes, and its votes go on to whom they prefer next.

Source: W. R. Ware, about 1870, who gave a single seat by T. Hare's transferable vote ("The Machinery of
Representation", 1857); also known as the alternative vote or ranked-choice voting.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate
from math import lcm

from django_polls.methods.ballots import Tally
from django_polls.methods.lanes import Hands, lanes_of
from django_polls.methods.outcomes import OptionCount, Outcome
from django_polls.methods.preferences import Group
from django_polls.methods.rounds import Count, Moves, Totals
from django_polls.methods.rules import Rules


def instant_runoff(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return who has more than half of the votes still in play, when enough of the others are eliminated.

    Each round eliminates one option; or at once the most of those with the fewest votes whose sum is less than what
    the next option has, for none of them could pass it. A paper whose first place with options still in holds several
    is divided equally among them, exactly. An option that a ballot leaves out gets nothing from it: the ballot is
    exhausted when all it ranks are out. `ranking` has the winner, then who else was in the last round by its totals,
    then who was eliminated, the latest first; in one group are those eliminated in one round.

    Time is linear in the marks of the distinct ballots; a round takes a few machine instructions for each option on
    each of them.
    """
    hands = [lanes.deal(rules.option_ids) for lanes in lanes_of(tallies, rules.option_ids)]
    count = _begun(hands, rules)
    while count.standing and not count.is_over:
        count.open_round(_totals(hands, count))
        count.close_round(moves=_pass_on(hands, _decide(count), count))
    return count.outcome("irv")


def _begun(hands: Iterable[Hands], rules: Rules) -> Count:
    """Return the count; its parts of a vote divide twice by any number of options."""
    scale = lcm(*range(1, len(rules.option_ids) + 1)) ** 2
    votes = sum(hand.lanes.votes(hand.lanes.tops) for hand in hands)
    blank = sum(hand.lanes.votes(hand.held[None]) for hand in hands)
    options = tuple(OptionCount(each, sum(hand.alone(each) for hand in hands)) for each in rules.option_ids)
    return Count(rules, votes, options, 1, scale, rules.option_ids if votes > blank else ())


def _totals(hands: Iterable[Hands], count: Count) -> Totals:
    totals = dict.fromkeys(count.standing, 0)
    for hand in hands:
        for option_id, number, ballots in hand.parts(count.standing, hand.lanes.tops):
            totals[option_id] += hand.lanes.votes(ballots) * count.scale // number
    return totals


def _decide(count: Count) -> Group:
    """Elect who has more than half of the votes in play, or who wins the last tie, or else return who is eliminated."""
    totals = count.history[-1]
    ahead = [option_id for option_id in count.standing if 2 * totals[option_id] > sum(totals.values())]
    count.elect(ahead)
    if count.fill() or count.settle(count.with_fewest()):
        return ()
    out = _hindmost(count, totals)
    count.eliminate(out)
    return out


def _hindmost(count: Count, totals: Totals) -> Group:
    """Return the most options that together have less than the next one has; where none do, one of those that tie."""
    ascending = sorted(count.standing, key=totals.__getitem__)
    pairs = zip(accumulate(map(totals.__getitem__, ascending)), ascending[1:], strict=False)
    behind = [number for number, (sum_, following) in enumerate(pairs, 1) if sum_ < totals[following]]
    return tuple(ascending[: behind[-1]]) if behind else (count.last_of(count.with_fewest()),)


def _pass_on(hands: list[Hands], out: Group, count: Count) -> Moves:
    """Deal the ballots anew without those who have just left, and return what went where."""
    moves: Moves = defaultdict(int)
    for index, before in enumerate(hands if out else ()):
        hands[index] = after = before.lanes.deal(count.standing)
        for source, sharers, ballots in before.parts(out, before.lanes.tops):
            for target, heirs, passed in after.parts((*count.standing, None), ballots):
                moves[source, target] += before.lanes.votes(passed) * count.scale // sharers // heirs
    return moves
