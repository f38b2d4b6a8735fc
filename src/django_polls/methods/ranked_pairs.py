"""Ranked pairs: pairwise majorities locked one by one, the largest first, where they contradict none before.

Sources: T. N. Tideman, "Independence of clones as a criterion for voting rules", Social Choice and Welfare 4 (1987);
T. M. Zavist and T. N. Tideman, "Complete independence of clones in the ranked pairs rule", 6 (1989).

Below the public function an option is its place in the order shown, and a set of options is a number with their bits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Self

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Majority, Outcome, Tie
from django_polls.methods.pairwise import Matrix, outcome_of, preferences_in, unbeaten_first
from django_polls.methods.rules import Rules
from django_polls.methods.ties import seed_order

Pair = tuple[int, int]
"""The winner and the loser of a pairwise majority."""


def ranked_pairs(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Count by ranked pairs: lock the majorities, the largest margin first, but those that would close a cycle.

    Equal margins go by the order of the seed: the winner that comes first, then the loser that comes last, as by
    Zavist and Tideman's tie-breaking ranking. That is told as a tie only where another order would have locked other
    majorities: where one is refused because of others of its margin. `options` of such a tie are those on a cycle that
    these majorities close, `chosen` those of them that none of them stands above once it is decided.

    Pairs without a majority lock nothing: `ranking` has first the options below nobody, then those below nobody but
    these, and so on. One option is elected, whatever `seats` says. Equal ranks and unranked options as in
    `preferences_in`. Cubic in the options, in steps on sets of them.
    """
    preferences = preferences_in(tallies, rules.option_ids)
    matrix = preferences.pairwise
    order = _Order(1 << place for place in range(len(matrix)))
    majorities: list[Majority] = []
    ties: list[Tie] = []
    for _margin, equal in groupby(_pairs(matrix, rules), key=lambda pair: _margin_of(matrix, pair)):
        before, pairs = order.copy(), list(equal)
        majorities += [_majority(matrix, rules, pair, is_locked=order.lock(pair)) for pair in pairs]
        ties += _ties(before, order, pairs, rules)
    outcome = outcome_of("ranked_pairs", preferences, rules, unbeaten_first(order))
    return replace(outcome, majorities=tuple(majorities), ties=(*ties, *outcome.ties))


def _pairs(matrix: Matrix, rules: Rules) -> list[Pair]:
    """Return the majorities in the order in which they are looked at."""
    ordered = seed_order(rules.option_ids, rules.ties.seed)
    turn = [ordered.index(option_id) for option_id in rules.option_ids]
    places = range(len(matrix))
    pairs = [(winner, loser) for winner in places for loser in places if matrix[winner][loser] > matrix[loser][winner]]
    return sorted(pairs, key=lambda pair: (-_margin_of(matrix, pair), turn[pair[0]], -turn[pair[1]]))


def _margin_of(matrix: Matrix, pair: Pair) -> int:
    winner, loser = pair
    return matrix[winner][loser] - matrix[loser][winner]


def _majority(matrix: Matrix, rules: Rules, pair: Pair, *, is_locked: bool) -> Majority:
    winner, loser = pair
    option_ids = rules.option_ids
    return Majority(option_ids[winner], option_ids[loser], matrix[winner][loser], matrix[loser][winner], is_locked)


class _Order(list[int]):
    """Who stands above whom: for each place the set of itself and of all below it."""

    def copy(self) -> Self:
        return type(self)(self)

    def has(self, upper: int, lower: int) -> bool:
        return bool(self[upper] >> lower & 1)

    def put(self, pair: Pair) -> None:
        """Put the winner, and all that stand above it, above the loser and all below that."""
        winner, loser = pair
        if not self.has(winner, loser):
            below = self[loser]
            self[:] = [lower | below if lower >> winner & 1 else lower for lower in self]

    def lock(self, pair: Pair) -> bool:
        """Put the pair unless that closes a cycle; return whether it is locked."""
        winner, loser = pair
        if self.has(loser, winner):
            return False
        self.put(pair)
        return True

    def cycle(self, place: int) -> tuple[int, ...]:
        """Return the places both above and below this one, itself among them."""
        return tuple(other for other in range(len(self)) if self.has(place, other) and self.has(other, place))


def _ties(before: _Order, after: _Order, pairs: Sequence[Pair], rules: Rules) -> Iterator[Tie]:
    """Yield the ties in which the order of these majorities, of one margin, decided which were locked.

    Those that larger ones refuse are out in any order. If the others close no cycle together, any order locks them all;
    if they do, each of those on it is locked where it comes first, and so the order decided.
    """
    free = [(winner, loser) for winner, loser in pairs if not before.has(loser, winner)]
    if all(after.has(winner, loser) for winner, loser in free):
        return
    together = before.copy()
    for pair in free:
        together.put(pair)
    for cycle in dict.fromkeys(together.cycle(winner) for winner, loser in free if together.has(loser, winner)):
        chosen = [place for place in cycle if not any(after.has(other, place) for other in cycle if other != place)]
        yield Tie(_options(cycle, rules), rules.ties.seeded_by, _options(chosen, rules))


def _options(places: Iterable[int], rules: Rules) -> tuple[int, ...]:
    return tuple(rules.option_ids[place] for place in places)
