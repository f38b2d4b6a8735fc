"""Ranking ballots side by side in long whole numbers, so that one step of arithmetic looks at thousands of them.

Source: L. Lamport, "Multiple byte processing with full-word instructions", Communications of the ACM 18 (1975).
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import itemgetter
from sys import byteorder
from typing import TypeVar

from django_polls.methods.ballots import Tally
from django_polls.methods.columns import BITS, MOST_BY_POSITION, Columns

BATCH = 8_192

Ranks = int
"""A rank on each ballot, in its lane, whose top bit stays free to hold an answer."""

Option = TypeVar("Option", bound=int | None)

Ballots = int
"""A set of ballots: the top bits of their lanes."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Some ballots, a lane for each: the rank of each option, in the order shown, and the votes by binary digits.

    None is nobody, whom each ballot ranks after all its places and before the options that it leaves out.
    """

    bits: int
    tops: Ballots
    ranks: Mapping[int | None, Ranks]
    digits: Sequence[Ballots]

    def votes(self, ballots: Ballots) -> int:
        """Return how many votes chose these ballots."""
        return sum([(ballots & those).bit_count() << digit for digit, those in enumerate(self.digits)])

    def at_most(self, one: Ranks, other: Ranks) -> Ballots:
        """Return the ballots on which the one rank is less than the other, or equal."""
        return ((other | self.tops) - one) & self.tops

    def deal(self, standing: Iterable[int]) -> "Hands":
        """Give each ballot to who of these options is on the first place that any of them is on, else to nobody."""
        ranks = {option_id: self.ranks[option_id] for option_id in (*standing, None)}
        first = reduce(self._least, ranks.values())
        held = {option_id: self.at_most(rank, first) for option_id, rank in ranks.items()}
        return Hands(self, held, tuple(self._by_holders(held.values())))

    def _least(self, one: Ranks, other: Ranks) -> Ranks:
        ballots = self.at_most(one, other)
        return other ^ ((one ^ other) & (ballots - (ballots >> self.bits)))

    def _by_holders(self, held: Iterable[Ballots]) -> Iterator[Ballots]:
        """Yield the ballots that one option has, then those that two share, and so on."""
        ones = self.tops >> self.bits
        holders = sum([ballots >> self.bits for ballots in held])
        number, left = 2 * ones, self.tops
        while left:
            more = self.at_most(number, holders)
            yield left ^ more
            number, left = number + ones, more


@dataclass(frozen=True, slots=True)
class Hands:
    """The ballots that each option has, alone or with others; `shared` are those of one, those of two, and so on."""

    lanes: Lanes
    held: Mapping[int | None, Ballots]
    shared: Sequence[Ballots]

    def alone(self, option_id: int) -> int:
        """Return how many votes an option has that it shares with no other."""
        return self.lanes.votes(self.held[option_id] & self.shared[0])

    def parts(self, option_ids: Sequence[Option], among: Ballots) -> Iterator[tuple[Option, int, Ballots]]:
        """Yield which of some ballots each of these options has together with how many, itself among them."""
        for number, shared in enumerate(self.shared, 1):
            if ballots := among & shared:
                yield from ((option_id, number, ballots & self.held[option_id]) for option_id in option_ids)


def lanes_of(tallies: Iterable[Tally], option_ids: Sequence[int]) -> Iterator[Lanes]:
    """Yield the ballots, some thousand at a time. Linear in the marks of the distinct ballots."""
    columns = Columns(option_ids)
    ballots = iter(tallies)
    # Those with most votes first, so that the high digits of the votes are short numbers.
    while batch := sorted(islice(ballots, BATCH), key=itemgetter(1), reverse=True):
        full, others = _sorted_out(batch, len(option_ids))
        if full:
            yield _lanes(columns, columns.by_position([body for body, _votes in full]), full)
        if others:
            yield _lanes(columns, columns.by_mark([body for body, _votes in others]), others)


def _sorted_out(batch: list[Tally], size: int) -> tuple[list[Tally], list[Tally]]:
    """Return the ballots that are read by position, and the others."""
    if size > MOST_BY_POSITION:
        return [], batch
    kinds: tuple[list[Tally], list[Tally]] = ([], [])
    for tally in batch:
        kinds[tally.body.count(":") < size].append(tally)
    return kinds


def _lanes(columns: Columns, ranks: Iterable["array[int]"], tallies: Sequence[Tally]) -> Lanes:
    bits = BITS[columns.code] - 1
    tops = _number(array(columns.code, [1 << bits]) * len(tallies))
    numbers: dict[int | None, Ranks] = dict(zip(columns.option_ids, map(_number, ranks), strict=True))
    numbers[None] = (tops >> bits) * (columns.unranked - 1)
    digits = _digits([votes for _body, votes in tallies], columns.code, tops)
    return Lanes(bits, tops, numbers, tuple(digits))


def _digits(votes: Sequence[int], code: str, tops: Ballots) -> Iterator[Ballots]:
    """Yield the ballots whose votes have the last binary digit, then those that have the one before, and so on."""
    bits, most = BITS[code] - 1, max(votes).bit_length()
    for start in range(0, most, bits):
        some = _number(array(code, [number >> start & (1 << bits) - 1 for number in votes]))
        yield from (some << bits - digit & tops for digit in range(min(bits, most - start)))


def _number(lanes: "array[int]") -> int:
    return int.from_bytes(lanes.tobytes(), byteorder)
