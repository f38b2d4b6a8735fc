"""Elections drawn from seeds, for two programs to count."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from django_polls.methods.ballots import Tally

PROFILES = int(os.environ.get("ORACLE_PROFILES", "200"))
"""How many elections each comparison draws."""

Paper = tuple[tuple[int, int], ...]
"""What a ballot gives to options, by their ids: a place, 1 being the best, or a score."""


@dataclass(frozen=True, slots=True)
class Election:
    """Options in the order shown, and the votes by paper."""

    option_ids: tuple[int, ...]
    papers: tuple[tuple[Paper, int], ...]

    @property
    def votes(self) -> int:
        return sum(votes for _paper, votes in self.papers)

    @property
    def rankings(self) -> list[Tally]:
        return [Tally(_ranking_body(dict(paper)), votes) for paper, votes in self.papers]

    @property
    def scores(self) -> list[Tally]:
        return [Tally(" ".join(f"{option}={score}" for option, score in paper), votes) for paper, votes in self.papers]

    @property
    def marks(self) -> list[Tally]:
        return [Tally(" ".join(str(option) for option, _one in paper), votes) for paper, votes in self.papers]

    @property
    def dicts(self) -> list[dict[int, int]]:
        """What each vote gives."""
        return [dict(paper) for paper, votes in self.papers for _vote in range(votes)]

    def without(self, option_id: int) -> "Election":
        """Return the election as if there were no such option."""
        papers = [(tuple(mark for mark in paper if mark[0] != option_id), votes) for paper, votes in self.papers]
        return election_of([option for option in self.option_ids if option != option_id], papers)


def election_of(option_ids: list[int], papers: list[tuple[Paper, int]]) -> Election:
    """Return the election of these papers, equal ones taken together."""
    votes: Counter[Paper] = Counter()
    for paper, number in papers:
        votes[tuple(sorted(paper))] += number
    return Election(tuple(option_ids), tuple(votes.items()))


def _ranking_body(places: dict[int, int]) -> str:
    ranks = {place: rank for rank, place in enumerate(sorted(set(places.values())), 1)}
    return " ".join(f"{option}:{ranks[place]}" for option, place in places.items())


def ranked(
    *, on_a_place: int = 3, may_stop: bool = True, options: int = 7, least: int = 1, elections: int = PROFILES
) -> Iterator[Election]:
    """Draw rankings of at least `least` votes each, of so many options at most.

    Up to `on_a_place` options share a place; `may_stop` leaves options out, all of them sometimes.
    """
    for random, option_ids in _options(options, elections):
        sizes = (1, 1, 1, 2, 3)[: on_a_place + 2] if on_a_place > 1 else (1,)
        fewest = 0 if may_stop else len(option_ids)
        papers = [(_ranking(random, option_ids, sizes, fewest), number) for number in _votes(random, least)]
        yield election_of(option_ids, [*papers, (_ranking(random, option_ids, sizes, len(option_ids)), least)])


def scored(*, may_leave_out: bool = True, papers: int = 20) -> Iterator[Election]:
    """Draw up to so many papers of scores from none to five; `may_leave_out` gives no score to about a fifth."""
    for random, option_ids in _options():
        chance = 0.8 if may_leave_out else 1
        votes = _votes(random, papers=papers)
        yield election_of(option_ids, [(_scores(random, option_ids, chance), number) for number in votes])


def approved() -> Iterator[Election]:
    """Draw sets of options, each with the number one."""
    for random, option_ids in _options():
        sets = [random.sample(option_ids, random.randint(1, len(option_ids))) for _paper in range(20)]
        papers = zip(sets, _votes(random), strict=False)
        yield election_of(option_ids, [(tuple((option, 1) for option in chosen), number) for chosen, number in papers])


def dealt(points: int) -> Iterator[Election]:
    """Draw ballots that deal out all of so many points."""
    for random, option_ids in _options():
        papers = [(Counter(random.choices(option_ids, k=points)), number) for number in _votes(random)]
        yield election_of(option_ids, [(tuple(dots.items()), number) for dots, number in papers])


def _options(most: int = 7, elections: int = PROFILES) -> Iterator[tuple[Random, list[int]]]:
    for number in range(elections):
        random = Random(number)
        yield random, random.sample(range(1, 100), random.randint(3, most))


def _votes(random: Random, least: int = 1, papers: int = 20) -> list[int]:
    """Return the votes for each of some papers: few in some elections, where ties abound, many in others."""
    most = least * (1 + random.choice((1, 4, 50))) - 1
    return [random.randint(least, most) for _paper in range(random.randint(3, papers))]


def _ranking(random: Random, option_ids: list[int], sizes: tuple[int, ...], fewest: int) -> Paper:
    left = random.sample(option_ids, random.randint(fewest, len(option_ids)))
    paper: list[tuple[int, int]] = []
    place = 1
    while left:
        size = random.choice(sizes)
        paper += [(option, place) for option in left[:size]]
        left, place = left[size:], place + 1
    return tuple(paper)


def _scores(random: Random, option_ids: list[int], chance: float) -> Paper:
    return tuple((option, random.randint(0, 5)) for option in option_ids if random.random() < chance)
