"""A count in rounds under way: who is still in it, what each round showed, and how ties are broken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, groupby
from typing import Self

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import (
    Exact,
    OptionCount,
    OptionPoints,
    Outcome,
    Round,
    Tie,
    Transfer,
    exact,
)
from django_polls.methods.preferences import Group, Paper, first_preferences, papers_in, ranked_options
from django_polls.methods.rules import Rules
from django_polls.methods.ties import seed_order

Totals = dict[int, int]
"""What options have, each figure in parts of a vote: so many as the count's `scale`."""

Moves = dict[tuple[int, int | None], int]
"""What goes from one option to another, or to nobody, in the same parts of a vote."""


@dataclass(slots=True)
class Count:
    """What a count in rounds remembers. `standing` are those neither elected nor eliminated, in the order shown."""

    rules: Rules
    votes: int
    options: tuple[OptionCount, ...]
    seats: int
    scale: int
    standing: Group
    papers: list[Paper] = field(default_factory=list)
    is_over: bool = False
    elected: list[int] = field(default_factory=list)
    history: list[Totals] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    _places_won: list[Group] = field(default_factory=list)
    _places_lost: list[Group] = field(default_factory=list)
    _elected: Group = ()
    _eliminated: Group = ()

    @classmethod
    def of(cls, tallies: Iterable[Tally], rules: Rules, scale: int) -> Self:
        """Return a count of papers about to begin; nobody stands in it where no ballot ranks an option."""
        papers = papers_in(tallies)
        is_blank = not any(paper.preferences and paper.votes for paper in papers)
        votes = sum(paper.votes for paper in papers)
        options = first_preferences(papers, rules.option_ids)
        return cls(rules, votes, options, rules.seats, scale, () if is_blank else rules.option_ids, papers)

    @property
    def vacancies(self) -> int:
        """How many seats are not filled yet."""
        return self.seats - len(self.elected)

    @property
    def is_decided(self) -> bool:
        """Whether every seat is filled, or every option left can have one."""
        return self.vacancies == 0 or len(self.standing) <= self.vacancies

    def eliminate_unranked(self) -> None:
        """Take the options that no ballot ranks out of the count."""
        self.eliminate(set(self.standing) - ranked_options(self.papers))

    def open_round(self, totals: Mapping[int, int]) -> None:
        """Begin a round in which the options have these totals."""
        shown = self.shown({*self.standing, *self.elected, *self._eliminated})
        self.history.append({option_id: totals[option_id] for option_id in shown})

    def close_round(self, *, quota: int | None = None, moves: Moves | None = None) -> None:
        """Record the round: its totals, who was elected and eliminated in it, and what moves on from it."""
        totals = self.history[-1]
        elected, eliminated = self.shown(self._elected), self.shown(self._eliminated)
        self._elected = self._eliminated = ()
        points = tuple(OptionPoints(option_id, self._figure(total)) for option_id, total in totals.items())
        exhausted = self._figure(self.votes * self.scale - sum(totals.values()))
        figure = None if quota is None else self._figure(quota)
        self.rounds.append(Round(points, exhausted, figure, elected, eliminated, self._transfers(moves or {})))

    def elect(self, option_ids: Iterable[int]) -> None:
        """Give seats to these options; those with the larger totals are placed better."""
        groups = self._by_total(option_ids)
        elected = tuple(chain.from_iterable(groups))
        self._places_won += groups
        self._elected += elected
        self.elected += elected
        self._leave(elected)

    def eliminate(self, option_ids: Iterable[int]) -> None:
        """Take these options, all on one place, out of the count."""
        group = self.shown(option_ids)
        if group:
            self._places_lost.append(group)
            self._eliminated += group
            self._leave(group)

    def fill(self) -> bool:
        """Say whether the count is decided, all those left elected where there are seats for them."""
        if self.is_decided:
            self.elect(self.standing if self.vacancies else ())
            self.is_over = True
        return self.is_over

    def with_fewest(self, margin: int = 0) -> Group:
        """Return who of those standing has the fewest votes, or no more than `margin` above that."""
        totals = self.history[-1]
        most = margin + min(totals[option_id] for option_id in self.standing)
        return tuple(option_id for option_id in self.standing if totals[option_id] <= most)

    def last_of(self, tied: Group) -> int:
        """Return who of the options tied for elimination goes.

        Who had fewer votes in the latest round before that tells them apart; of those equal in all of them, the last
        in the order of the seed.
        """
        left = self._told_apart(tied, -1)
        return self._break(tied, left, seed_order(left, self.rules.ties.seed)[-1])

    def first_of(self, tied: Group) -> int:
        """Return whose turn it is first, by the same rule the other way round."""
        left = self._told_apart(tied, 1)
        return self._break(tied, left, seed_order(left, self.rules.ties.seed)[0])

    def settle(self, tied: Group) -> bool:
        """Fill the last seats, and say so, where the options with the fewest votes tie for the last place.

        They do where one option has to go and no more; and, if such ties are declared, where all those standing are
        equal. The rounds before are not asked: `rules.ties.final` decides.
        """
        is_declared = self.rules.ties.declares
        is_last = len(self.standing) == self.vacancies + 1
        if len(tied) < 2 or not (is_last or (is_declared and tied == self.standing)):
            return False
        loses = () if is_declared else seed_order(tied, self.rules.ties.seed)[-1:]
        chosen = tuple(option_id for option_id in tied if option_id not in loses)
        self.ties.append(Tie(tied, self.rules.ties.declared_by if is_declared else "seed", chosen, len(self.history)))
        self.elect([option_id for option_id in self.standing if option_id not in loses])
        self.is_over = True
        return True

    def shown(self, option_ids: Iterable[int]) -> Group:
        """Return these options in the order shown."""
        wanted = set(option_ids)
        return tuple(option_id for option_id in self.rules.option_ids if option_id in wanted)

    def outcome(self, name: str) -> Outcome:
        """Return what the count came to, `name` being the way of counting."""
        beaten = self._by_total(self.standing) if self.history else []
        return Outcome(
            "ranked",
            1,
            self.rules.ties.final.value,
            self.votes,
            self.options,
            self.shown(self.elected),
            count=name,
            ranking=(*self._places_won, *beaten, *reversed(self._places_lost)),
            rounds=tuple(self.rounds),
            ties=tuple(self.ties),
        )

    def _told_apart(self, tied: Group, sign: int) -> Group:
        """Return who of them is still level when all rounds before, the latest first, were asked who had most."""
        left = tied
        for totals in reversed(self.history[:-1]):
            most = max(sign * totals[option_id] for option_id in left)
            left = tuple(option_id for option_id in left if sign * totals[option_id] == most)
        return left

    def _break(self, tied: Group, left: Group, chosen: int) -> int:
        if len(tied) > 1:
            broken_by = "previous_rounds" if len(left) == 1 else self.rules.ties.seeded_by
            self.ties.append(Tie(tied, broken_by, (chosen,), len(self.history)))
        return chosen

    def _leave(self, option_ids: Group) -> None:
        self.standing = tuple(option_id for option_id in self.standing if option_id not in option_ids)

    def _by_total(self, option_ids: Iterable[int]) -> list[Group]:
        totals = self.history[-1]
        ordered = sorted(self.shown(option_ids), key=lambda option_id: -totals[option_id])
        return [tuple(group) for _total, group in groupby(ordered, key=lambda option_id: totals[option_id])]

    def _figure(self, parts: int) -> Exact:
        return exact(Fraction(parts, self.scale))

    def _transfers(self, moves: Moves) -> tuple[Transfer, ...]:
        """Return what moves, by source and then by target in the order shown, nobody last."""
        return tuple(
            Transfer(source, target, self._figure(moves[source, target]))
            for source in self.rules.option_ids
            for target in (*self.rules.option_ids, None)
            if moves.get((source, target), 0) > 0
        )
